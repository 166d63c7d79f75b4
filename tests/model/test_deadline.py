from datetime import timedelta

from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.pod_request import PodRequest
from tests.builders import NOW, SetClock


def test_waits_share_what_a_request_has_left():
    clock = SetClock()
    deadline = Deadline.after(24, clock)

    assert deadline.at == NOW + timedelta(seconds=24)
    assert deadline.at_most(20) == 20
    clock.passes(seconds=12)
    assert deadline.at_most(20) == 12
    assert deadline.at_most(5) == 5


def test_after_its_end_nothing_is_left():
    clock = SetClock()
    deadline = Deadline.after(24, clock)
    clock.passes(seconds=30)

    assert deadline.left_seconds() == 0
    assert PodRequest("GET", "/", deadline=deadline).timeout_seconds() == 0


def test_background_work_has_only_its_own_time_outs():
    assert NO_DEADLINE.at_most(20) == 20
    assert PodRequest("GET", "/", read_timeout_seconds=7).timeout_seconds() == 7
