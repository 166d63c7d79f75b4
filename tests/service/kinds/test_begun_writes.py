"""A write for every pod is noted whole before the first pod hears of it, and each pod hears the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.memory.unfinished_store import MemoryUnfinishedStore
from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import Conflict, InvalidField, OutcomeUnknown
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import FLAVORS
from chalicelib.model.shared_write import UnfinishedWrite, call_id
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.kinds.every_pod import EveryPod
from tests.builders import NOW, SetClock, a_caller
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, reply, roster_of
from tests.service.kinds.test_every_pod import (
    ALLOW,
    CREATE,
    DELETE,
    GONE,
    INVALID,
    MADE,
    MISSING,
    PODS,
    TAKEN,
    Writing,
    has,
)

ALL = ("pod_a", "pod_b", "pod_c")
HURRIED = a_caller(deadline=Deadline.after(3.0, SetClock()))
BEGUN = UnfinishedWrite(
    call_id("POST", "/flavors", CREATE.body), "flavor f", "POST /flavors", NOW, "req-1", "u-1"
)


def sent(request, caller=TENANT):
    return replace(request, token=caller.token, request_id=caller.request_id, read_timeout_seconds=60.0)


@pytest.mark.parametrize(("caller", "wait"), [(TENANT, 5.0), (HURRIED, 3.0)])
def test_all_pods_get_what_the_client_sent_and_the_younger_ones_are_waited_for_together(caller, wait):
    writing, request = Writing(), sent(CREATE)
    writing.caller = caller

    writing.send(request, **dict.fromkeys(ALL, MADE))

    asked = replace(request, read_timeout_seconds=5.0)
    assert writing.client.asked == [("pod-a", asked), ("pod-b", asked), ("pod-c", asked)]
    assert writing.fan_out.waits == [wait]


def test_a_pod_that_refuses_is_asked_what_it_has_as_the_client():
    writing, request = Writing(), sent(CREATE)

    writing.send(request, pod_a=has(MADE), pod_b=MADE, pod_c=MADE)

    asked = replace(request, read_timeout_seconds=5.0)
    look = replace(asked, method="GET", path="/flavors/f", body=None)
    assert writing.client.asked[:2] == [("pod-a", asked), ("pod-a", look)]


def test_the_note_of_a_write_is_there_before_the_oldest_pod_hears_of_it():
    writing, noted = Writing(), []

    def look(_):
        noted.extend(writing.unfinished.list())
        return MADE

    writing.send(pod_a=look, pod_b=MADE, pod_c=MADE)

    assert (noted, writing.unfinished.list()) == ([BEGUN], [])


def test_the_note_of_a_write_that_failed_says_what_happened_in_which_pods():
    writing = Writing()
    with pytest.raises(OutcomeUnknown):
        writing.send(pod_a=MADE, pod_b=None, pod_c=MADE)

    fates = "done in PodA, PodC; perhaps done, since no answer came, in PodB"
    assert writing.unfinished.list() == [replace(BEGUN, fates=fates)]


def test_while_it_is_repeated_the_note_has_the_repeats_moment_and_what_was_known_before():
    writing, noted = Writing(), []
    with pytest.raises(OutcomeUnknown):
        writing.send(pod_a=MADE, pod_b=None, pod_c=MADE)
    (before,) = writing.unfinished.list()
    writing.clock.passes(30)

    def look(request):
        noted.extend(writing.unfinished.list())
        return INVALID

    assert writing.send(pod_a=look, pod_b=MADE, pod_c=MADE).reply is INVALID

    assert noted == [replace(before, begun_at=NOW + timedelta(seconds=30))]
    assert writing.unfinished.list() == [before], "the repeat changed nothing"


@pytest.mark.parametrize(("seconds", "reply_"), [(60, TAKEN), (61, MADE)])
def test_a_repeat_of_a_write_that_may_still_run_is_told_what_a_first_call_is(seconds, reply_):
    writing = Writing()
    writing.unfinished.put(BEGUN)
    writing.clock.passes(seconds)

    assert writing.send(**dict.fromkeys(ALL, has(MADE))).reply is reply_


def test_a_delete_forgets_all_that_was_left_to_do_about_its_flavor_and_nothing_else():
    writing = Writing()
    for pods in ({"pod_b": None}, {"pod_b": reply({}, 500)}):
        with pytest.raises(OutcomeUnknown):
            writing.send(ALLOW, pod_a=reply({}), pod_c=reply({}), **pods)
    other = replace(BEGUN, call_id="other", title="flavor g")
    writing.unfinished.put(other)

    writing.send(PodRequest("DELETE", "/flavors/f/os-extra_specs/k"), **dict.fromkeys(ALL, reply({})))
    assert len(writing.unfinished.list()) == 2, "only a delete of the flavor itself ends them"
    writing.send(DELETE, **dict.fromkeys(ALL, GONE))
    assert writing.unfinished.list() == [other]


def test_a_refusal_that_is_about_something_else_shows_nothing():
    writing = Writing()
    with pytest.raises(Conflict, match=r"done in az1, az3; refused in az2\."):
        writing.send(pod_a=MADE, pod_b=MISSING, pod_c=MADE)

    assert [request.method for _, request in writing.client.asked] == ["POST"] * 3


def test_a_repeat_of_which_no_pod_can_show_anything_succeeds_without_a_body():
    writing = Writing()
    with pytest.raises(OutcomeUnknown):
        writing.send(DELETE, pod_a=GONE, pod_b=None, pod_c=GONE)

    answer = writing.send(DELETE, **dict.fromkeys(ALL, MISSING))

    assert (answer.pod.pod_id, answer.reply.status, answer.reply.headers, answer.reply.body) == (
        "pod-a",
        202,
        {},
        b"",
    )


REMOVE = PodRequest("POST", "/flavors/f/action", body=b'{"removeTenantAccess": {"tenant": "p"}}')


@pytest.mark.parametrize(
    ("shown", "told"), [(reply({"flavor_access": []}), b'{"flavor_access": []}'), (MISSING, b"")]
)
def test_a_repeat_is_answered_by_what_the_oldest_pod_shows_and_never_by_a_fault(shown, told):
    writing = Writing()
    with pytest.raises(OutcomeUnknown):
        writing.send(REMOVE, pod_a=reply({}), pod_b=None, pod_c=reply({}))

    answer = writing.send(REMOVE, **dict.fromkeys(ALL, has(shown, refusal=MISSING)))

    assert (answer.pod.pod_id, answer.reply.status, answer.reply.body) == ("pod-a", 200, told)


def test_a_repeat_that_can_not_be_sent_leaves_what_was_noted_before():
    writing = Writing()
    with pytest.raises(OutcomeUnknown):
        writing.send(pod_a=MADE, pod_b=None, pod_c=MADE)
    before = writing.unfinished.list()

    def refuse(_):
        raise InvalidField("path", "the path is not one that a pod serves")

    with pytest.raises(InvalidField):
        writing.send(pod_a=refuse, pod_b=MADE, pod_c=MADE)

    assert writing.unfinished.list() == before


def test_a_younger_pod_that_is_not_heard_of_at_all_may_have_done_it():
    def odd(_):
        raise ValueError("too many values to unpack")

    pods, noted = ScriptedPods(pod_a=MADE, pod_b=odd, pod_c=MADE), MemoryUnfinishedStore()
    kind = EveryPod(roster_of(*PODS), pods, FanOut(1), noted, SetClock(), lambda: "id-1", 5.0)
    with pytest.raises(OutcomeUnknown):
        kind.send(TENANT, FLAVORS, CREATE)

    fates = "done in PodA, PodC; perhaps done, since no answer came, in PodB"
    assert noted.list() == [replace(BEGUN, fates=fates)]


def test_a_write_whose_process_died_is_noted_and_its_repeat_succeeds():
    writing = Writing()

    class Killed(BaseException):
        pass

    def die(request):
        raise Killed

    with pytest.raises(Killed):
        writing.send(pod_a=die, pod_b=MADE, pod_c=MADE)
    (left,) = writing.unfinished.list()
    assert not left.is_left(writing.clock())
    writing.clock.now += timedelta(seconds=61)
    assert left.is_left(writing.clock())

    assert writing.send(**dict.fromkeys(("pod_a", "pod_b", "pod_c"), has(MADE))).reply is MADE
    assert writing.left() == []


def test_a_path_that_can_not_be_sent_leaves_nothing():
    writing = Writing()

    def refuse(request):
        raise InvalidField("path", "the path is not one that a pod serves")

    with pytest.raises(InvalidField):
        writing.send(DELETE, pod_a=refuse, pod_b=MADE, pod_c=MADE)

    assert writing.left() == []
