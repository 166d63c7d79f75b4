"""A pod that is drained: its projects, what the queue holds, and where the bindings are."""

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.model.affinity import GENERAL
from chalicelib.model.binding import BindingKey, change_of
from chalicelib.model.page import BindingQuery
from tests.builders import a_binding, a_flavor, a_pod
from tests.service.desk import OPERATOR, Desk

ROOMY = {"m1.small": a_flavor()}
EVERYTHING = BindingQuery()


def a_desk(projects=3, bindings=None, **of_b):
    """Projects bound to pod a; pod b beside it has room. ``bindings`` is a scripted store."""
    pods = a_pod("a", catalogue=ROOMY), a_pod("b", **{"catalogue": ROOMY, **of_b}), a_pod("far", "az2")
    desk = Desk(*pods, bindings=bindings or MemoryBindingStore())
    for number in range(projects):
        bind(desk, f"p{number}")
    return desk


def bind(desk, project_id, pod_id="a", group=GENERAL):
    desk.bindings.commit(change_of(None, a_binding(pod_id, project_id=project_id, affinity_group=group)))


def key(project_id):
    return BindingKey(project_id, "az1", GENERAL)


def where(desk):
    return {b.key.project_id: b.pod_id for b in desk.bindings.find(EVERYTHING)}


def start(desk, rate=600):
    return desk.jobs.start("a", rate, OPERATOR).job_id


def deliver(desk, most=100):
    """Run what the queue holds, and what that sends, until nothing is left."""
    for _ in range(most):
        if not desk.queue.messages:
            return
        message = desk.queue.messages.pop(0)
        desk.clock.passes(message.delay_seconds)
        desk.slices.run(message.job_id, message.turn)
    raise AssertionError("the job doesn't end")


def outcomes(desk, job_id):
    return {step.key.project_id: step.outcome.value for step in desk.job_store.steps(job_id)}
