"""A look for what a job has still to do: where it begins, what it passes over, and where it stops."""

import pytest

from chalicelib.model.job import Outcome, Step
from chalicelib.service.operating.pending import PAGES_A_SLICE, ROWS_AT_ONCE, Pending
from tests.builders import NOW, a_binding, a_job
from tests.service.operating.drained import a_desk, bind, key


class Look:
    """A job of a pod with so many bindings, and what a look for them reads."""

    def __init__(self, bindings):
        self.desk, self.job, self.reads = a_desk(0), a_job("job-1", pod_id="a"), []
        self.desk.job_store.create(self.job)
        for number in range(bindings):
            bind(self.desk, f"p{number:04}")
        bind(self.desk, "elsewhere", "b")
        self.pending = Pending(self, self)

    def in_pod(self, *asked):
        self.reads.append(asked)
        return self.desk.bindings.in_pod(*asked)

    def steps(self, *asked):
        self.reads.append(asked)
        return self.desk.job_store.steps(*asked)

    def steps_about(self, job_id, keys):
        assert keys, "of nothing there is nothing to be read"
        return self.desk.job_store.steps_about(job_id, keys)

    def step(self, number, outcome, generation=1):
        self.desk.job_store.save_step(self.job, Step(key(f"p{number:04}"), outcome, generation, NOW))

    def to_move(self, wanted, *pages, marker=""):
        return told(self.pending.to_move(a_job("job-1", pod_id="a", marker=marker), wanted, *pages))

    def to_return(self, wanted, *pages, marker=""):
        return told(self.pending.to_return(a_job("job-1", pod_id="a", marker=marker), wanted, *pages))


def told(found):
    """The first and the last row, how many there are, and the marker."""
    names = [row.key.project_id for row in found.rows]
    assert names == sorted(set(names))
    return (*(names[:1] + names[-1:]), len(names), found.marker)


def behind(number):
    return key(f"p{number:04}").binding_id


def moved_all(bindings):
    look = Look(bindings)
    for number in range(bindings):
        look.step(number, Outcome.MOVED)
    return look


LOOKS = pytest.mark.parametrize(
    ("look", "method"), [(Look, "to_move"), (moved_all, "to_return")], ids=["to move", "to return"]
)


@LOOKS
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (1, ("p0000", "p0000", 1, behind(0))),
        (4, ("p0000", "p0003", 4, behind(3))),
        (5, ("p0000", "p0004", 5, "")),
        (6, ("p0000", "p0004", 5, "")),
    ],
)
def test_no_more_are_found_than_are_wanted_and_the_marker_tells_of_more(look, method, wanted, found):
    assert getattr(look(5), method)(wanted) == found


@LOOKS
def test_a_look_begins_behind_the_jobs_marker(look, method):
    look = look(5)

    assert getattr(look, method)(9, marker=behind(2)) == ("p0003", "p0004", 2, "")
    assert getattr(look, method)(1, marker=behind(2)) == ("p0003", "p0003", 1, behind(3))
    assert getattr(look, method)(9, marker=behind(4)) == (0, "")


@LOOKS
def test_pages_are_read_one_behind_the_other_until_enough_is_found(look, method):
    look = look(250)

    assert getattr(look, method)(1000) == ("p0000", "p0249", 250, "")
    assert [asked[1:] for asked in look.reads] == [
        ("", ROWS_AT_ONCE),
        (behind(99), ROWS_AT_ONCE),
        (behind(199), ROWS_AT_ONCE),
    ]
    look.reads.clear()
    assert getattr(look, method)(150) == ("p0000", "p0149", 150, behind(149))
    assert len(look.reads) == 2
    assert {asked[0] for asked in look.reads} == {"a" if method == "to_move" else "job-1"}


@LOOKS
def test_a_look_reads_so_many_pages_and_says_where_it_stopped(look, method):
    look = look(350)

    assert getattr(look, method)(1000, 2) == ("p0000", "p0199", 200, behind(199))
    assert getattr(look, method)(1000, 3, marker=behind(49)) == ("p0050", "p0349", 300, behind(349))


def test_a_look_of_a_slice_reads_ten_pages():
    rows = PAGES_A_SLICE * ROWS_AT_ONCE
    look = Look(rows + 1)

    assert look.to_move(rows + 5) == ("p0000", "p0999", rows, behind(999))


def test_a_full_page_that_is_the_last_leads_to_an_empty_one():
    look = Look(ROWS_AT_ONCE)

    assert look.to_move(1000) == ("p0000", "p0099", 100, "")
    assert [asked[1] for asked in look.reads] == ["", behind(99)]


def test_a_binding_that_a_step_has_seen_is_passed_over_until_somebody_writes_it():
    look = Look(4)
    look.step(0, Outcome.LEFT, generation=1)
    look.step(1, Outcome.LEFT, generation=2)
    look.step(3, Outcome.SKIPPED, generation=0)

    assert look.to_move(9) == ("p0002", "p0003", 2, "")


@pytest.mark.parametrize("outcome", Outcome)
def test_only_moves_are_to_be_returned(outcome):
    look = moved_all(3)
    look.step(1, outcome, generation=5)

    assert look.to_return(9)[2] == (3 if outcome is Outcome.MOVED else 2)


def test_bindings_of_other_pods_are_not_looked_at():
    look = Look(0)

    assert look.to_move(9) == (0, "")
    assert look.desk.bindings.get(a_binding("b", project_id="elsewhere").key).pod_id == "b"
