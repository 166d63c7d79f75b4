"""Slices: a twin moves nothing more, and one that outlived its lease writes nothing."""

import pytest

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.model.job import LEASE_SECONDS, MOST_PER_MINUTE
from tests.builders import a_job
from tests.service.operating.drained import EVERYTHING, a_desk, bind, deliver, outcomes, start, where


class Interrupted(MemoryBindingStore):
    """A store in which something else happens before one of our moves is written."""

    def __init__(self):
        super().__init__()
        self.moves, self.at, self.happens = 0, 0, None

    def commit(self, change, also=()):
        if also:
            self.moves += 1
            if self.moves == self.at:
                self.happens()
        return super().commit(change, also)


def moved(desk):
    return list(where(desk).values()).count("b")


def interrupted(at, happens, projects=20, rate=60):
    """A drain of five bindings a slice, whose first slice has run; meanwhile ``happens`` did."""
    desk = a_desk(0, bindings=Interrupted())
    for number in range(projects):
        bind(desk, f"p{number:02}")
    start(desk, rate)
    message = desk.queue.messages.pop()
    desk.bindings.at, desk.bindings.happens = at, lambda: happens(desk, message)
    desk.slices.run(message.job_id, message.turn)
    return desk, message


def deliver_again(desk, message):
    desk.slices.run(message.job_id, message.turn)


@pytest.mark.parametrize("at", range(1, 6))
def test_a_twin_that_begins_meanwhile_never_doubles_a_drains_rate(at):
    desk, message = interrupted(at, deliver_again)

    deliver_again(desk, message)

    assert (moved(desk), len(desk.queue.messages)) == (5, 1)


def test_of_two_that_read_the_job_at_once_one_does_nothing(monkeypatch):
    desk = a_desk(20)
    job_id, get = start(desk, 60), desk.job_store.get
    message = desk.queue.messages.pop()

    def read_and_then_the_twin_runs(job_id):
        job = get(job_id)
        if monkeypatch.undo() or job.turn == message.turn:
            deliver_again(desk, message)
        return job

    monkeypatch.setattr(desk.job_store, "get", read_and_then_the_twin_runs)
    deliver_again(desk, message)

    assert (moved(desk), len(desk.queue.messages)) == (5, 1)
    assert set(outcomes(desk, job_id).values()) == {"moved"}


@pytest.mark.parametrize("at", range(1, 6))
def test_a_slice_that_outlives_its_lease_writes_nothing_once_another_has_begun(at):
    def lease_ends_and_another_runs(desk, message):
        desk.clock.passes(LEASE_SECONDS)
        deliver_again(desk, message)

    desk, message = interrupted(at, lease_ends_and_another_runs)

    assert moved(desk) == at - 1 + 5, "what it wrote before, and the other's five"
    deliver(desk)
    assert set(outcomes(desk, message.job_id).values()) == {"moved"}
    assert {len(desk.bindings.history(b.key)) for b in desk.bindings.find(EVERYTHING)} == {2}


def test_no_pause_is_longer_than_a_lease_so_that_who_takes_over_keeps_the_rate():
    pauses = {a_job(rate_per_minute=rate).pause_seconds for rate in range(1, MOST_PER_MINUTE + 1)}

    assert max(pauses) <= LEASE_SECONDS
