"""Pending: a slice reads as much of a pod with very many bindings as of one with few, and misses none."""

from collections import Counter

import pytest

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.model.binding import change_of
from chalicelib.model.job import JobState, Outcome, Step
from chalicelib.model.page import Page
from chalicelib.service.operating import jobs
from chalicelib.service.operating.pending import PAGES_A_SLICE, ROWS_AT_ONCE
from tests.builders import a_binding
from tests.service.desk import OPERATOR
from tests.service.operating.drained import EVERYTHING, a_desk, bind, deliver, key, start, where


def moved(desk):
    return list(where(desk).values()).count("b")


class CountedBindings(MemoryBindingStore):
    """Counts the rows that are read of a pod; keeps them sorted, as an index does."""

    def __init__(self):
        super().__init__()
        self.read = Counter()

    def in_pod(self, pod_id, after, limit):
        self.read["pages"] += 1
        rows = super().in_pod(pod_id, after, limit)
        self.read["bindings"] += len(rows.bindings)
        return rows

    def find(self, query, page=None):
        assert page is None or page.limit <= ROWS_AT_ONCE, "nothing reads them all"
        return super().find(query, page) if page else super().find(query)


def many(count):
    """A pod with that many bindings, written past the store's checks, which would take minutes."""
    desk = a_desk(0, bindings=CountedBindings())
    for number in range(count):
        binding = a_binding("a", project_id=f"p{number:06}")
        desk.bindings._bindings[binding.key] = binding
    return desk


def run_slices(desk, slices):
    """Run some slices; for each, what it read."""
    reads = []
    for _ in range(slices):
        message = desk.queue.messages.pop(0)
        desk.clock.passes(message.delay_seconds)
        desk.bindings.read.clear()
        desk.slices.run(message.job_id, message.turn)
        reads.append(dict(desk.bindings.read))
    return reads


@pytest.mark.parametrize("count", [1_000, 100_000])
def test_a_slice_reads_as_much_of_a_pod_with_many_bindings_as_of_one_with_few(count):
    desk = many(count)
    start(desk)

    assert run_slices(desk, 3) == [{"pages": 1, "bindings": ROWS_AT_ONCE}] * 3
    assert moved(desk) == 150


def test_a_slice_that_finds_nothing_to_move_goes_on_with_the_next_and_ends_the_job_at_last():
    rows = PAGES_A_SLICE * ROWS_AT_ONCE
    desk = a_desk(0, bindings=CountedBindings(), catalogue={})
    for number in range(2 * rows + 1):
        bind(desk, f"p{number:06}", group="resource=none")
    job_id = start(desk)
    job = desk.job_store.get(job_id)
    for binding in desk.bindings._bindings.values():
        desk.job_store.save_step(job, left(binding))

    reads = run_slices(desk, 3)

    assert [read["bindings"] for read in reads] == [rows, rows, 1]
    assert desk.job_store.get(job_id).state is JobState.DONE


def left(binding):
    return Step(binding.key, Outcome.LEFT, binding.generation, binding.updated_at)


@pytest.mark.parametrize("that_stay", [0, PAGES_A_SLICE * ROWS_AT_ONCE + 1])
def test_a_binding_that_comes_back_behind_the_marker_is_found_by_the_next_look(that_stay):
    desk = a_desk(0)
    for number in range(10):
        bind(desk, f"p{number}")
    for number in range(that_stay):
        bind(desk, f"z{number}", group="resource=none")
    job_id = start(desk, 120)
    job = desk.job_store.get(job_id)
    for binding in desk.bindings.find(EVERYTHING, Page(limit=10_000))[10:]:
        desk.job_store.save_step(job, left(binding))
    first = desk.queue.messages.pop(0)
    desk.slices.run(first.job_id, first.turn)
    back = desk.bindings.get(key("p0"))
    assert back.pod_id == "b"
    desk.bindings.commit(change_of(back, back.moved("a", desk.clock.now, "by hand"), request_id="req-7"))

    deliver(desk)

    assert desk.bindings.get(key("p0")).pod_id == "b"
    assert desk.job_store.get(job_id).state is JobState.DONE


def test_an_undo_looks_through_many_steps_in_bounded_reads_too(monkeypatch):
    desk = a_desk(0)
    for number in range(250):
        bind(desk, f"p{number:03}")
    job_id = start(desk)
    deliver(desk)
    sizes, read = [], desk.job_store.steps
    monkeypatch.setattr(
        desk.job_store,
        "steps",
        lambda job_id, after="", limit=1000: sizes.append(limit) or read(job_id, after, limit),
    )

    desk.jobs.undo(job_id, OPERATOR)
    deliver(desk)

    assert (set(where(desk).values()), set(sizes)) == ({"a"}, {ROWS_AT_ONCE})
    assert desk.job_store.get(job_id).state is JobState.DONE


def test_of_a_job_with_very_many_bindings_a_part_is_counted_and_said_to_be_one(monkeypatch):
    monkeypatch.setattr(jobs, "MOST_COUNTED", 2 * ROWS_AT_ONCE)
    desk = a_desk(2 * ROWS_AT_ONCE + 1)
    job_id = start(desk)
    assert (desk.jobs.progress(job_id).remaining, desk.jobs.progress(job_id).all_counted) == (200, False)

    deliver(desk)
    told = desk.jobs.progress(job_id)
    assert (len(told.steps), told.remaining, told.all_counted) == (200, 0, False)


def test_the_steps_of_an_outcome_are_listed_in_pages_though_others_come_between(monkeypatch):
    desk = a_desk(5)
    bind(desk, "p2x", group="resource=none")
    job_id = start(desk)
    deliver(desk)
    read = desk.job_store.steps
    monkeypatch.setattr(desk.job_store, "steps", lambda job_id, after: read(job_id, after, 1))

    first = desk.jobs.steps(job_id, Outcome.MOVED, Page(limit=3))
    rest = desk.jobs.steps(job_id, Outcome.MOVED, Page(limit=3, marker=first[-1].key.binding_id))

    assert [step.key.project_id for step in (*first, *rest)] == ["p0", "p1", "p2", "p3", "p4"]
    assert [step.key.project_id for step in desk.jobs.steps(job_id, None, Page())][3] == "p2x"
