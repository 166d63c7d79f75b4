"""Observing: what looks at capacity, at new and unknown servers, and at creates that were lost."""

from __future__ import annotations

from chalicelib.service.observing.adoption import Adoption
from chalicelib.service.observing.capacity import CapacityRefresh
from chalicelib.service.observing.cells import Cells
from chalicelib.service.observing.census import Census
from chalicelib.service.observing.concluding import Concluding
from chalicelib.service.observing.follow_up import FollowUp
from chalicelib.service.observing.marked_servers import MarkedServers
from chalicelib.service.observing.reconciling import Reconciling
from chalicelib.service.observing.settling import Settling
from chalicelib.service.observing.strays import Strays
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.shared import Shared

# Pods are asked beside the circuits, which creates alone open.


def adoption(outside: Adapters) -> Adoption:
    """What looks at the servers that changed."""
    marked = _marked(outside)
    return Adoption(outside.locations, outside.projects, outside.servers, marked, outside.clock)


def reconciling(outside: Adapters, chosen: Settings) -> Reconciling:
    """What concludes creates, looks after strays, and counts locations."""
    return Reconciling(
        pods=outside.pods,
        intents=outside.intents,
        strays=outside.strays,
        concluding=Concluding(
            intents=outside.intents,
            locations=outside.locations,
            projects=outside.projects,
            claims=outside.claims,
            servers=outside.servers,
            clock=outside.clock,
        ),
        looking_after=Strays(
            store=outside.strays,
            intents=outside.intents,
            locations=outside.locations,
            client=outside.client,
            deletes=chosen.stray_action == "delete",
        ),
        census=Census(outside.locations, outside.servers, adoption(outside), outside.client, outside.clock),
        cells=Cells(outside.client),
        clock=outside.clock,
    )


def _marked(outside: Adapters) -> MarkedServers:
    return MarkedServers(outside.intents, outside.strays, outside.client, outside.clock)


def capacity_refresh(outside: Adapters, chosen: Settings, shared: Shared) -> CapacityRefresh:
    """What observes the pods, their new servers and those that nobody knows."""
    return CapacityRefresh(
        pods=shared.pods,
        capacities=outside.capacities,
        reader=outside.reader,
        clock=outside.clock,
        settling=Settling(outside.claims, shared.pods, chosen.claim_settle_seconds),
        follow_up=FollowUp(
            outside.locations,
            outside.claims,
            outside.servers,
            shared.troubles,
            outside.clock,
            chosen.follow_up_seconds,
        ),
        adoption=adoption(outside),
        deadline_seconds=chosen.refresh_deadline_seconds,
        workers=chosen.refresh_workers,
        answered=shared.troubles.answered,
        publish=shared.snapshots.rebuild,
    )
