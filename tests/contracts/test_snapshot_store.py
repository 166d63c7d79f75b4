"""What every snapshot store does."""

import pytest

from chalicelib.model.errors import GenerationConflict
from chalicelib.model.snapshot import snapshot_of
from tests.builders import a_capacity, a_flavor, a_pod


def test_there_is_none_at_first(stores):
    assert stores.snapshots.get() is None
    assert stores.snapshots.version() == 0


def test_a_snapshot_is_read_as_it_was_written(stores):
    pods = [a_pod("pod-a"), a_pod("pod-b", capacity=a_capacity(), catalogue={"m1.small": a_flavor()})]
    stores.snapshots.put(snapshot_of(pods, version=1))

    read = stores.snapshots.get()
    assert (read.version, list(read)) == (1, pods)
    assert stores.snapshots.version() == 1


def test_a_snapshot_of_no_pods_is_one(stores):
    stores.snapshots.put(snapshot_of([], version=1))

    assert list(stores.snapshots.get()) == []


@pytest.mark.parametrize("version", [1, 2, 4])
def test_only_the_next_version_can_be_written(stores, version):
    stores.snapshots.put(snapshot_of([], version=1))
    stores.snapshots.put(snapshot_of([a_pod("pod-a")], version=2))

    with pytest.raises(GenerationConflict):
        stores.snapshots.put(snapshot_of([], version=version))
    assert [pod.pod_id for pod in stores.snapshots.get()] == ["pod-a"]


def test_the_first_version_is_1(stores):
    with pytest.raises(GenerationConflict):
        stores.snapshots.put(snapshot_of([], version=2))
    assert stores.snapshots.get() is None
