"""Moments: what must hold whenever anything has happened, whatever was crashed or lost before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.model.amounts import Amounts
from chalicelib.model.intent import IntentState, Marker, marker_in

if TYPE_CHECKING:
    from tests.crash.world import World

_WITHOUT_CHANGE = ("claim", "release", "release_share")


def doubled(world: World) -> Iterator[str]:
    """Creates of which more servers run now than were asked for."""
    for create, count in world.made_by_create().items():
        asked = world.asked.get(create, count)
        if count > asked:
            yield f"{count} servers of {create}, which asked for {asked}"


def unwritten(world: World, body: bytes) -> Iterator[str]:
    """A create that is sent to a pod, though what would find it again isn't written."""
    marker = _marker_in(body)
    intent = world.stores.intents.get(marker.slot) if marker else None
    if marker is None or intent is None:
        yield f"a pod is told of a create with the marker {marker}, whose intent is {intent}"
    elif intent.marker != marker or intent.state is not IntentState.POSTING:
        yield f"a pod is told of {marker}, and the intent is {intent.state} at {intent.marker}"


def half_written(world: World) -> Iterator[str]:
    """Creates that are done, of which a server was never located; bindings to pods that lists leave out."""
    for intent in vars(world.stores.intents)["_intents"].values():
        if intent.state is IntentState.DONE:
            known = {location.resource_id for location in world.stores.locations.found(intent.server_ids)}
            missing = set(intent.server_ids) - known
            if missing and any(made.server.id in missing for made in world.novas.servers() if made.alive):
                yield f"{intent.intent_id} is done, and {missing} are not located"
    for binding in vars(world.stores.bindings)["_bindings"].values():
        if binding.is_binding and binding.pod_id not in world.stores.projects.pod_ids(binding.key.project_id):
            yield f"bound to {binding.pod_id}, which isn't among the project's pods"


class Scales:
    """What is free and what is claimed are, together, the same before and after a claim or its return."""

    def __init__(self, world: World, name: str) -> None:
        """``name`` is the call's, such as ``claims.release``."""
        port, _, method = name.partition(".")
        self._name = name
        self._store = getattr(world.stores, port) if method in _WITHOUT_CHANGE else None
        self._before = self._weight()

    def differ(self) -> Iterator[str]:
        """How the balance has changed though nothing was observed."""
        after = self._weight()
        for pod_id, weight in self._before.items():
            if pod_id in after and after[pod_id] != weight:
                yield f"{self._name} changed the sum of {pod_id} from {weight} to {after[pod_id]}"

    def _weight(self) -> dict[str, Amounts]:
        balances = self._store.all() if self._store else {}
        return {
            pod_id: sum((claim.left for claim in balance.claims.values()), balance.free)
            for pod_id, balance in balances.items()
        }


def _marker_in(body: bytes) -> Marker | None:
    server = json.loads(body)["server"]
    texts = [*server.get("tags", ()), *server.get("metadata", {})]
    return next((marker for marker in map(marker_in, texts) if marker), None)
