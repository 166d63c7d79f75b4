"""What one round of reconciling asks a pod at most, which pods it asks, and what it still counts."""

from dataclasses import replace

import pytest

from chalicelib.model.intent import IntentState, Marker
from chalicelib.model.location import Location
from chalicelib.service.observing import adoption, reconciling, strays
from tests.builders import NOW, PROJECT, an_intent
from tests.service.observing.lost_servers import Lost, a_server, server_id

IDS = ("a" * 40, "b" * 40, "c" * 40)


def with_strays(count, **fields):
    """So many strays in the pod a, that were noted."""
    lost = Lost(page_size=10, **fields)
    lost.intents.put(an_intent(IDS[0], pod_id="a").failed())
    for number in range(count):
        lost.has("a", a_server(number, marker=Marker(IDS[0], 1), takes_labels=False))
    lost.services.capacity_refresh.refresh_all()
    lost.heard.clear()
    return lost


def test_so_many_creates_of_a_pod_are_concluded_in_a_round_and_the_rest_in_the_next(monkeypatch):
    monkeypatch.setattr(reconciling, "MOST_OF_POD", 2)
    lost = Lost()
    lost.minutes()
    for number, intent_id in enumerate(IDS):
        lost.intents.put(an_intent(intent_id, pod_id="a"))
        lost.has("a", a_server(number, marker=Marker(intent_id, 1), takes_labels=False))
    lost.clock.passes(300)
    left = [lost.services.reconciling.run().unsettled for _ in range(2)]

    assert left == [1, 0]


def test_so_many_strays_of_a_pod_are_asked_for_in_a_round_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(strays, "MOST_ASKED", 2)
    lost = with_strays(3)

    assert lost.services.reconciling.run().strays == 3
    assert [path for method, _, path in lost.heard if method == "GET"] == [
        f"/servers/{server_id(number)}" for number in (0, 1)
    ]


def test_strays_of_a_pod_that_is_silent_are_counted_too():
    lost = with_strays(2)
    lost.silent.add("a")

    assert lost.services.reconciling.run().strays == 2


def test_so_many_markers_are_taken_off_in_a_look_at_a_pods_locations(monkeypatch):
    monkeypatch.setattr(adoption, "MOST_UNMARKED", 2)
    lost = Lost(page_size=10)
    lost.minutes()
    lost.intents.put(an_intent(IDS[0], pod_id="a", count=3).done(tuple(map(server_id, range(3))), None))
    for number in range(3):
        lost.has("a", a_server(number, marker=Marker(IDS[0], 1)))
        lost.locations.remember(Location(server_id(number), PROJECT, "a", NOW, decision_id="d"))
    lost.clock.passes(300)
    lost.services.reconciling.run()

    assert [method for method, _, _ in lost.heard].count("DELETE") == 2


@pytest.mark.parametrize("fields", [{"proven": False, "address_generation": 2}, {"az_name": ""}])
def test_a_pod_that_is_not_proven_and_the_top_region_are_not_asked_and_their_creates_stay_open(fields):
    lost = Lost()
    lost.minutes()
    pod = lost.outside.pods.get("a")
    lost.outside.pods.update(pod, replace(pod, **fields))
    lost.intents.put(an_intent(IDS[0], pod_id="a"))
    lost.has("a", a_server(1, marker=Marker(IDS[0], 1)))
    lost.clock.passes(600)
    lost.heard.clear()

    assert lost.services.reconciling.run().unsettled == 1
    assert [pod_id for _, pod_id, _ in lost.heard if pod_id == "a"] == []
    assert lost.intents.get(IDS[0][:32]).state is IntentState.POSTING
