"""Stray: a server that a create left behind and that nobody was told of; and how one is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.model.intent import Intent, IntentState
from chalicelib.model.sweep import FoundServer

# Clocks of pods differ from ours, and Nova dates in whole seconds.
SKEW = timedelta(seconds=60)


class Origin(StrEnum):
    """What a server without a location is, that carries the marker of a create of ours."""

    AWAITED = "awaited"  # its create isn't settled, so what becomes of it is not for us to say
    ADOPTED = "adopted"  # it is to be served: our stores know less of it than the pod does
    STRAY = "stray"  # its create made nothing, or made other servers


@dataclass(frozen=True, slots=True)
class Stray:
    """A server that its create's intent doesn't count among its own.

    ``fits`` says that project and time are those of the intent; another one is never deleted.
    """

    server_id: str
    pod_id: str
    project_id: str
    name: str
    created_at: datetime
    seen_at: datetime
    marker: str
    fits: bool = False


def origin_of(server: FoundServer, pod_id: str, intent: Intent | None) -> Origin:
    """What a server with a marker is by the intent in the marker's slot (None: there is none).

    Where the marker tells of more than the intent knows, our stores are older than the server, as after a
    restore from a backup. Then it is somebody's, whoever was told of it.
    """
    marker = server.marker
    if marker is None or intent is None or intent.intent_id != marker.intent_id:
        return Origin.ADOPTED
    if marker.attempt < intent.attempt:
        return Origin.STRAY
    if marker.attempt > intent.attempt or intent.pod_id != pod_id:
        return Origin.ADOPTED
    if intent.state is IntentState.POSTING:
        return Origin.AWAITED
    if intent.state is IntentState.FAILED:
        return Origin.STRAY
    is_one_of_it = server.server_id in intent.server_ids or len(intent.server_ids) < intent.count
    return Origin.ADOPTED if is_one_of_it else Origin.STRAY


def stray_of(server: FoundServer, pod_id: str, intent: Intent, now: datetime) -> Stray:
    """The stray that a server is, as it was seen now."""
    in_time = intent.made_at - SKEW <= server.created_at <= intent.settle_at + SKEW
    return Stray(
        server_id=server.server_id,
        pod_id=pod_id,
        project_id=server.project_id,
        name=server.name,
        created_at=server.created_at,
        seen_at=now,
        marker=str(server.marker),
        fits=in_time and server.project_id == intent.project_id,
    )
