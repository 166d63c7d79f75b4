"""Every contract runs against the stores in memory and against the embedded DynamoDB."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.adapters.dynamodb.capacity_store import DynamoCapacityStore
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.decision_store import DynamoDecisionStore
from chalicelib.adapters.dynamodb.job_store import DynamoJobStore
from chalicelib.adapters.dynamodb.location_store import DynamoLocationStore
from chalicelib.adapters.dynamodb.pod_store import DynamoPodStore
from chalicelib.adapters.dynamodb.profile_store import DynamoProfileStore
from chalicelib.adapters.dynamodb.project_store import DynamoProjectStore
from chalicelib.adapters.dynamodb.snapshot_store import DynamoSnapshotStore
from chalicelib.adapters.dynamodb.trouble_store import DynamoTroubleStore
from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.adapters.memory.capacity_store import MemoryCapacityStore
from chalicelib.adapters.memory.claim_store import MemoryClaimStore
from chalicelib.adapters.memory.decision_store import MemoryDecisionStore
from chalicelib.adapters.memory.job_store import MemoryJobStore
from chalicelib.adapters.memory.location_store import MemoryLocationStore
from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.adapters.memory.profile_store import MemoryProfileStore
from chalicelib.adapters.memory.project_store import MemoryProjectStore
from chalicelib.adapters.memory.snapshot_store import MemorySnapshotStore
from chalicelib.adapters.memory.trouble_store import MemoryTroubleStore
from tests.builders import NOW


@dataclass
class Hand:
    """A clock that a test moves by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)


@dataclass
class Stores:
    """One of each store, all of one kind, that share a clock."""

    pods: Any
    snapshots: Any
    capacity: Any
    troubles: Any
    claims: Any
    bindings: Any
    projects: Any
    locations: Any
    decisions: Any
    profiles: Any
    jobs: Any
    clock: Hand = field(default_factory=Hand)


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        return in_memory(Hand())
    return in_dynamodb(request.getfixturevalue("database"), Hand())


def in_memory(clock: Hand) -> Stores:
    capacity, claims = MemoryCapacityStore(), MemoryClaimStore()
    return Stores(
        pods=MemoryPodStore(capacity=capacity, claims=claims),
        snapshots=MemorySnapshotStore(),
        capacity=capacity,
        troubles=MemoryTroubleStore(),
        claims=claims,
        bindings=MemoryBindingStore(),
        projects=MemoryProjectStore(),
        locations=MemoryLocationStore(clock),
        decisions=MemoryDecisionStore(clock),
        profiles=MemoryProfileStore(),
        jobs=MemoryJobStore(),
        clock=clock,
    )


def in_dynamodb(database: Database, clock: Hand) -> Stores:
    return Stores(
        pods=DynamoPodStore(database),
        snapshots=DynamoSnapshotStore(database, clock),
        capacity=DynamoCapacityStore(database),
        troubles=DynamoTroubleStore(database, lambda: datetime.now(UTC)),
        claims=DynamoClaimStore(database),
        bindings=DynamoBindingStore(database),
        projects=DynamoProjectStore(database),
        locations=DynamoLocationStore(database, clock),
        decisions=DynamoDecisionStore(database, clock),
        profiles=DynamoProfileStore(database),
        jobs=DynamoJobStore(database),
        clock=clock,
    )
