"""What every location store does."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.model.claim import Share
from chalicelib.model.deed import Deed
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.location import Location
from chalicelib.model.sweep import Sweep
from tests.builders import NOW


def a_location(resource_id: str = "s1", at: datetime = NOW, **fields: Any) -> Location:
    named = {"name": "web", "request_id": "req-1", "decision_id": "d1"}
    values = {"project_id": "p1", "pod_id": "pod-a", **named, **fields}
    return Location(resource_id=resource_id, created_at=at, **values)


def ids(locations: list[Location]) -> list[str]:
    return [location.resource_id for location in locations]


def test_a_location_is_read_as_it_was_written(stores):
    assert stores.locations.remember(a_location()) == a_location()
    assert stores.locations.get("s1") == a_location()
    assert stores.locations.get("s2") is None


def test_a_nameless_server_has_a_location_too(stores):
    stores.locations.remember(a_location(name="", request_id="", decision_id=""))

    assert stores.locations.get("s1") == a_location(name="", request_id="", decision_id="")


def test_a_location_keeps_what_was_claimed_for_its_server(stores):
    claimed = a_location(share=Share("pod-a", "decision-1", 2))
    stores.locations.remember(claimed)

    assert stores.locations.get("s1") == claimed
    assert stores.locations.created_since("pod-a", NOW, 10) == [claimed]


def test_the_first_location_stays(stores):
    stores.locations.remember(a_location(pod_id="pod-a"))

    assert stores.locations.remember(a_location(pod_id="pod-b")).pod_id == "pod-a"
    assert stores.locations.get("s1").pod_id == "pod-a"


@pytest.mark.parametrize("differing", [{"pod_id": "pod-b"}, {"project_id": "another"}])
def test_no_pod_takes_over_what_another_holds_by_naming_its_id_in_a_creates_answer(stores, differing):
    stores.locations.remember(a_location(pod_id="pod-a", decision_id=""))
    claimed = a_location(decision_id="d1", share=Share("pod-b", "d1", 0), **{"pod_id": "pod-a", **differing})

    assert stores.locations.remember(claimed) == a_location(pod_id="pod-a", decision_id="")
    assert stores.locations.get("s1") == a_location(pod_id="pod-a", decision_id="")


def test_who_knows_the_decision_replaces_who_only_found_the_server(stores):
    created = a_location(decision_id="d1", share=Share("pod-a", "d1", 0))
    stores.locations.remember(a_location(decision_id=""))

    assert stores.locations.remember(created) == created
    assert stores.locations.remember(a_location(decision_id="")) == created
    assert stores.locations.remember(a_location(decision_id="d2")) == created
    claimed = a_location("s2", decision_id="", share=Share("pod-a", "d3", 0))
    stores.locations.remember(claimed)
    assert stores.locations.remember(a_location("s2", decision_id="d2")) == claimed


def test_it_is_kept_how_far_the_look_through_a_pods_servers_has_come(stores):
    assert stores.locations.sweep("pod-a") is None
    for sweep in (Sweep("pod-a", NOW), Sweep("pod-a", NOW, NOW - timedelta(minutes=1), "s1")):
        stores.locations.keep_sweep(sweep)

        assert stores.locations.sweep("pod-a") == sweep
    assert stores.locations.sweep("pod-b") is None
    assert stores.locations.of_pod("pod-a") == []


def test_an_ended_location_still_routes_but_is_never_listed(stores):
    stores.locations.remember(a_location())
    stores.locations.end("s1", NOW)

    assert stores.locations.get("s1").ended_at == NOW
    assert stores.locations.of_project("p1", "pod-a") == []
    assert stores.locations.of_pod("pod-a") == []


def test_an_ended_location_is_kept_for_seven_days(stores):
    stores.locations.remember(a_location())
    stores.locations.end("s1", NOW)

    stores.clock.pass_days(6.9)
    assert stores.locations.get("s1") is not None
    stores.clock.pass_days(0.1)
    assert stores.locations.get("s1") is None


def test_ending_twice_or_ending_what_never_was_is_harmless(stores):
    stores.locations.remember(a_location())
    stores.locations.end("s1", NOW)
    stores.locations.end("s1", NOW + timedelta(days=1))
    stores.locations.end("never", NOW)

    assert stores.locations.get("s1").ended_at == NOW
    assert stores.locations.get("never") is None


@pytest.mark.parametrize("deleted", [True, False])
def test_it_is_known_whether_a_location_ended_by_an_accepted_delete(stores, deleted):
    stores.locations.remember(a_location())
    stores.locations.end("s1", NOW, deleted)
    stores.locations.end("s1", NOW, not deleted)
    assert stores.locations.get("s1").deleted is deleted

    stores.locations.remember(a_location())
    assert not stores.locations.get("s1").deleted


def test_an_ended_location_is_revived_when_its_server_turns_up(stores):
    stores.locations.remember(a_location(pod_id="pod-a"))
    stores.locations.end("s1", NOW)

    assert stores.locations.remember(a_location(pod_id="pod-b")) == a_location(pod_id="pod-b")
    assert stores.locations.get("s1") == a_location(pod_id="pod-b")
    assert ids(stores.locations.of_pod("pod-b")) == ["s1"]
    stores.clock.pass_days(8)
    assert stores.locations.get("s1") is not None


def test_locations_are_listed_by_project_and_by_pod_oldest_first(stores):
    hour = timedelta(hours=1)
    stores.locations.remember(a_location("s3", NOW + hour))
    stores.locations.remember(a_location("s1", NOW))
    stores.locations.remember(a_location("s2", NOW - hour, project_id="p2"))
    stores.locations.remember(a_location("s4", NOW, pod_id="pod-b"))

    assert ids(stores.locations.of_project("p1", "pod-a")) == ["s1", "s3"]
    assert ids(stores.locations.of_pod("pod-a")) == ["s2", "s1", "s3"]
    assert ids(stores.locations.of_pod("pod-a", limit=2)) == ["s2", "s1"]


def test_a_failed_build_is_counted_by_the_first_to_mark_it(stores):
    stores.locations.remember(a_location())

    assert stores.locations.build_failed("s1", NOW)
    assert not stores.locations.build_failed("s1", NOW + timedelta(minutes=1))
    assert stores.locations.get("s1").build_failed_at == NOW
    assert not stores.locations.build_failed("never-there", NOW)
    assert stores.locations.get("never-there") is None


def test_new_servers_of_a_pod_are_found_by_their_time(stores):
    for minutes, pod_id in ((0, "pod-a"), (5, "pod-a"), (10, "pod-a"), (10, "pod-b")):
        at = NOW + timedelta(minutes=minutes)
        stores.locations.remember(a_location(f"{pod_id}-{minutes}", at, pod_id=pod_id))
    stores.locations.remember(a_location("gone", NOW + timedelta(minutes=11)))
    stores.locations.end("gone", NOW)

    since = NOW + timedelta(minutes=5)
    assert ids(stores.locations.created_since("pod-a", since, 10)) == ["pod-a-5", "pod-a-10"]
    assert ids(stores.locations.created_since("pod-a", since, 1)) == ["pod-a-5"]


def test_what_a_create_made_is_found_by_the_pods_own_id_of_it(stores):
    for number in range(3):
        pod_request_id = "req-pod" if number < 2 else "req-other"
        stores.locations.remember(a_location(f"server-{number}", pod_request_id=pod_request_id))
    stores.locations.end("server-1", NOW)

    found = stores.locations.of_pod_request("req-pod")

    assert sorted(location.resource_id for location in found) == ["server-0", "server-1"]
    assert {location.pod_request_id for location in found} == {"req-pod"}
    assert stores.locations.of_pod_request("req-none") == []


DEED = Deed(NOW, "op-1", "req-9", "the pod burnt down")


def test_it_is_kept_who_ended_a_location_by_hand(stores):
    stores.locations.remember(a_location())
    stores.locations.end("s1", NOW, deed=DEED)
    stores.locations.end("s1", NOW, deed=replace(DEED, reason="once more"))

    assert stores.locations.get("s1") == replace(a_location(), ended_at=NOW, deed=DEED)


def test_a_location_moves_to_another_pod_and_takes_no_share_along(stores):
    before = a_location(share=Share("pod-a", "d1", 0))
    stores.locations.remember(before)
    after = stores.locations.move(before, "pod-b", DEED)

    assert after == replace(before, pod_id="pod-b", moved_from="pod-a", deed=DEED, share=None)
    assert stores.locations.get("s1") == after
    assert (stores.locations.of_pod("pod-a"), stores.locations.of_pod("pod-b")) == ([], [after])
    assert stores.locations.of_project("p1", "pod-b") == [after]


def test_a_location_that_ended_lives_again_in_the_pod_to_which_it_moves(stores):
    stores.locations.remember(a_location())
    stores.locations.end("s1", NOW, deleted=True)
    after = stores.locations.move(stores.locations.get("s1"), "pod-b", DEED)

    assert after == replace(a_location(), pod_id="pod-b", moved_from="pod-a", deed=DEED)
    assert stores.locations.get("s1") == after
    assert stores.locations.of_project("p1", "pod-b") == stores.locations.of_pod("pod-b") == [after]
    stores.locations.end("s1", NOW)
    with pytest.raises(GenerationConflict):
        stores.locations.move(replace(after, ended_at=NOW + timedelta(hours=1)), "pod-c", DEED)


def test_what_ended_or_moved_meanwhile_is_not_moved(stores):
    before = a_location()
    with pytest.raises(GenerationConflict):
        stores.locations.move(before, "pod-b", DEED)
    stores.locations.remember(before)
    after = stores.locations.move(before, "pod-b", DEED)
    with pytest.raises(GenerationConflict):
        stores.locations.move(before, "pod-c", DEED)
    stores.locations.end("s1", NOW)
    with pytest.raises(GenerationConflict):
        stores.locations.move(after, "pod-c", DEED)

    assert stores.locations.get("s1") == replace(after, ended_at=NOW)


def test_pages_of_a_pods_locations_meet_without_gap_or_overlap_though_their_marker_ended(stores):
    for n in range(5):
        stores.locations.remember(
            a_location(f"s{n}", NOW + timedelta(seconds=n // 2), project_id=f"p{n % 2}")
        )
    of_all = stores.locations.page_of_pod("pod-a", None, 2)
    stores.locations.end(of_all[-1].resource_id, NOW)
    while page := stores.locations.page_of_pod("pod-a", of_all[-1], 2):
        of_all += page

    assert sorted(ids(of_all)) == ["s0", "s1", "s2", "s3", "s4"]
    assert [x.created_at for x in of_all] == sorted(x.created_at for x in of_all)
    of_one = stores.locations.page_of_pod("pod-a", None, 1, "p0")
    of_one += stores.locations.page_of_pod("pod-a", of_one[-1], 5, "p0")
    assert set(ids(of_one)) <= {"s0", "s2", "s4"}
    assert len(set(ids(of_one))) == len(of_one) >= 2
