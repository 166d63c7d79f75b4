"""One reading serves many creates, and no change is lost on its way into the snapshot."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event

import pytest

from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.adapters.memory.snapshot_store import MemorySnapshotStore
from chalicelib.model.errors import StoreBusy
from chalicelib.model.pod import PodState
from chalicelib.service.observing.snapshots import PublishedPods, Snapshots
from tests.builders import SetClock, a_pod


class CountedStore(MemorySnapshotStore):
    """Counts readings, and lets them end only while ``open`` is set."""

    def __init__(self):
        super().__init__()
        self.readings, self.open, self.begun = 0, Event(), Event()
        self.open.set()

    def get(self):
        self.readings += 1
        read = super().get()
        self.begun.set()
        assert self.open.wait(5)
        return read


class CountedPods(MemoryPodStore):
    """Counts how often all pods are read."""

    listed = 0

    def list(self):
        self.listed += 1
        return super().list()


def gateway(*pods, chance=lambda: 0.0, store=None, clock=None):
    """A process: its pods to write and its snapshots to read."""
    known, clock = CountedPods(pods), clock or SetClock()
    snapshots = Snapshots(store or CountedStore(), known, clock, cache_seconds=15.0, chance=chance)
    return snapshots, PublishedPods(known, snapshots, changed=lambda: None), known, clock


def ids(snapshots):
    return [pod.pod_id for pod in snapshots.current()]


def test_a_warm_process_reads_neither_snapshot_nor_pods():
    snapshots, _, known, clock = gateway(a_pod("pod-a"))
    snapshots.rebuild()
    snapshots.current()
    known.listed = 0
    for _ in range(14):
        clock.passes(1)
        assert ids(snapshots) == ["pod-a"]

    assert (snapshots._store.readings, known.listed) == (1, 0)


@pytest.mark.parametrize(("drawn", "seconds"), [(0.0, 15.0), (1.0, 12.0)])
def test_it_is_read_again_after_15_seconds_or_a_fifth_less(drawn, seconds):
    snapshots, _, _, clock = gateway(chance=lambda: drawn)
    snapshots.rebuild()
    snapshots.current()
    clock.passes(seconds - 0.001)
    snapshots.current()
    assert snapshots._store.readings == 1

    clock.passes(0.001)
    snapshots.current()
    assert snapshots._store.readings == 2


def test_a_clock_that_is_set_back_does_not_keep_it_for_longer():
    snapshots, _, _, clock = gateway()
    snapshots.current()
    clock.passes(-3600)
    snapshots.current()

    assert snapshots._store.readings == 2


def test_threads_that_come_while_one_reads_wait_for_what_it_reads():
    snapshots, _, known, _ = gateway(a_pod("pod-a"))
    snapshots.rebuild()
    known.listed = 0
    together = Barrier(16)

    def read():
        together.wait(5)
        return snapshots.current()

    with ThreadPoolExecutor(16) as threads:
        found = [done.result() for done in [threads.submit(read) for _ in range(16)]]

    assert len({id(snapshot) for snapshot in found}) == 1
    assert (snapshots._store.readings, known.listed) == (1, 0)


def test_before_the_first_snapshot_the_pods_themselves_are_read():
    snapshots, _, _, _ = gateway(a_pod("pod-a"))

    assert ids(snapshots) == ["pod-a"]


def test_an_operators_write_is_seen_by_the_next_create():
    snapshots, pods, _, _ = gateway(a_pod("pod-a"))
    snapshots.rebuild()
    snapshots.current()

    before = pods.get("pod-a")
    pods.update(before, replace(before, state=PodState.DRAINING))
    assert [pod.state for pod in snapshots.current()] == [PodState.DRAINING]
    pods.create(a_pod("pod-b"))
    assert ids(snapshots) == ["pod-a", "pod-b"]
    pods.delete(pods.get("pod-a"))
    assert ids(snapshots) == ["pod-b"]


def test_what_was_being_read_while_an_operator_wrote_is_not_kept():
    store = CountedStore()
    snapshots, pods, _, _ = gateway(a_pod("pod-a"), store=store)
    snapshots.rebuild()
    store.begun.clear()
    store.open.clear()
    with ThreadPoolExecutor(1) as other:
        reading = other.submit(snapshots.current)
        assert store.begun.wait(5)
        pods.create(a_pod("pod-b"))
        store.open.set()
        reading.result()

    assert ids(snapshots) == ["pod-a", "pod-b"]


class Overtaken(MemorySnapshotStore):
    """A store in which another process writes between our reading of the pods and our write."""

    rival = None

    def put(self, snapshot):
        if self.rival is not None:
            rival, self.rival = self.rival, None
            rival()
        super().put(snapshot)


def test_a_rebuild_that_comes_too_late_reads_the_pods_again_and_loses_nothing():
    """The refresh has read the pods when an operator registers one; then it writes."""
    store = Overtaken()
    refresh, _, known, clock = gateway(a_pod("pod-a"), store=store)
    operator = Snapshots(store, known, clock, cache_seconds=15.0)
    store.rival = lambda: PublishedPods(known, operator, changed=lambda: None).create(a_pod("pod-b"))

    refresh.rebuild()

    assert store.version() == 2
    assert [pod.pod_id for pod in store.get()] == ["pod-a", "pod-b"]


def test_an_operators_write_stands_though_the_snapshot_can_not_be_written():
    class Busy(MemorySnapshotStore):
        def put(self, snapshot):
            raise StoreBusy("throttled")

    snapshots, pods, _, _ = gateway(a_pod("pod-a"), store=Busy())
    pods.create(a_pod("pod-b"))

    assert ids(snapshots) == ["pod-a", "pod-b"]


def test_an_operators_write_is_heard_by_those_who_route_in_this_process():
    snapshots, _, known, _ = gateway()
    heard = []
    pods = PublishedPods(known, snapshots, changed=lambda: heard.append("written"))

    pods.create(a_pod("pod-new"))
    pod = pods.get("pod-new")
    pods.delete(pods.update(pod, pod))

    assert heard == ["written"] * 3


def test_the_pods_history_is_the_stores_own():
    _, pods, known, _ = gateway(a_pod("pod-a"))
    for _ in range(3):
        pod = pods.get("pod-a")
        pods.update(pod, replace(pod, weight=pod.weight + 1))

    generations = [
        [event.generation for event in pods.history("pod-a", *asked)] for asked in ((), (2,), (1, 2))
    ]
    assert generations == [
        [event.generation for event in known.history("pod-a", *asked)] for asked in ((), (2,), (1, 2))
    ]
    assert [len(found) for found in generations[1:]] == [2, 2]
