"""Agreement: a write that several pods got is told of by zones, in the order of what is worst to miss."""

import pytest

from chalicelib.model.errors import Conflict, OutcomeUnknown
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.fan_out import Answers
from chalicelib.service.kinds.agreement import agreed, fates
from tests.builders import a_pod
from tests.service.kinds.scripted_pods import reply

OLDEST, OTHER, THIRD = a_pod("pod-a", "az1"), a_pod("pod-b", "az2"), a_pod("pod-c", "az3")
DONE = reply({"aggregate": {"id": 1}}, 200)
LAST_DONE = reply({"aggregate": {"id": 2}}, 399)
FIRST_REFUSED = reply({"badRequest": {"code": 400}}, 400)
REFUSED = reply({"conflictingRequest": {"code": 409}}, 409)


@pytest.mark.parametrize(("first", "second"), [(DONE, LAST_DONE), (LAST_DONE, DONE)])
def test_what_all_accept_is_answered_by_the_oldest(first, second):
    agreement = agreed(Answers(((OLDEST, first), (OTHER, second)), ()))

    assert agreement == PodAnswer(OLDEST, first)


@pytest.mark.parametrize(("first", "second"), [(FIRST_REFUSED, REFUSED), (REFUSED, FIRST_REFUSED)])
def test_what_all_refuse_is_refused_by_the_oldest(first, second):
    agreement = agreed(Answers(((OLDEST, first), (OTHER, second)), ()))

    assert agreement == PodAnswer(OLDEST, first)


@pytest.mark.parametrize("refusal", [FIRST_REFUSED, REFUSED])
def test_what_only_some_refuse_is_a_conflict_that_names_the_zones(refusal):
    with pytest.raises(Conflict) as conflict:
        agreed(Answers(((OLDEST, refusal), (OTHER, DONE)), ()))

    assert str(conflict.value) == "Not done everywhere: done in az2; refused in az1."


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (((OLDEST, DONE), (OTHER, REFUSED)), "done in az1; refused in az2; "),
        (((OLDEST, DONE),), "done in az1; "),
        (((OLDEST, REFUSED),), "refused in az1; "),
        ((), ""),
    ],
)
def test_a_pod_that_does_not_answer_leaves_the_outcome_unknown(given, told):
    with pytest.raises(OutcomeUnknown) as unknown:
        agreed(Answers(given, (THIRD,)))

    silent = "perhaps done, since no answer came, in az3"
    assert str(unknown.value) == f"Not done everywhere: {told}{silent}."


def test_pods_that_were_not_asked_after_a_silence_are_named_last():
    told = fates(done=[OTHER, OLDEST], unasked=[THIRD])

    assert told == ("Not done everywhere: done in az1, az2; not asked, since no answer came before, in az3.")
