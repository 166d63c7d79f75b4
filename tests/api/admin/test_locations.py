"""Locations by HTTP: operators list them, and end and move them by hand."""

from datetime import timedelta

import pytest

from chalicelib.model.claim import Share
from chalicelib.model.location import Location
from chalicelib.model.stray import Stray
from tests.builders import NOW


@pytest.fixture
def located(operator):
    """Five servers: of p1 in a and b, of p2 in a; server-0 is the oldest."""
    homes = (("p1", "a"), ("p1", "b"), ("p2", "a"), ("p1", "a"), ("p1", "far"))
    for n, (project_id, pod_id) in enumerate(homes):
        operator.desk.projects.add(project_id, pod_id)
        share = Share(pod_id, "d", 0)
        at = NOW + timedelta(seconds=n)
        operator.desk.locations.remember(Location(f"server-{n}", project_id, pod_id, at, "vm", share=share))
    return operator


def listed(operator, query=""):
    return [row["id"] for row in operator.ask("GET", f"/v1.0/locations{query}").body["locations"]]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [0, 2, 3, 1, 4]),
        ("?pod_id=a", [0, 2, 3]),
        ("?project_id=p1", [0, 3, 1, 4]),
        ("?project_id=p1&pod_id=a", [0, 3]),
        ("?project_id=nobody", []),
        ("?pod_id=nowhere", []),
        ("?limit=2", [0, 2]),
        ("?limit=2&marker=server-2", [3, 1]),
        ("?limit=1&marker=server-3&project_id=p1", [1]),
        ("?marker=server-4", []),
    ],
)
def test_locations_are_listed_by_pod_and_project_and_page(located, query, numbers):
    assert listed(located, query) == [f"server-{n}" for n in numbers]


def test_a_marker_that_is_no_location_is_refused(located):
    assert located.refused("GET", "/v1.0/locations?marker=other") == (400, "marker")


def test_a_location_shows_whose_it_is_and_where(located):
    shown = located.ask("GET", "/v1.0/locations/server-0").body["location"]

    assert (shown["project_id"], shown["pod_id"], shown["pod_name"]) == ("p1", "a", "A")
    assert (shown["ended_at"], shown["moved_from"], shown["changed_by_hand"]) == (None, None, None)
    assert located.refused("GET", "/v1.0/locations/other")[0] == 404


def test_a_location_is_ended_with_a_reason_which_stays_with_who_and_when(located):
    assert located.refused("DELETE", "/v1.0/locations/server-0") == (400, "reason")
    assert located.ask("GET", "/v1.0/locations/server-0").body["location"]["ended_at"] is None
    ended = located.ask("DELETE", "/v1.0/locations/server-0", {"reason": "burnt"}).body["location"]

    assert ended["ended_at"] is not None
    told = ended["changed_by_hand"]
    assert (told["user_id"], told["reason"], bool(told["request_id"])) == ("op-1", "burnt", True)
    assert located.ask("GET", "/v1.0/locations/server-0").body["location"] == ended
    assert "server-0" not in listed(located)
    assert located.refused("DELETE", "/v1.0/locations/server-0?reason=again")[0] == 409


def test_a_location_is_moved_with_a_reason_and_its_project_gets_the_pod(located):
    moved = located.ask(
        "POST", "/v1.0/locations/server-2/move", {"pod_id": "far", "reason": "cold migration"}
    ).body["location"]

    assert (moved["pod_id"], moved["pod_name"], moved["moved_from"]) == ("far", "Far", "a")
    assert moved["changed_by_hand"]["reason"] == "cold migration"
    assert listed(located, "?pod_id=far") == ["server-2", "server-4"]
    assert located.desk.projects.pod_ids("p2") == {"a", "far"}
    assert located.desk.locations.get("server-2").share is None


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"pod_id": "b"}, (400, "reason")),
        ({"reason": "x"}, (400, "pod_id")),
        ({"pod_id": "a", "reason": "x"}, (409, "pod_id")),
        ({"pod_id": "nowhere", "reason": "x"}, (400, "pod_id")),
        ({"pod_id": "top", "reason": "x"}, (400, "pod_id")),
        ({"pod_id": "b", "reason": ""}, (400, "reason")),
    ],
)
def test_a_move_needs_another_pod_with_servers_and_a_reason(located, body, refusal):
    assert located.refused("POST", "/v1.0/locations/server-0/move", body) == refusal
    assert located.desk.locations.get("server-0").pod_id == "a"


def test_a_wrong_move_is_mended_by_a_move_though_the_location_ended(located):
    """The wrong pod says 404 to the next client, which ends the location."""
    located.ask("POST", "/v1.0/locations/server-0/move", {"pod_id": "b", "reason": "a mistake"})
    located.desk.locations.end("server-0", NOW)

    order = {"pod_id": "a", "reason": "it was there"}
    moved = located.ask("POST", "/v1.0/locations/server-0/move", order).body["location"]
    assert (moved["pod_id"], moved["moved_from"], moved["ended_at"]) == ("a", "b", None)
    assert listed(located, "?pod_id=a") == ["server-0", "server-2", "server-3"]


def test_a_pod_that_burnt_down_is_removed_by_http_with_its_servers(located):
    status, _ = located.refused("DELETE", "/v1.0/pods/a")
    assert status == 409
    located.ask("POST", "/v1.0/pods/a/disable", {"reason": "it burnt down"})
    assert located.refused("DELETE", "/v1.0/pods/a?forget_servers=true") == (400, "reason")
    assert located.ask("DELETE", "/v1.0/pods/a?forget_servers=true&reason=fire").status == 204

    shown = located.ask("GET", "/v1.0/locations/server-0").body["location"]
    assert (shown["pod_name"], shown["changed_by_hand"]["reason"]) == (None, "fire")
    assert listed(located) == ["server-1", "server-4"]


def test_health_names_strays(operator):
    operator.desk.outside.strays.put(Stray("s", "a", "p1", "vm", NOW, NOW, "trio2o:abc:1", fits=True))
    health = operator.ask("GET", "/v1.0/health").body["health"]

    (stray,) = health["strays"]
    assert (stray["server_id"], stray["pod_name"], stray["may_be_deleted"]) == ("s", "A", True)
    assert (health["status"], health["stray_count"]) == ("degraded", 1)
