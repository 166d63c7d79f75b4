"""Snapshot: all pods at one version, in columns; a pod becomes an object when somebody asks for it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import nan
from threading import Lock
from typing import Any, overload

from chalicelib.model.capacity import Capacity, PodHealth
from chalicelib.model.pod import NOTHING, Pod
from chalicelib.model.pod_table import COLD, IN_COLUMNS
from chalicelib.model.resources import RESOURCES, Amounts, Totals

Numbers = Sequence[int]
Floats = list[float]
NEVER = -(2**62)  # a moment that isn't known
NOT_COUNTED = -1  # a total or limit of a resource that isn't counted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BLANK = Pod("", "", created_at=_EPOCH)
_SHARED = {name: getattr(_BLANK, name) for name in (*IN_COLUMNS, *COLD)}


def microseconds(moment: datetime) -> int:
    """A moment as a column holds it: whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(since_1970: int) -> datetime:
    """The reverse; aware UTC."""
    return _EPOCH + timedelta(microseconds=since_1970)


def kind(pod: Pod) -> Pod:
    """What a pod shares with others of its kind: zone, state, tags, access, shares, flavors, versions."""
    return replace(pod, **_SHARED)


@dataclass(frozen=True, slots=True)
class Columns:
    """What differs from pod to pod, oldest pod first.

    ``kinds`` are places in the snapshot's kinds, ``sources`` in its names of sources. Moments are
    microseconds since 1970 or NEVER; totals and limits, in the order of RESOURCES, are whole or
    NOT_COUNTED; ``limits`` are what headroom leaves of the totals. A pod whose ``reported`` is NEVER
    has no capacity. ``errors`` are the few that the refresh met.
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


class Snapshot(Sequence[Pod]):
    """Every pod as it was when ``version`` was built; it never changes.

    ``kinds`` are pods too, one for each kind in the order of their oldest pod, without what is in
    columns or cold. ``cold`` unpacks what no filter or weigher looks at and answers it by place.
    """

    def __init__(
        self,
        version: int,
        kinds: Sequence[Pod],
        columns: Columns,
        sources: Sequence[str],
        cold: Callable[[], Callable[[int], Mapping[str, Any]]],
    ) -> None:
        """Made by ``snapshot_of`` and by the codec."""
        self.version = version
        self.kinds = kinds
        self.columns = columns
        self.source_names = sources
        self._cold = cold
        self._made: dict[int, Pod] = {}
        self._changed: Mapping[int, Pod] = {}
        # What others worked out from this version; it dies with it. The lock is for who keeps it bounded.
        self.kept: dict[Any, Any] = {}
        self.keeping = Lock()

    def __len__(self) -> int:
        """How many pods there are."""
        return len(self.columns.ids)

    @overload
    def __getitem__(self, place: int) -> Pod: ...

    @overload
    def __getitem__(self, place: slice) -> list[Pod]: ...

    def __getitem__(self, place: int | slice) -> Pod | list[Pod]:
        """The pod at a place, made once."""
        if isinstance(place, slice):
            return [self[single] for single in range(*place.indices(len(self)))]
        made = self._changed.get(place) or self._made.get(place)
        if made is None:
            made = self._made[place] = self._make(range(len(self))[place])
        return made

    def __iter__(self) -> Iterator[Pod]:
        """All pods, oldest first."""
        return (self[place] for place in range(len(self)))

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each pod is, by its id."""
        return {pod_id: place for place, pod_id in enumerate(self.columns.ids)}

    def places_of(self, pod_ids: Iterable[str]) -> set[int]:
        """Where those of the pods are that there are."""
        return {self.places[pod_id] for pod_id in pod_ids if pod_id in self.places}

    def with_pods(self, pods: Iterable[Pod]) -> Snapshot:
        """The same but for these pods, of which one request has just learned more; others are passed over."""
        twin = copy(self)
        newer = {self.places[pod.pod_id]: pod for pod in pods if pod.pod_id in self.places}
        twin._changed = {**self._changed, **newer}
        return twin

    @property
    def changed(self) -> Set[int]:
        """Where the pods are that ``with_pods`` brought: their columns no longer say what they are."""
        return self._changed.keys()

    @cached_property
    def unsettled(self) -> frozenset[int]:
        """Where the pods are whose verdict changes with the time: out of reach, or with windows."""
        windowed = {number for number, kind in enumerate(self.kinds) if kind.windows}
        state = zip(self.columns.unreachable, self.columns.kinds, strict=True)
        return frozenset(
            place for place, (since, kind) in enumerate(state) if since != NEVER or kind in windowed
        )

    @cached_property
    def named_projects(self) -> frozenset[str]:
        """All projects that any access list names; to all others the pods look the same."""
        lists = [kind.allowed_project_ids | kind.denied_project_ids for kind in self.kinds]
        flavors = (flavor for kind in self.kinds for flavor in (kind.catalogue or {}).values())
        return frozenset().union(*lists, *(flavor.project_ids or () for flavor in flavors))

    @cached_property
    def reported_seconds(self) -> Floats:
        """Seconds since 1970 of each pod's last report, as ``Pod.reported_seconds``."""
        return [at / 1e6 for at in self.columns.reported]

    @cached_property
    def unreported(self) -> frozenset[int]:
        """Where the pods are that never reported."""
        return frozenset(place for place, at in enumerate(self.columns.reported) if at == NEVER)

    def fractions_after(self, places: Sequence[int], need: Sequence[float]) -> Floats:
        """``Pod.fraction_after`` of many pods."""
        worst = [0.0] * len(places)
        for resource, used, _, limits in self._counted:
            more = need[resource]
            filled = [(used[place] + more) / limits[place] for place in places]
            worst = [new if new > old else old for new, old in zip(filled, worst, strict=True)]
        return worst

    def free_shares_after(self, places: Sequence[int], need: Sequence[float]) -> Floats:
        """``Pod.free_share_after`` of many pods."""
        least = [1.0] * len(places)
        for resource, _, room, limits in self._counted:
            more = need[resource]
            left = [(room[place] - more) / limits[place] for place in places]
            least = [new if new < old else old for new, old in zip(left, least, strict=True)]
        return least

    @cached_property
    def _counted(self) -> list[tuple[int, Floats, Floats, Floats]]:
        """As ``Pod._counted``: use, room and limit of each resource, ready for plain division.

        A limit that isn't counted is nan, which is never the fullest nor the scarcest.
        """
        columns = self.columns
        found = []
        for resource in range(len(RESOURCES)):
            limits = columns.limits[resource]
            if max(limits, default=NOT_COUNTED) == NOT_COUNTED:
                continue
            in_use = zip(columns.used[resource], columns.claimed[resource], strict=True)
            taken = [used + claimed for used, claimed in in_use]
            pairs = list(zip(taken, limits, strict=True))
            divisors = [nan if limit < 0 else float(limit or NOTHING) for limit in limits]
            uses = [float(amount or (0 if limit else NOTHING)) for amount, limit in pairs]
            rooms = [float(limit - amount) for amount, limit in pairs]
            found.append((resource, uses, rooms, divisors))
        return found

    @cached_property
    def _cold_at(self) -> Callable[[int], Mapping[str, Any]]:
        return self._cold()

    def _make(self, place: int) -> Pod:
        columns = self.columns
        return replace(
            self.kinds[columns.kinds[place]],
            pod_id=columns.ids[place],
            pod_name=columns.names[place],
            created_at=moment(columns.created[place]),
            weight=columns.weights[place],
            generation=columns.generations[place],
            capacity=self._capacity(place),
            claimed=Amounts(*(column[place] for column in columns.claimed)),
            health=PodHealth(
                _known(columns.refreshed[place]),
                _known(columns.unreachable[place]),
                columns.errors.get(place, ""),
                _known(columns.last_unreachable[place]),
            ),
            **self._cold_at(place),
        )

    def _capacity(self, place: int) -> Capacity | None:
        columns = self.columns
        reported_at = _known(columns.reported[place])
        if reported_at is None:
            return None
        totals = (column[place] for column in columns.totals)
        return Capacity(
            Totals(*(None if total == NOT_COUNTED else total for total in totals)),
            Amounts(*(column[place] for column in columns.used)),
            reported_at,
            self.source_names[columns.sources[place]],
        )


