"""What only DynamoDB's own items show: keys, expiry, and how many calls a store makes."""

from dataclasses import replace

import pytest

from chalicelib.adapters.dynamodb.binding_items import BindingItem, zone_group
from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.adapters.dynamodb.capacity_store import DynamoCapacityStore
from chalicelib.adapters.dynamodb.location_store import DynamoLocationStore
from chalicelib.adapters.dynamodb.pod_items import CapacityItem
from chalicelib.adapters.dynamodb.pod_store import DynamoPodStore
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.binding import change_of
from chalicelib.model.capacity import CapacityReport, HostCapacity
from chalicelib.model.errors import BindingConflict
from chalicelib.model.location import Location
from chalicelib.settings import Settings
from tests.adapters.dynamodb.refusals import THROTTLED, Refusing, before_sending
from tests.builders import NOW, PROJECT, a_binding, a_capacity, a_flavor, a_pod


def watch(client, operation):
    """Record an operation's requests without refusing any."""
    return before_sending(client, operation, Refusing(THROTTLED, times=0))


def test_history_is_append_only_even_when_its_binding_is_lost(database):
    store = DynamoBindingStore(database)
    store.commit(change_of(None, a_binding("pod-a", decision_id="d1")))
    key = a_binding().key
    database.table(BindingItem)(key.project_id, zone_group(key)).delete()

    with pytest.raises(BindingConflict):
        store.commit(change_of(None, a_binding("pod-b", decision_id="d2")))
    assert [event.pod_id for event in store.history(key)] == ["pod-a"]


def test_an_unchanged_catalogue_is_written_once(database):
    store = DynamoCapacityStore(database)
    report = CapacityReport(a_capacity(), {"m1.small": a_flavor()})

    with watch(database.connection.client, "TransactWriteItems") as sent:
        for _ in range(3):
            store.save("pod-a", report)

    puts = [item["Put"] for request in sent.seen for item in request["TransactItems"] if "Put" in item]
    written = [put["Item"]["pod_id"]["S"] for put in puts]
    assert written.count("pod-a") == 1
    assert written.count("hosts#pod-a") == 3


def test_a_catalogue_is_read_and_decoded_once_until_it_changes(database):
    store = DynamoCapacityStore(database)
    pods = DynamoPodStore(database, store)
    pods.create(a_pod())
    store.save("pod-a", CapacityReport(a_capacity(), {"m1.small": a_flavor()}))

    with watch(database.connection.client, "GetItem") as gets:
        for _ in range(3):
            assert pods.list()[0].catalogue == {"m1.small": a_flavor()}

    assert len(gets.seen) == 1


def test_a_listing_of_pods_costs_three_scans_whatever_their_number(database):
    pods = DynamoPodStore(database)
    for number in range(5):
        pods.create(a_pod(f"pod-{number}"))

    with watch(database.connection.client, "Scan") as scans:
        assert len(pods.list()) == 5

    assert len(scans.seen) == 3
    assert all(request["ConsistentRead"] for request in scans.seen)


def test_hosts_stay_out_of_the_item_that_creates_read(database):
    hosts = tuple(HostCapacity(f"host-{n}", Totals(8, 8, 8), Amounts()) for n in range(500))
    DynamoCapacityStore(database).save("pod-a", CapacityReport(a_capacity(hosts=hosts)))

    assert len(database.table(CapacityItem).get("pod-a").capacity) < 300


def test_a_report_leaves_attributes_that_others_put_beside_it(database):
    table = database.table(CapacityItem).Meta.table_name
    client = database.connection.client
    client.put_item(TableName=table, Item={"pod_id": {"S": "pod-a"}, "free_vcpus": {"N": "7"}})

    DynamoCapacityStore(database).save("pod-a", CapacityReport(a_capacity()))

    stored = client.get_item(TableName=table, Key={"pod_id": {"S": "pod-a"}})["Item"]
    assert stored["free_vcpus"] == {"N": "7"}


def test_dynamodb_is_told_when_an_ended_location_may_go(database):
    store = DynamoLocationStore(database, lambda: NOW)
    store.remember(Location("s1", PROJECT, "pod-a", NOW))
    store.end("s1", NOW)

    table = database.table_name("locations")
    stored = database.connection.client.get_item(TableName=table, Key={"resource_id": {"S": "s1"}})["Item"]
    assert int(stored["expires_at"]["N"]) == int(NOW.timestamp()) + Settings().location_ttl_days * 86400


def test_a_write_of_a_pod_that_was_just_read_reads_nothing(database):
    pods = DynamoPodStore(database)
    pods.create(a_pod())
    pod = pods.get("pod-a")

    with watch(database.connection.client, "GetItem") as gets:
        pods.delete(pods.update(pod, replace(pod, pod_name="Other")))

    assert gets.seen == []
