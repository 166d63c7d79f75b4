from dataclasses import replace

from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision_codec import pack, unpack
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.scheduler.verdicts import Verdict, verdicts_on_passed, verdicts_on_rejected
from tests.builders import a_filled_pod, a_pod, a_spec

PASSES, REJECTS, NOT_KEPT = Verdict.PASSES, Verdict.REJECTS, Verdict.NOT_KEPT


def verdicts(bound_to=""):
    pods = [a_filled_pod("full", 99, state=PodState.CORDONED), a_pod("free")]
    decision = unpack(pack(decide(snapshot_of(pods), a_spec(bound_to=bound_to), SPREAD, "decision-1")))
    return decision, verdicts_on_rejected(decision, decision.rejected[0])


def test_a_pod_passed_what_ran_before_it_stopped_and_of_the_rest_nothing_is_known():
    decision, said = verdicts()

    assert list(said) == list(SPREAD.filters)
    assert [said[name] for name in ("availability_zone", "pod_state", "capacity", "retry")] == [
        PASSES,
        REJECTS,
        NOT_KEPT,
        NOT_KEPT,
    ]
    assert set(verdicts_on_passed(decision).values()) == {PASSES}


def test_a_bound_pod_was_asked_by_every_filter():
    _, said = verdicts(bound_to="full")

    assert [said[name] for name in ("pod_state", "flavor", "capacity", "retry")] == [
        REJECTS,
        PASSES,
        REJECTS,
        PASSES,
    ]


def test_filters_that_the_profile_did_not_name_have_no_verdict():
    profile = replace(SPREAD, filters=("proven", "capacity"))
    decision = decide(snapshot_of([a_filled_pod("full", 99)]), a_spec(), profile, "decision-1")

    assert verdicts_on_rejected(decision, decision.rejected[0]) == {"proven": PASSES, "capacity": REJECTS}
