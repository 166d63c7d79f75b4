"""Published pods: what is written of a pod is written as the store does it, and every write is published."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.memory.snapshot_store import MemorySnapshotStore
from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict, GenerationConflict
from chalicelib.model.pod_event import PodAction
from chalicelib.service.observing.snapshots import MOST_REBUILDS
from tests.builders import NOW, a_pod
from tests.service.observing.test_snapshots import gateway, ids

DEED = Deed(NOW, "op-1", "req-1", "a reason")


def test_each_write_is_the_stores_with_its_deed():
    _, pods, known, _ = gateway()

    pods.create(a_pod("pod-a"), DEED)
    before = pods.get("pod-a")
    written = pods.update(before, replace(before, weight=3.0), replace(DEED, reason="larger"))
    pods.delete(written, replace(DEED, reason="sold"))

    assert (written.weight, written.generation) == (3.0, 2)
    assert [(event.action, event.deed) for event in pods.history("pod-a")] == [
        (PodAction.REGISTERED, DEED),
        (PodAction.CHANGED, replace(DEED, reason="larger")),
        (PodAction.DELETED, replace(DEED, reason="sold")),
    ]
    assert pods.list() == known.list() == []


def test_a_write_without_a_deed_is_nobodys():
    _, pods, _, _ = gateway()

    pods.create(a_pod("pod-a"))
    pods.delete(pods.update(pods.get("pod-a"), pods.get("pod-a")))

    assert [event.deed for event in pods.history("pod-a")] == [Deed()] * 3


def test_a_history_comes_in_pages():
    _, pods, _, _ = gateway()
    pods.create(a_pod("pod-a"))
    for _ in range(1001):
        pods.update(pods.get("pod-a"), pods.get("pod-a"))

    def generations(*asked, **named):
        return [event.generation for event in pods.history("pod-a", *asked, **named)]

    assert generations() == list(range(1, 1001))
    assert generations(1, 2) == [2, 3]
    assert generations(after=1000, limit=5) == [1001, 1002]


def test_what_the_store_refuses_is_not_published():
    snapshots, pods, _, _ = gateway(a_pod("pod-a"))
    with pytest.raises(Conflict):
        pods.create(a_pod("pod-a"))
    with pytest.raises(GenerationConflict):
        pods.delete(a_pod("pod-a", generation=7))

    assert snapshots._store.version() == 0


class Overtaken(MemorySnapshotStore):
    """A store in which others write first, so often."""

    times = 0

    def put(self, snapshot):
        if self.times:
            self.times -= 1
            raise GenerationConflict("written meanwhile")
        super().put(snapshot)


@pytest.mark.parametrize(("times", "version"), [(MOST_REBUILDS - 1, 1), (MOST_REBUILDS, 0)])
def test_a_rebuild_is_tried_some_times_and_then_left_to_the_next_refresh(times, version):
    store = Overtaken()
    store.times = times
    snapshots, pods, _, _ = gateway(store=store)

    pods.create(a_pod("pod-a"))

    assert store.version() == version
    assert ids(snapshots) == ["pod-a"]


def test_snapshots_are_numbered_one_after_the_other_and_hold_their_number():
    store = MemorySnapshotStore()
    snapshots, pods, _, _ = gateway(store=store)

    assert snapshots.current().version == 0
    for version in (1, 2):
        pods.create(a_pod(f"pod-{version}"))
        assert (store.version(), snapshots.current().version) == (version, version)


def test_pods_that_are_read_where_no_snapshot_is_found_have_the_number_that_the_store_tells():
    class Emptied(MemorySnapshotStore):
        def get(self):
            return None

        def version(self):
            return 7

    snapshots, _, _, _ = gateway(a_pod("pod-a"), store=Emptied())

    assert (ids(snapshots), snapshots.current().version) == (["pod-a"], 7)


def test_a_reading_is_kept_for_the_time_that_is_drawn_and_not_a_moment_longer():
    store = MemorySnapshotStore()
    snapshots, _, known, clock = gateway(a_pod("pod-a"), store=store, chance=lambda: 0.5)
    assert ids(snapshots) == ["pod-a"]
    known.create(a_pod("pod-b"))

    clock.now += timedelta(seconds=13.4)
    assert ids(snapshots) == ["pod-a"]
    clock.now += timedelta(seconds=0.1)
    assert ids(snapshots) == ["pod-a", "pod-b"]
