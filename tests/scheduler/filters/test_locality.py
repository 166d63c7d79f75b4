from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.decision_codec import pack, unpack
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.filters.locality import LocalityFilter
from chalicelib.scheduler.profile import SPREAD
from chalicelib.scheduler.rule import Rejection, Scope
from chalicelib.scheduler.sentences import sentence
from tests.builders import a_pod, a_spec
from tests.scheduler.reference import replay

PINNED = a_spec(
    pinned_pod_ids={"network n1": frozenset({"pod-a", "pod-b"}), "volume v1": frozenset({"pod-b"})},
    bound_to="pod-a",
)
PODS = [a_pod("pod-a"), a_pod("pod-b"), a_pod("pod-c")]


def test_a_pod_must_hold_all_that_the_request_names():
    assert LocalityFilter().reject(PODS[1], PINNED) is None
    rejection = LocalityFilter().reject(PODS[0], PINNED)
    assert rejection == Rejection("locality", Scope.REQUEST, "elsewhere", ("volume v1",))
    assert LocalityFilter().reject(PODS[2], PINNED).numbers == ("network n1",)
    assert sentence(rejection) == "doesn't hold the volume v1 that the request names"


def test_a_request_that_names_nothing_asks_nobody():
    assert not LocalityFilter().applies(a_spec())
    assert LocalityFilter().applies(PINNED)


def test_what_lives_elsewhere_diverts_and_a_kept_decision_replays():
    decision = decide(snapshot_of(PODS), PINNED, SPREAD, "decision-1")
    assert (decision.action, decision.selected.pod.pod_id) == (Action.DIVERT, "pod-b")

    kept = unpack(pack(decision))

    assert kept.spec.pinned_pod_ids == PINNED.pinned_pod_ids
    assert replay(kept).selected == kept.selected
