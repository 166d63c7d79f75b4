"""Operating: what operators do with pods, decisions and drains, on given adapters."""

from __future__ import annotations

from chalicelib.service.operating.decisions import Decisions
from chalicelib.service.operating.drains import Drains
from chalicelib.service.operating.pod_proof import PodProof
from chalicelib.service.operating.pod_references import PodReferences
from chalicelib.service.operating.pods import Pods
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.shared import Shared


def pods(outside: Adapters, shared: Shared) -> Pods:
    """What registers and changes pods."""
    return Pods(
        store=shared.pods,
        capacities=outside.capacities,
        proof=PodProof(outside.directory, outside.policy, outside.client),
        references=PodReferences(
            outside.bindings, outside.locations, outside.projects, outside.claims, outside.jobs
        ),
        clock=outside.clock,
        ids=outside.ids,
    )


def decisions(outside: Adapters, shared: Shared) -> Decisions:
    """What explains kept decisions and tries new ones."""
    return Decisions(
        decisions=outside.decisions,
        pods=shared.pods,
        bindings=outside.bindings,
        profiles=outside.profiles,
        specs=shared.specs,
        clock=outside.clock,
        ids=outside.ids,
    )


def drains(outside: Adapters, shared: Shared) -> Drains:
    """What moves the bindings of a pod that drains."""
    return Drains(
        pods=shared.pods,
        bindings=outside.bindings,
        projects=outside.projects,
        profiles=outside.profiles,
        decisions=outside.decisions,
        jobs=outside.jobs,
        specs=shared.specs,
        clock=outside.clock,
        ids=outside.ids,
    )