def snapshot_of(pods: Iterable[Pod], version: int = 0) -> Snapshot:
    """The columns of some pods."""
    pods = list(pods)
    kinds = _Numbered(pods)
    sources = sorted({pod.capacity.source for pod in pods if pod.capacity})
    reports = [pod.capacity for pod in pods]
    totals = [report.totals if report else Totals() for report in reports]
    columns = Columns(
        ids=[pod.pod_id for pod in pods],
        names=[pod.pod_name for pod in pods],
        kinds=kinds.numbers,
        created=[microseconds(pod.created_at) for pod in pods],
        weights=array("d", [pod.weight for pod in pods]),
        generations=[pod.generation for pod in pods],
        reported=[_told(report.reported_at if report else None) for report in reports],
        sources=[sources.index(report.source) if report else 0 for report in reports],
        refreshed=[_told(pod.health.refreshed_at) for pod in pods],
        unreachable=[_told(pod.health.unreachable_since) for pod in pods],
        last_unreachable=[_told(pod.health.unreachable_at) for pod in pods],
        totals=_by_resource(totals),
        used=_by_resource([pod.used for pod in pods]),
        claimed=_by_resource([pod.claimed for pod in pods]),
        limits=_by_resource([pod.limits for pod in pods]),
        errors={place: pod.health.error for place, pod in enumerate(pods) if pod.health.error},
    )
    cold = [{name: getattr(pod, name) for name in COLD} for pod in pods]
    return Snapshot(version, kinds.found, columns, sources, lambda: cold.__getitem__)


def pods_of(pods: Sequence[Pod], pod_id: str) -> list[Pod]:
    """The pod of an id among some pods, if it is there; of a snapshot no other is made for that."""
    if isinstance(pods, Snapshot):
        return [pods[place] for place in pods.places_of([pod_id])]
    return [pod for pod in pods if pod.pod_id == pod_id]


class _Numbered:
    """The kinds of some pods, and which of them each is."""

    def __init__(self, pods: Iterable[Pod]) -> None:
        self.found: list[Pod] = []
        self.numbers: list[int] = []
        alike: dict[str, list[int]] = {}
        for pod in pods:
            mine = kind(pod)
            # Kinds hold mappings, which have no hash: a few share a key, and are compared.
            rivals = alike.setdefault(f"{mine.az_name}#{mine.state}#{mine.headroom}", [])
            number = next((rival for rival in rivals if self.found[rival] == mine), None)
            if number is None:
                number = len(self.found)
                rivals.append(number)
                self.found.append(mine)
            self.numbers.append(number)


def _by_resource(rows: Sequence[Iterable[int | None]]) -> tuple[list[int], ...]:
    whole = [[NOT_COUNTED if amount is None else amount for amount in row] for row in rows]
    return tuple([row[place] for row in whole] for place in range(len(RESOURCES)))


def _known(since_1970: int) -> datetime | None:
    return None if since_1970 == NEVER else moment(since_1970)


def _told(at: datetime | None) -> int:
    return NEVER if at is None else microseconds(at)
