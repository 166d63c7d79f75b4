"""Columns: what differs from pod to pod, a list of numbers or texts for each field."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.model.amounts import RESOURCES, Totals
from chalicelib.model.pod import Pod

Numbers = Sequence[int]
NEVER = -(2**62)  # a moment that isn't known
NOT_COUNTED = -1  # a total or limit of a resource that isn't counted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """A moment as a column holds it: whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(since_1970: int) -> datetime:
    """The moment (aware UTC) that a column holds, where it is known."""
    return _EPOCH + timedelta(microseconds=since_1970)


def moment_if_known(since_1970: int) -> datetime | None:
    """The moment (aware UTC) that a column holds; None when it isn't known."""
    return None if since_1970 == NEVER else moment(since_1970)


@dataclass(frozen=True, slots=True)
class Columns:
    """What differs from pod to pod, oldest pod first.

    ``kinds`` are indexes in the snapshot's kinds of pods, ``sources`` in its names of sources. ``created``,
    ``reported``, ``refreshed``, ``unreachable`` (since when) and ``last_unreachable`` are microseconds since
    1970, or NEVER; a pod whose ``reported`` is NEVER has no capacity. ``totals``, ``used``, ``claimed`` and
    ``limits`` have a column for each of RESOURCES, whole or NOT_COUNTED; limits are what headroom leaves of
    the totals. ``errors`` has the places of the few pods whose last refresh failed.
    """

    ids: Sequence[str]
    names: Sequence[str]
    kinds: Numbers
    created: Numbers
    weights: Sequence[float]
    generations: Numbers
    reported: Numbers
    sources: Numbers
    refreshed: Numbers
    unreachable: Numbers
    last_unreachable: Numbers
    totals: tuple[Numbers, ...]
    used: tuple[Numbers, ...]
    claimed: tuple[Numbers, ...]
    limits: tuple[Numbers, ...]
    errors: Mapping[int, str] = field(default_factory=dict)


def columns_of(pods: Sequence[Pod], kinds: Numbers, sources: Sequence[str]) -> Columns:
    """The columns of some pods, given the number of each one's kind of pods and the names of all sources."""
    reports = [pod.capacity for pod in pods]
    return Columns(
        ids=[pod.pod_id for pod in pods],
        names=[pod.pod_name for pod in pods],
        kinds=kinds,
        created=[microseconds(pod.created_at) for pod in pods],
        weights=array("d", [pod.weight for pod in pods]),
        generations=[pod.generation for pod in pods],
        reported=[_known(report.reported_at if report else None) for report in reports],
        sources=[sources.index(report.source) if report else 0 for report in reports],
        refreshed=[_known(pod.health.refreshed_at) for pod in pods],
        unreachable=[_known(pod.health.unreachable_since) for pod in pods],
        last_unreachable=[_known(pod.health.unreachable_at) for pod in pods],
        totals=_by_resource([report.totals if report else Totals() for report in reports]),
        used=_by_resource([pod.used for pod in pods]),
        claimed=_by_resource([pod.claimed for pod in pods]),
        limits=_by_resource([pod.limits for pod in pods]),
        errors={place: pod.health.error for place, pod in enumerate(pods) if pod.health.error},
    )


def _known(at: datetime | None) -> int:
    return NEVER if at is None else microseconds(at)


def _by_resource(rows: Sequence[Iterable[int | None]]) -> tuple[list[int], ...]:
    whole = [[NOT_COUNTED if amount is None else amount for amount in row] for row in rows]
    return tuple([row[place] for row in whole] for place in range(len(RESOURCES)))
