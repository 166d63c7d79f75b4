"""A snapshot that is too large for one item is kept in parts, and read as one."""

from dataclasses import replace

import pytest

from chalicelib.adapters.dynamodb import snapshot_codec
from chalicelib.adapters.dynamodb.snapshot_store import DynamoSnapshotStore, SnapshotItem
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.snapshot import snapshot_of
from tests.builders import NOW, a_pod

PODS = [a_pod(f"pod-{n}", weight=float(n)) for n in range(50)]


def now():
    return NOW


@pytest.fixture
def parts(database):
    """The names of all items in the table."""
    table = database.table(SnapshotItem)
    return lambda: {item.part for item in table.scan(consistent_read=True)}


@pytest.fixture
def store(database):
    return DynamoSnapshotStore(database, now, part_bytes=200)


def test_parts_are_read_as_one(store, parts):
    store.put(snapshot_of(PODS, version=1))

    assert len(parts()) > 3
    assert list(store.get()) == PODS


def test_the_parts_of_the_version_before_are_cleaned_up(store, parts):
    store.put(snapshot_of(PODS, version=1))
    before = parts()
    store.put(snapshot_of(PODS, version=2))
    assert parts() & before == {"head"}

    store.put(snapshot_of([], version=3).with_pods([]))
    assert store.get().version == 3


def test_a_small_one_after_a_large_one_is_the_head_alone(database, store, parts):
    store.put(snapshot_of(PODS, version=1))
    DynamoSnapshotStore(database, now).put(snapshot_of(PODS, version=2))

    assert parts() == {"head"}
    assert store.get().version == 2


class Overtaken(DynamoSnapshotStore):
    """A store in which another writer finishes just before our head is written."""

    rival = None

    def _write_head(self, *of):
        if self.rival is not None:
            rival, self.rival = self.rival, None
            DynamoSnapshotStore(self.database, now, part_bytes=200).put(rival)
        super()._write_head(*of)


@pytest.mark.parametrize("pods", [PODS, PODS[1:]], ids=["the same pods", "other pods"])
def test_a_writer_that_loses_leaves_the_winners_parts_alone(database, parts, pods):
    """Equal snapshots have parts of equal names, so the loser must not delete them."""
    loser = Overtaken(database, now, part_bytes=200)
    loser.database, loser.rival = database, snapshot_of(PODS, version=1)

    with pytest.raises(GenerationConflict):
        loser.put(snapshot_of(pods, version=1))
    assert list(loser.get()) == PODS
    left = parts()
    DynamoSnapshotStore(database, now).put(snapshot_of([], version=2))
    assert len(left) > 3
    assert parts() == {"head"}, "and no part of its own"


class Replaced(DynamoSnapshotStore):
    """A store in which another writer replaces the parts that we are about to read, ``times`` times."""

    times = 1

    def _whole(self, head):
        if self.times:
            self.times -= 1
            other = DynamoSnapshotStore(self.database, now, part_bytes=200)
            other.put(snapshot_of(PODS[1:], other.version() + 1))
        return super()._whole(head)


@pytest.mark.parametrize(("times", "read"), [(1, True), (2, True), (3, False)])
def test_a_reader_whose_parts_are_replaced_reads_again(database, store, times, read):
    store.put(snapshot_of(PODS, version=1))
    reader = Replaced(database, now, part_bytes=200)
    reader.database, reader.times = database, times

    found = reader.get()
    assert (list(found) == PODS[1:]) if read else found is None


def test_what_another_version_of_the_code_wrote_is_not_read(database, store, monkeypatch):
    monkeypatch.setattr(snapshot_codec, "FORM", snapshot_codec.FORM + 1)
    store.put(snapshot_of(PODS, version=1))
    monkeypatch.undo()

    assert store.get() is None
    store.put(snapshot_of([replace(PODS[0], pod_name="Later")], version=2))
    assert store.get()[0].pod_name == "Later"
