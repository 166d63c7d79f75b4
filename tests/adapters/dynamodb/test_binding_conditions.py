"""A binding's write has two conditions, on the binding and on its event. Each stops a race by itself."""

import pytest

from chalicelib.adapters.dynamodb.binding_items import event_key
from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.model.binding import change_of
from chalicelib.model.errors import BindingConflict
from tests.builders import NOW, a_binding


@pytest.fixture
def store(database):
    return DynamoBindingStore(database)


def bound(store):
    first = a_binding("pod-a")
    store.commit(change_of(None, first, request_id="req-1"))
    return first


def test_the_generation_alone_refuses_a_write_on_what_was_read_before(store):
    first = bound(store)
    second = first.moved("pod-b", NOW, "full")
    store.commit(change_of(first, second, request_id="req-2"))
    store._events(event_key(first.key), 2).delete()

    with pytest.raises(BindingConflict) as lost:
        store.commit(change_of(first, first.moved("pod-c", NOW, "late"), request_id="req-3"))
    assert lost.value.winner == second
    assert store.get(first.key) == second


def test_the_event_alone_refuses_to_write_history_twice(store):
    first = bound(store)
    store._bindings.get(*store_key(store, first), consistent_read=True).delete()

    with pytest.raises(BindingConflict):
        store.commit(change_of(None, a_binding("pod-c"), request_id="req-3"))
    assert [event.pod_id for event in store.history(first.key)] == ["pod-a"]
    assert store.get(first.key) is None


def store_key(store, binding):
    (row,) = store._bindings.query(binding.key.project_id, consistent_read=True)
    return row.project_id, row.zone_group
