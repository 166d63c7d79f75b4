"""Where resources are, as one process read it lately."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.memory.location_store import MemoryLocationStore
from chalicelib.model.location import Location
from chalicelib.service.asking.known_locations import KEEP, KnownLocations
from tests.builders import NOW, PROJECT
from tests.service.desk import OPERATOR

OWNER = replace(OPERATOR.identity, project_id=PROJECT, roles=frozenset({"member"}))
HERE = Location("id-1", PROJECT, "pod-a", NOW)


class CountedStore(MemoryLocationStore):
    """A store that counts how often a location is read."""

    reads = 0

    def get(self, resource_id):
        self.reads += 1
        return super().get(resource_id)


@pytest.fixture
def store():
    made = CountedStore(lambda: NOW)
    made.remember(HERE)
    return made


def known_at(store, *moments):
    """Locations by a clock that shows these moments in turn, the last for good."""
    left = list(moments)
    return KnownLocations(store, lambda: left.pop(0) if len(left) > 1 else left[0])


def test_a_live_location_is_read_once_for_those_who_ask_again_and_again(store):
    known = known_at(store, NOW)

    assert [known.get("id-1", OWNER) for _ in range(3)] == [HERE] * 3
    assert store.reads == 1


@pytest.mark.parametrize("later", [KEEP, -timedelta(seconds=1)])
def test_it_is_read_again_after_a_while_and_when_the_clock_went_back(store, later):
    known = known_at(store, NOW, NOW + later)

    known.get("id-1", OWNER)
    known.get("id-1", OWNER)

    assert store.reads == 2


def test_what_has_ended_and_what_is_nowhere_is_read_each_time(store):
    known = known_at(store, NOW)
    store.end("id-1", NOW, False)

    assert known.get("id-1", OWNER).ended_at == NOW
    assert known.get("id-1", OWNER).ended_at == NOW
    assert known.get("none-such", OWNER) is None
    assert known.get("none-such", OWNER) is None
    assert store.reads == 4


def test_who_must_know_reads_anew(store):
    known = known_at(store, NOW)
    known.get("id-1", OWNER)
    store.end("id-1", NOW, False)

    assert known.anew("id-1").ended_at == NOW
    assert known.get("id-1", OWNER).ended_at == NOW


def test_who_may_not_see_it_costs_a_read_each_time_as_what_is_nowhere_does(store):
    known = known_at(store, NOW)
    known.get("id-1", OWNER)
    stranger = replace(OWNER, project_id="another")

    for _ in range(2):
        known.get("id-1", stranger)
    assert store.reads == 3
    known.get("id-1", OPERATOR.identity)
    assert store.reads == 3
