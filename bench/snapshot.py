"""Snapshot: how much less CPU it takes to read many pods as one packed snapshot than item by item.

Both are read from the embedded DynamoDB by the product's own stores. ``DynamoPodStore.list`` reads pod and
capacity items by pynamodb, as creates did before there were snapshots. For each size, a second figure counts
only the decoding of the snapshot, without the HTTP call and botocore.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median
from time import thread_time

from bench import decision
from bench.figure import Figure
from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.pod_codec import write_pod
from chalicelib.adapters.dynamodb.pod_items import CapacityItem, PodItem
from chalicelib.adapters.dynamodb.report_codec import write_capacity
from chalicelib.adapters.dynamodb.schema import create_tables
from chalicelib.adapters.dynamodb.snapshot_codec import pack, unpack
from chalicelib.model.pod import Pod
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.settings import Settings
from local import dynamodb

REPETITIONS = {1000: (40, 7), 10_000: (15, 3)}  # how often the snapshot is read, and the items


def measure() -> list[Figure]:
    """Measure two figures for each size. Raises DynamoUnavailable where the embedded DynamoDB can't start."""
    figures: list[Figure] = []
    with dynamodb.running() as embedded:
        connection = PatientConnection("us-east-1", embedded.url)
        for count in REPETITIONS:
            database = Database(f"bench-{count}", connection)
            create_tables(database)
            figures += _compare(count, database)
    return figures


def _compare(count: int, database: Database) -> list[Figure]:
    pods = decision.pods(count)
    _write_items(database, pods)
    stores = wiring.in_deployment(database, Settings())
    snapshots, store = stores.snapshots, stores.pods
    packed = pack(snapshot_of(pods, 1))
    snapshots.put(snapshot_of(pods, 1))
    often, seldom = REPETITIONS[count]
    read = _cpu(lambda: _ready(snapshots.get()), often)
    decoded = _cpu(lambda: _ready(unpack(packed)), often)
    listed = _cpu(store.list, seldom)
    details = f"{read * 1e3:9.3f} ms against {listed * 1e3:9.2f} ms"
    bare = f"{decoded * 1e3:9.3f} ms against {listed * 1e3:9.2f} ms"
    of = f"CPU of a pynamodb read of {count} pods' items over that of reading their snapshot"
    return [
        Figure(f"snapshot_vs_query_{count}", round(listed / read, 1), "ratio", of, details),
        Figure(
            f"snapshot_decoding_vs_query_{count}",
            round(listed / decoded, 1),
            "ratio",
            of + ", decoding alone",
            bare,
        ),
    ]


def _ready(snapshot: Snapshot | None) -> None:
    """Work out from the columns what a decision needs of every pod."""
    if snapshot is None:
        raise RuntimeError("the snapshot that was just written can't be read")
    snapshot.unsettled  # noqa: B018 - both are worked out when they are read first
    snapshot.reported_seconds  # noqa: B018


def _cpu(work: Callable[[], object], times: int) -> float:
    work()
    spent: list[float] = []
    for _ in range(times):
        started = thread_time()
        work()
        spent.append(thread_time() - started)
    return median(spent)


def _write_items(database: Database, pods: list[Pod]) -> None:
    records, reports = database.table(PodItem), database.table(CapacityItem)
    with records.batch_write() as batch:
        for pod in pods:
            batch.save(records(pod.pod_id, generation=1, record=json.dumps(write_pod(pod))))
    with reports.batch_write() as batch:
        for pod in pods:
            if pod.capacity is not None:
                capacity = json.dumps(write_capacity(pod.capacity))
                batch.save(reports(pod.pod_id, capacity=capacity, refreshed_at=pod.capacity.reported_at))
