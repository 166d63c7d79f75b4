"""Keypairs: their services on the given adapters."""

from __future__ import annotations

from chalicelib.service.asking.pod_keypairs import PodKeypairs
from chalicelib.service.creating.keypair_adoption import KeypairAdoption
from chalicelib.service.creating.keypair_generation import KeypairGeneration
from chalicelib.service.creating.keypair_imports import KeypairImports
from chalicelib.service.creating.keypairs import Keypairs
from chalicelib.service.operating.keypair_clean_up import KeypairCleanUp
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.shared import Shared


def keypair_imports(outside: Adapters, chosen: Settings, shared: Shared) -> KeypairImports:
    """What creates and rebuilds need. The pods are asked with the patience of a search."""
    inside = PodKeypairs(shared.client, chosen.search_timeout_seconds)
    adoption = KeypairAdoption(
        store=outside.keypairs,
        roster=shared.roster,
        pods=inside,
        fan_out=shared.fan_out,
        clock=outside.clock,
        ids=outside.ids,
        deadline_seconds=chosen.search_timeout_seconds,
    )
    return KeypairImports(outside.keypairs, adoption, inside, outside.clock)


def keypairs(outside: Adapters, chosen: Settings, shared: Shared, adoption: KeypairAdoption) -> Keypairs:
    """What users do with their keypairs. Making a key takes a pod longer than showing one."""
    generation = KeypairGeneration(
        store=outside.keypairs,
        roster=shared.roster,
        projects=outside.projects,
        pods=PodKeypairs(shared.client, chosen.read_timeout_seconds),
        clock=outside.clock,
        ids=outside.ids,
    )
    return Keypairs(
        store=outside.keypairs,
        adoption=adoption,
        generation=generation,
        fingerprint=outside.fingerprint,
        clock=outside.clock,
        ids=outside.ids,
        most_keypairs=lambda user_id, project_id: shared.quotas.limit_of(project_id, user_id, "key_pairs"),
    )


def keypair_clean_up(outside: Adapters, chosen: Settings, shared: Shared) -> KeypairCleanUp:
    """The clean-up. Its calls, of background work, count against no pod's circuit."""
    return KeypairCleanUp(
        store=outside.keypairs,
        pods=shared.pods,
        inside=PodKeypairs(outside.client, chosen.search_timeout_seconds),
        clock=outside.clock,
    )
