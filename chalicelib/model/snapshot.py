"""Snapshot: all pods at one version, in columns; a pod becomes an object when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any, overload

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import Capacity, PodHealth
from chalicelib.model.columns import NEVER, NOT_COUNTED, Columns, columns_of, moment, moment_if_known
from chalicelib.model.fills import Fills
from chalicelib.model.pod import Pod
from chalicelib.model.pod_kinds import numbered
from chalicelib.model.pod_table import COLD


class Snapshot(Sequence[Pod]):
    """Every pod as it was when ``version`` was built; it never changes.

    ``kinds`` are blank pods, one for each kind in the order of their oldest pod, that hold only the shared
    fields. ``cold()`` unpacks the cold fields and returns a function from a place to that pod's fields.
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
        self._original: Snapshot | None = None

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
        """The same but for these pods, of which one request has just learned more; others are ignored."""
        twin = copy(self)
        newer = {self.places[pod.pod_id]: pod for pod in pods if pod.pod_id in self.places}
        twin._changed = {**self._changed, **newer}
        twin._original = self.original
        return twin

    @property
    def original(self) -> Snapshot:
        """The snapshot before ``with_pods`` changed it. Its twins share its columns, and so its plans."""
        return self if self._original is None else self._original

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
        """All projects that an access list names or a pod has a credential of; all others see the same."""
        lists = [
            kind.allowed_project_ids | kind.denied_project_ids | kind.pod_project_ids.keys()
            for kind in self.kinds
        ]
        flavors = (flavor for kind in self.kinds for flavor in (kind.catalogue or {}).values())
        return frozenset().union(*lists, *(flavor.project_ids or () for flavor in flavors))

    @cached_property
    def reported_seconds(self) -> Sequence[float]:
        """Seconds since 1970 of each pod's last report, as ``Pod.reported_seconds``."""
        return [at / 1e6 for at in self.columns.reported]

    @cached_property
    def unreported(self) -> frozenset[int]:
        """Where the pods are that never reported."""
        return frozenset(place for place, at in enumerate(self.columns.reported) if at == NEVER)

    @cached_property
    def fills(self) -> Fills:
        """How full the pods would be; of those in ``changed`` it says how full they were."""
        return Fills(self.columns)

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
            capacity=_capacity(columns, place, self.source_names),
            claimed=Amounts(*(column[place] for column in columns.claimed)),
            health=PodHealth(
                moment_if_known(columns.refreshed[place]),
                moment_if_known(columns.unreachable[place]),
                columns.errors.get(place, ""),
                moment_if_known(columns.last_unreachable[place]),
            ),
            **self._cold_at(place),
        )


def snapshot_of(pods: Iterable[Pod], version: int = 0) -> Snapshot:
    """A snapshot of these pods, oldest first."""
    pods = list(pods)
    kinds, numbers = numbered(pods)
    sources = sorted({pod.capacity.source for pod in pods if pod.capacity})
    cold = [{name: getattr(pod, name) for name in COLD} for pod in pods]
    return Snapshot(version, kinds, columns_of(pods, numbers, sources), sources, lambda: cold.__getitem__)


def _capacity(columns: Columns, place: int, sources: Sequence[str]) -> Capacity | None:
    reported_at = moment_if_known(columns.reported[place])
    if reported_at is None:
        return None
    totals = (column[place] for column in columns.totals)
    return Capacity(
        Totals(*(None if total == NOT_COUNTED else total for total in totals)),
        Amounts(*(column[place] for column in columns.used)),
        reported_at,
        sources[columns.sources[place]],
    )
