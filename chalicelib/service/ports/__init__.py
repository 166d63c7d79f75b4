"""What the services need of the outside world, as shapes that adapters fit without importing them."""

from __future__ import annotations

from chalicelib.model.page import BindingQuery, Page
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.service.ports.others import (
    Clock,
    Ids,
    JobQueue,
    TokenValidator,
)
from chalicelib.service.ports.pods import (
    CapacityReader,
    EndpointPolicy,
    FlavorLookup,
    PodClient,
    PodDirectory,
    PodRefresh,
    ResourceLookup,
    ServerReader,
)
from chalicelib.service.ports.stores import (
    BindingStore,
    CapacityStore,
    ClaimStore,
    DecisionStore,
    JobStore,
    LocationStore,
    PodStore,
    ProfilesInForce,
    ProfileStore,
    ProjectStore,
    SnapshotStore,
    TroubleStore,
    Write,
)

# BindingQuery, Page, PodReply and PodRequest are the model's: services import them with the ports.
__all__ = [
    "BindingQuery",
    "BindingStore",
    "CapacityReader",
    "CapacityStore",
    "ClaimStore",
    "Clock",
    "DecisionStore",
    "EndpointPolicy",
    "FlavorLookup",
    "Ids",
    "JobQueue",
    "JobStore",
    "LocationStore",
    "Page",
    "PodClient",
    "PodDirectory",
    "PodRefresh",
    "PodReply",
    "PodRequest",
    "PodStore",
    "ProfileStore",
    "ProfilesInForce",
    "ProjectStore",
    "ResourceLookup",
    "ServerReader",
    "SnapshotStore",
    "TokenValidator",
    "TroubleStore",
    "Write",
]
