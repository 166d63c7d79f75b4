"""Location: what a pod shows of a resource tells where it is, and since when."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chalicelib.adapters.memory.location_store import MemoryLocationStore
from chalicelib.model.location import Location
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.location import location_of, may_hold
from tests.builders import NOW, PROJECT, a_caller, a_pod

LATER = NOW + timedelta(hours=1)


class AskedStore(MemoryLocationStore):
    """Notes how many locations of which pod are read."""

    def __init__(self, now):
        super().__init__(now)
        self.asked = []

    def of_pod(self, pod_id, limit=1000):
        self.asked.append((pod_id, limit))
        return super().of_pod(pod_id, limit)


@pytest.mark.parametrize(
    ("created", "made_at"),
    [
        ("2025-06-01T10:00:00Z", datetime(2025, 6, 1, 10, tzinfo=UTC)),
        ("2025-06-01T10:00:00", datetime(2025, 6, 1, 10, tzinfo=UTC)),
        ("2025-06-01T12:00:00+02:00", datetime(2025, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))),
        ("yesterday", LATER),
        (None, LATER),
    ],
)
def test_a_location_has_what_the_row_shows_and_is_made_now_where_no_date_is_shown(created, made_at):
    row = {"id": "vm-1", "name": "web", "created": created}

    location = location_of(SERVERS, row, a_caller(), a_pod("pod-a"), LATER)

    assert location == Location("vm-1", PROJECT, "pod-a", made_at, "web", "req-1")
    assert location.created_at.utcoffset() is not None


@pytest.mark.parametrize("row", [{"id": "vm-1"}, {"id": "vm-1", "name": None}])
def test_what_has_no_name_and_no_date_is_located_too(row):
    location = location_of(SERVERS, row, a_caller(), a_pod("pod-a"), NOW)

    assert location == Location("vm-1", PROJECT, "pod-a", NOW, request_id="req-1")


def test_a_pod_that_is_not_proven_holds_something_only_where_we_know_of_it():
    locations = AskedStore(lambda: NOW)
    locations.remember(Location("vm-1", PROJECT, "pod-a", NOW))
    pods = [a_pod("pod-a", proven=False), a_pod("pod-b", proven=False), a_pod("pod-c")]

    assert [may_hold(pod, locations) for pod in pods] == [True, False, True]
    assert locations.asked == [("pod-a", 1), ("pod-b", 1)], "one location is enough to know"
