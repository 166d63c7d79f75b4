"""What every decision store does."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.model.errors import InvalidField, NotFound
from chalicelib.model.page import Page
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action, Decision
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import Profile
from tests.builders import NOW, PROJECT, a_pod, a_spec


def a_decision(decision_id: str, at: datetime = NOW, project_id: str = PROJECT) -> Decision:
    spec = a_spec(project_id=project_id, requested_at=at)
    return decide(snapshot_of([a_pod("pod-a"), a_pod("pod-b", az_name="az2")]), spec, Profile(), decision_id)


def ids(decisions: list[Decision]) -> list[str]:
    return [decision.decision_id for decision in decisions]


@pytest.fixture
def five(stores):
    for number in range(5):
        at = NOW - timedelta(minutes=number // 2)  # each moment is that of two decisions, but for the last
        stores.decisions.save(a_decision(f"d{number}", at, "p1" if number % 2 else "p2"))


def test_a_decision_is_read_as_it_was_made(stores):
    stores.decisions.save(a_decision("d1"))

    assert stores.decisions.get("d1") == a_decision("d1")


def test_an_unknown_decision_is_not_found(stores):
    with pytest.raises(NotFound):
        stores.decisions.get("d1")


def test_saving_a_decision_again_is_harmless(stores):
    stores.decisions.save(a_decision("d1"))
    stores.decisions.save(a_decision("d1"))

    assert ids(stores.decisions.list()) == ["d1"]


def test_a_decision_is_kept_for_thirty_days(stores):
    stores.decisions.save(a_decision("d1"))

    stores.clock.pass_days(29.9)
    assert ids(stores.decisions.list(PROJECT)) == ids(stores.decisions.list()) == ["d1"]
    stores.clock.pass_days(0.1)
    assert stores.decisions.list(PROJECT) == stores.decisions.list() == []
    with pytest.raises(NotFound):
        stores.decisions.get("d1")


@pytest.mark.usefixtures("five")
def test_decisions_are_listed_newest_first(stores):
    assert ids(stores.decisions.list()) == ["d1", "d0", "d3", "d2", "d4"]


@pytest.mark.usefixtures("five")
def test_a_projects_decisions_are_its_own(stores):
    assert ids(stores.decisions.list("p1")) == ["d1", "d3"]
    assert ids(stores.decisions.list("p2")) == ["d0", "d2", "d4"]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("project_id", ["", "p2"])
def test_pages_of_decisions_leave_no_gap_and_repeat_nothing(stores, project_id):
    seen, marker = [], ""
    while page := stores.decisions.list(project_id, Page(limit=2, marker=marker)):
        assert len(page) <= 2
        seen += ids(page)
        marker = seen[-1]

    assert seen == ids(stores.decisions.list(project_id))


def test_a_marker_that_nobody_knows_is_refused(stores):
    with pytest.raises(InvalidField) as refused:
        stores.decisions.list(page=Page(marker="d9"))
    assert refused.value.field == "marker"


def test_a_requests_decisions_are_found_newest_first_while_they_are_kept(stores):
    for number, request_id in enumerate(("req-1", "req-2", "req-1", "")):
        decision = a_decision(f"d{number}", NOW + timedelta(seconds=number))
        spec = replace(decision.spec, request_id=request_id)
        stores.decisions.save(replace(decision, spec=spec))

    assert ids(stores.decisions.of_request("req-1")) == ["d2", "d0"]
    assert ids(stores.decisions.of_request("req-9")) == []
    stores.clock.pass_days(30)
    assert ids(stores.decisions.of_request("req-1")) == ["d2"]


def test_decisions_of_one_moment_are_ordered_by_attempt(stores):
    # The ids say nothing about the order; the numbers of the attempts do.
    for attempt, decision_id in ((2, "a"), (1, "c"), (3, "b")):
        decision = a_decision(decision_id)
        failed = frozenset(f"pod-{n}" for n in range(1, attempt))
        spec = replace(decision.spec, request_id="req-1", failed_pod_ids=failed)
        stores.decisions.save(replace(decision, spec=spec))

    assert ids(stores.decisions.of_request("req-1")) == ["b", "a", "c"]
    assert ids(stores.decisions.list()) == ids(stores.decisions.list(PROJECT)) == ["b", "a", "c"]
    assert ids(stores.decisions.list(page=Page(limit=2, marker="b"))) == ["a", "c"]


def test_what_lost_every_race_is_kept_as_such(stores):
    contested = a_decision("d1").given_way()
    stores.decisions.save(contested)

    assert stores.decisions.get("d1") == contested
    assert (contested.action, contested.contested) == (Action.DIVERT, Action.CREATE)


def test_a_decision_whose_create_made_nothing_is_found_by_the_pods_own_id_too(stores):
    decision = a_decision("d1")
    decision = replace(decision, spec=replace(decision.spec, request_id="req-ours"))
    stores.decisions.save(decision)
    stores.decisions.save(decision, "req-pod")

    assert ids(stores.decisions.of_request("req-pod")) == ["d1"]
    assert ids(stores.decisions.of_request("req-ours")) == ["d1"]
    assert ids(stores.decisions.list()) == ["d1"]
