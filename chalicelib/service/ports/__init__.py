"""What the services need of the outside world, as shapes that adapters fit without importing them."""

from __future__ import annotations

from chalicelib.service.ports.others import Clock, Fingerprint, Ids, JobQueue, Pause, TokenValidator
from chalicelib.service.ports.pod_stores import (
    CapacityStore,
    ClaimStore,
    LeaseStore,
    PodNumberStore,
    PodStore,
    SnapshotStore,
    TroubleStore,
)
from chalicelib.service.ports.pods import (
    CapacityReader,
    EndpointPolicy,
    FlavorLookup,
    PodClient,
    PodDirectory,
    PodRefresh,
    ProjectDirectory,
    ResourceLookup,
    ServerReader,
)
from chalicelib.service.ports.quotas import QuotaStore, UsageStore
from chalicelib.service.ports.server_stores import IntentStore, LocationStore, StrayStore
from chalicelib.service.ports.stores import (
    BindingStore,
    DecisionStore,
    JobStore,
    KeypairStore,
    ProfilesInForce,
    ProfileStore,
    ProjectStore,
    RateStore,
    UnfinishedStore,
    Write,
)

__all__ = [
    "BindingStore",
    "CapacityReader",
    "CapacityStore",
    "ClaimStore",
    "Clock",
    "DecisionStore",
    "EndpointPolicy",
    "Fingerprint",
    "FlavorLookup",
    "Ids",
    "IntentStore",
    "JobQueue",
    "JobStore",
    "KeypairStore",
    "LeaseStore",
    "LocationStore",
    "Pause",
    "PodClient",
    "PodDirectory",
    "PodNumberStore",
    "PodRefresh",
    "PodStore",
    "ProfileStore",
    "ProfilesInForce",
    "ProjectDirectory",
    "ProjectStore",
    "QuotaStore",
    "RateStore",
    "ResourceLookup",
    "ServerReader",
    "SnapshotStore",
    "StrayStore",
    "TokenValidator",
    "TroubleStore",
    "UnfinishedStore",
    "UsageStore",
    "Write",
]
