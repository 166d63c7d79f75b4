"""The admin API's pods resource."""

from __future__ import annotations

from datetime import datetime

from chalicelib import wiring
from chalicelib.api.admin.capacity_bodies import write_capacity
from chalicelib.api.admin.job_bodies import read_rate, write_progress
from chalicelib.api.admin.pod_bodies import read_pod_create, read_pod_update, write_pod, write_pod_with
from chalicelib.api.admin.queries import PAGING, read_flag, read_page, read_query
from chalicelib.api.call import Call, Reply
from chalicelib.model.fields import one_of
from chalicelib.model.pod import Pod, PodState
from chalicelib.service.operating.pod_query import PodQuery


def create_pod(call: Call) -> Reply:
    """Register a pod; 200, as in the original blueprint."""
    read_query(call.query, ())
    order = read_pod_create(call.json(single_keys=True))
    pod, warnings = wiring.services().pods.register(order.fields, call.caller, order.force)
    return Reply(200, write_pod_with(pod, _now(), warnings))


def list_pods(call: Call) -> Reply:
    """All pods, or those of a zone, in a state, or of a name; oldest first."""
    # An empty az_name asks for the top region.
    asked = read_query(call.query, ("az_name", "state", "pod_name", *PAGING), ("az_name", "marker"))
    state = one_of(PodState)("state", asked["state"]) if "state" in asked else None
    query = PodQuery(az_name=asked.get("az_name"), state=state, pod_name=asked.get("pod_name"))
    pods = wiring.services().pods.list(query, read_page(asked))
    return Reply(200, {"pods": [write_pod(pod, _now()) for pod in pods]})


def show_pod(call: Call) -> Reply:
    read_query(call.query, ())
    return _shown(wiring.services().pods.get(call.path["pod_id"]))


def update_pod(call: Call) -> Reply:
    """Change what the body names, if nobody wrote the pod since the generation that the body names."""
    read_query(call.query, ())
    pods = wiring.services().pods
    held = pods.get(call.path["pod_id"])
    order = read_pod_update(call.json(single_keys=True), held)
    pod, warnings = pods.update(held, order.generation, order.fields, call.caller, order.force)
    return Reply(200, write_pod_with(pod, _now(), warnings))


def delete_pod(call: Call) -> Reply:
    """Forget a pod that nothing refers to; ``force`` also forgets which projects were placed there."""
    asked = read_query(call.query, ("force",))
    wiring.services().pods.delete(call.path["pod_id"], read_flag("force", asked.get("force", "false")))
    return Reply(204)


def cordon_pod(call: Call) -> Reply:
    """The pod takes nothing new; its bindings stay."""
    return _set_state(call, PodState.CORDONED)


def uncordon_pod(call: Call) -> Reply:
    """The pod is back in service; a drain ends too."""
    return _set_state(call, PodState.ENABLED)


def drain_pod(call: Call) -> Reply:
    """The pod takes nothing new; a binding moves at its project's next create.

    With a rate in the body, a job moves the bindings without waiting for that: 202.
    """
    if not call.raw_body.strip():
        return _set_state(call, PodState.DRAINING)
    read_query(call.query, ())
    jobs = wiring.services().jobs
    job = jobs.start(call.path["pod_id"], read_rate(call.json(single_keys=True)), call.caller)
    return Reply(202, {"job": write_progress(jobs.progress(job.job_id))})


def refresh_pod(call: Call) -> Reply:
    """Read the pod's capacity now, and show it; an ``error`` says why the last report stays."""
    read_query(call.query, ())
    done = wiring.services().pod_refresh.refresh(call.path["pod_id"])
    pod, at = wiring.services().pods.observed(call.path["pod_id"])
    outcome = {"refreshed": not done.error, "error": done.error or None}
    return Reply(200, {"refresh": outcome, "capacity": write_capacity(pod, at)})


def show_capacity(call: Call) -> Reply:
    """What the pod last reported, how old the report is, and how full the pod is."""
    read_query(call.query, ())
    pod, at = wiring.services().pods.observed(call.path["pod_id"])
    return Reply(200, {"capacity": write_capacity(pod, at)})


def _set_state(call: Call, state: PodState) -> Reply:
    read_query(call.query, ())
    return _shown(wiring.services().pods.set_state(call.path["pod_id"], state))


def _shown(pod: Pod) -> Reply:
    return Reply(200, {"pod": write_pod(pod, _now())})


def _now() -> datetime:
    return wiring.services().pods.clock()
