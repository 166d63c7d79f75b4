"""Finding: how long a lost create is looked for, and what its client is answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.errors import PodUnreachable, Unavailable
from chalicelib.model.marked import Place
from chalicelib.model.pod_request import PodReply
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.creating.finding import LEAST_SECONDS, PAUSES, Finding
from chalicelib.service.creating.making import written_answer
from tests.builders import SetClock, a_pod

POD = a_pod()
ORDER = ServerOrder(b"", {"server": {}}, "vm", "1", count=2)
FIRST, SECOND = {"id": "s-2", "name": "vm-1"}, {"id": "s-1", "name": "vm-2"}
ANSWER = PodAnswer(POD, written_answer(ORDER, "s-2", FIRST))


@dataclass
class Trial:
    """A lost create whose pod says one thing after the other; the last again and again."""

    says: list
    left: float | None = None
    place: Place | None = Place.TAG
    is_settled: bool = False
    looks: int = 0
    found: list = field(default_factory=list)
    pauses: list = field(default_factory=list)

    def __post_init__(self):
        self.clock = SetClock()
        deadline = NO_DEADLINE if self.left is None else Deadline.after(self.left, self.clock)
        self.making = SimpleNamespace(
            place=self.place,
            order=ORDER,
            request=SimpleNamespace(deadline=deadline),
            intent=SimpleNamespace(written=SimpleNamespace(count=2), is_settled=self.is_settled),
            with_marker=self.with_marker,
        )
        remembering = SimpleNamespace(found=lambda *told: self.found.append(told))
        self.finding = Finding(remembering, self.pause)

    def pause(self, seconds):
        self.pauses.append(seconds)
        self.clock.passes(seconds)

    def with_marker(self, pod):
        assert pod is POD
        self.looks += 1
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Exception):
            raise said
        return said

    def made(self):
        return self.finding.made(self.making, POD)


def test_a_create_that_shows_at_once_is_answered_at_once_with_the_server_whose_name_comes_first():
    trial = Trial([[SECOND, FIRST]])

    assert trial.made() == ANSWER
    assert (trial.looks, trial.pauses) == (1, [])
    assert json.loads(ANSWER.reply.body)["server"]["id"] == "s-2"
    assert trial.found == [(trial.making, POD, [SECOND, FIRST], True, ANSWER.reply)]


@pytest.mark.parametrize(("is_settled", "complete"), [(False, False), (True, True)])
def test_fewer_servers_than_were_asked_for_are_all_of_them_once_none_can_come(is_settled, complete):
    trial = Trial([[FIRST]], is_settled=is_settled)

    assert trial.made() == ANSWER
    assert [told[3] for told in trial.found] == [complete]


@pytest.mark.parametrize(
    "silence",
    [
        PodUnreachable("pod-a", "timed out", sent=True),
        PodRefused(PodAnswer(POD, PodReply(403, {}, b""))),
        Unavailable("no time"),
        [],
    ],
)
def test_it_is_looked_for_again_while_it_does_not_show_or_the_pod_can_not_tell(silence):
    trial = Trial([silence, silence, silence, [FIRST, SECOND]])

    assert trial.made() == ANSWER
    assert (trial.looks, trial.pauses) == (4, [0.5, 1.0, 2.0])


def test_after_the_last_look_nobody_knows():
    trial = Trial([[]])

    assert trial.made() is None
    assert (trial.looks, trial.found) == (len(PAUSES), [])


@pytest.mark.parametrize(
    ("left", "looks"),
    [(0.9, 0), (LEAST_SECONDS, 1), (1.4, 1), (1.5, 2), (2.4, 2), (2.5, 3), (4.4, 3), (4.5, 4)],
)
def test_a_look_is_left_out_after_which_no_answer_would_come_in_time(left, looks):
    trial = Trial([[]], left=left)

    assert trial.made() is None
    assert trial.looks == looks


def test_servers_without_a_marker_are_not_looked_for():
    trial = Trial([[FIRST]], place=None)

    assert trial.made() is None
    assert trial.looks == 0


def test_an_error_of_our_own_is_raised():
    with pytest.raises(KeyError):
        Trial([KeyError("x")]).made()
