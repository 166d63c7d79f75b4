"""What a process read of a store counts for a while from that very moment on; and it keeps only so much."""

import pytest

from chalicelib.model.location import Location
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.asking import known_locations, quotas
from chalicelib.service.asking.known_locations import KnownLocations
from chalicelib.service.asking.quotas import Quotas
from chalicelib.service.asking.roster import Roster
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.creating import profile_cache
from chalicelib.service.creating.profile_cache import ProfileCache
from tests.builders import NOW, PROJECT, a_caller, a_pod
from tests.service.desk import World

READER = a_caller().identity


class Counted:
    """A store of which one method counts its calls."""

    def __init__(self, store, method):
        self.store, self.method, self.reads = store, method, 0

    def __getattr__(self, name):
        self.reads += name == self.method
        return getattr(self.store, name)


class Profiles:
    """Every zone's profile is the same."""

    def get(self, az_name):
        return SPREAD


def pods(world):
    store = Counted(world.outside.pods, "list")
    roster = Roster(store, world.clock, 30.0)
    return store, lambda key: roster.all()


def limits(world):
    store = Counted(world.outside.quotas, "of_project")
    kept = Quotas(store, world.clock, cache_seconds=30.0)
    return store, kept.limits


def troubles(world):
    store = Counted(world.outside.troubles, "list")
    kept = Troubles(store, world.clock, cache_seconds=30.0)
    return store, lambda key: kept.open_circuits(())


def profiles(world):
    store = Counted(Profiles(), "get")
    kept = ProfileCache(store, world.clock, 30.0)
    return store, kept.get


def locations(world):
    for resource_id in "ab":
        world.outside.locations.remember(Location(resource_id, PROJECT, "pod-a", NOW))
    store = Counted(world.outside.locations, "get")
    kept = KnownLocations(store, world.clock)
    return store, lambda key: kept.get(key, READER)


EACH = (pods, limits, troubles, profiles, locations)


@pytest.mark.parametrize("kind", EACH)
@pytest.mark.parametrize(("seconds", "reads"), [(0, 1), (29, 1), (30, 2), (-1, 2)])
def test_it_counts_until_its_time_is_over_or_the_clock_goes_back(kind, seconds, reads):
    world = World(a_pod("pod-a"))
    store, read = kind(world)
    first = read("a")
    world.clock.passes(seconds)

    assert read("a") == first
    assert store.reads == reads


@pytest.mark.parametrize(
    ("kind", "module", "most"),
    [
        (limits, quotas, "MOST_KNOWN"),
        (profiles, profile_cache, "MOST_ZONES"),
        (locations, known_locations, "MOST_KNOWN"),
    ],
)
def test_at_its_bound_it_begins_anew(monkeypatch, kind, module, most):
    monkeypatch.setattr(module, most, 1)
    store, read = kind(World(a_pod("pod-a")))
    for key in "aabba":
        read(key)

    assert store.reads == 3
