from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.filters.breaker import BreakerFilter
from chalicelib.scheduler.profile import SPREAD
from chalicelib.scheduler.rule import Scope
from tests.builders import a_pod, a_spec

OPEN = a_spec(open_circuits=frozenset({"pod-a"}), bound_to="pod-a")


def test_a_pod_with_an_open_circuit_is_rejected_for_this_request():
    assert BreakerFilter().reject(a_pod("pod-a"), OPEN).scope is Scope.REQUEST
    assert BreakerFilter().reject(a_pod("pod-b"), OPEN) is None


def test_while_all_circuits_are_closed_nobody_is_asked():
    assert not BreakerFilter().applies(a_spec())
    assert BreakerFilter().applies(OPEN)


def test_the_bound_pods_open_circuit_diverts_and_the_binding_stays():
    decision = decide(snapshot_of([a_pod("pod-a"), a_pod("pod-b")]), OPEN, SPREAD, "decision-1")

    assert (decision.action, decision.selected.pod.pod_id) == (Action.DIVERT, "pod-b")
