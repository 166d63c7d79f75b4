"""Observing: bounds at exactly the limit, and what a round says of how much it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from chalicelib.adapters.memory.snapshot_store import MemorySnapshotStore
from chalicelib.model.deed import Deed
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.intent import IntentState, Marker
from chalicelib.model.location import Location
from chalicelib.service.observing.reconciling import MOST_INTENTS, Reconciled
from chalicelib.service.observing.snapshots import PublishedPods, Snapshots
from tests.builders import NOW, PROJECT, SetClock, a_pod, an_intent
from tests.service.observing.lost_servers import Lost, a_server, server_id
from tests.service.observing.test_requests import TAGGED, Yard, a_stray


def looked(*servers, meanwhile=lambda lost: None):
    """How many servers the look through pod a deals with, whose first one is located there."""
    lost = Lost(page_size=10)
    for server in servers:
        lost.has("a", server)
    meanwhile(lost)
    return lost.services.capacity_refresh._adoption.look(a_pod("a")), lost


def test_a_look_counts_the_servers_that_it_dealt_with():
    def located(pod_id, **fields):
        place = Location(server_id(1), PROJECT, pod_id, NOW, **fields)
        return lambda lost: lost.locations.remember(place)

    found, gone = a_server(1), a_server(1, deleted=True)
    awaited = a_server(1, marker=Marker("a" * 40, 1))

    assert looked(found, a_server(2))[0] == 2
    assert looked(found, meanwhile=located("a"))[0] == 0
    assert looked(found, meanwhile=located("b"))[0] == 0
    assert looked(a_server(1, leaving=True))[0] == 0
    assert looked(awaited, meanwhile=lambda lost: lost.intents.put(an_intent("a" * 40, pod_id="a")))[0] == 1
    lost = looked(found, meanwhile=located("a"))[1]
    lost.there["a"][server_id(1)] = gone
    lost.changed_at[server_id(1)] = lost.clock.now
    assert lost.services.capacity_refresh._adoption.look(a_pod("a")) == 1
    assert lost.locations.get(server_id(1)).ended_at == NOW


@pytest.mark.parametrize(("seconds_ago", "revived"), [(60, False), (61, True)])
def test_a_location_that_ended_over_a_minute_ago_lives_again_with_its_server(seconds_ago, revived):
    def ended(lost):
        lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW))
        lost.locations.end(server_id(1), NOW - timedelta(seconds=seconds_ago))

    count, lost = looked(a_server(1), meanwhile=ended)

    assert (count, lost.locations.get(server_id(1)).ended_at is None) == (int(revived), revived)


def test_a_pod_that_is_not_proven_is_not_looked_through():
    lost = Lost()
    lost.has("a", a_server(1))

    assert lost.services.capacity_refresh._adoption.look(a_pod("a", proven=False)) == 0
    assert lost.locations.of_pod("a") == []


def test_half_of_the_creates_of_a_round_are_the_oldest_and_half_the_newest():
    lost, asked = Lost(), []
    posting = lost.intents.posting
    lost.intents.posting = lambda *told, **how: asked.append((told, how)) or posting(*told, **how)
    lost.services.reconciling.run()

    half = MOST_INTENTS // 2
    assert asked == [((NOW, half), {}), ((NOW, half), {"newest": True})]


def test_what_a_pod_that_is_not_asked_had_is_left():
    lost = Lost()
    lost.minutes()
    lost.outside.strays.put(a_stray())
    lost.intents.put(an_intent("a" * 40, pod_id="a"))
    pod = lost.outside.pods.get("a")
    lost.outside.pods.update(pod, replace(pod, proven=False, address_generation=2))
    lost.clock.passes(600)

    assert lost.services.reconciling.run() == Reconciled(unsettled=1, strays=1)


def test_a_pod_that_is_too_slow_leaves_what_it_had_and_delays_no_round():
    lost, hangs = Lost(), Event()
    lost.intents.put(an_intent("a" * 40, pod_id="a").absent(NOW))
    lost.clock.passes(600)
    lost.marked = lambda *_: hangs.wait(10) and []

    done = replace(lost.services.reconciling, deadline_seconds=0.05).run()
    hangs.set()

    assert done.unsettled == 1


def test_a_create_that_its_own_client_went_on_with_is_concluded_by_that():
    lost = Lost()
    stale = lost.intents.put(an_intent("a" * 40, pod_id="a"))
    lost.intents.put(stale.failed())
    lost.has("a", a_server(1, marker=Marker("a" * 40, 1)))
    conclude = lost.services.reconciling.concluding.conclude

    assert conclude(a_pod("a"), stale, lambda: True)
    assert lost.intents.get(stale.slot).state is IntentState.FAILED
    with pytest.raises(GenerationConflict):
        lost.intents.put(stale)


def test_claims_of_a_pod_that_has_no_balance_need_no_gathering():
    lost = Lost()

    assert lost.services.capacity_refresh.settling.gather("unknown", NOW) is None


def test_the_last_stray_that_is_asked_for_is_the_last_that_may_be_deleted():
    strays = [a_stray(number, fits=number == 20) for number in range(21)]
    yard = Yard(*strays)

    assert yard.look()[0] == 21
    assert [request.method for request in yard.asked.requests].count("DELETE") == 0


class Expired(MemorySnapshotStore):
    """A store that knows the version of a snapshot which it has no more."""

    def version(self):
        return 7

    def get(self):
        return None


def test_pods_that_are_read_in_place_of_a_snapshot_are_of_the_stores_version():
    pods = Yard().outside.pods
    snapshots = Snapshots(Expired(), pods, SetClock(), cache_seconds=15.0)

    assert (snapshots.current().version, list(snapshots.current())) == (7, [TAGGED])


def test_who_wrote_a_pod_and_why_is_written_with_it():
    pods = Yard().outside.pods
    published = PublishedPods(
        pods, Snapshots(MemorySnapshotStore(), pods, SetClock(), cache_seconds=15.0), lambda: None
    )
    deeds = [Deed(NOW, "op", f"req-{number}", "why") for number in range(3)]

    published.create(a_pod("new"), deeds[0])
    changed = published.update(published.get("new"), a_pod("new", weight=1.0), deeds[1])
    published.delete(changed, deeds[2])

    assert [event.deed for event in published.history("new")] == deeds
