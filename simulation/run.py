"""Run: play a workload against a site under one scenario, minute by minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from chalicelib.model.binding import Binding, BindingKey
from chalicelib.model.errors import InvalidField
from chalicelib.model.page import BindingQuery, Page
from simulation.arrival import Arrival
from simulation.cloud import Cloud, Created, SimulatedPod
from simulation.scenario import Scenario
from simulation.site import STARTS_AT, Site

MINUTE = 60.0
LONGEST_SAMPLE_SECONDS, SHORTEST_SAMPLE_SECONDS = 3600.0, 1.0
SAMPLES = 150  # at least so many, unless they would be less than a second apart
ALL_BINDINGS = Page(limit=10_000_000)
# The phases of a moment, in their order.
SERVERS_END, PODS_CHANGE, REFRESH, SAMPLE, CREATES = range(5)


class Sample(NamedTuple):
    """How full the pod named ``pod`` really was, as a fraction, ``at`` seconds after the workload began."""

    at: float
    pod: str
    fill: float


@dataclass(slots=True)
class Outcome:
    """What came of a workload.

    ``actions`` counts the created servers by what their create did to the binding, ``refused`` the refused
    creates by reason. ``bound`` has the name of the pod of each binding at the end. ``samples`` are taken
    hourly, or more often where the workload is short.
    """

    scenario: Scenario
    actions: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    bound: dict[BindingKey, str] = field(default_factory=dict)


def play(site: Site, arrivals: Iterable[Arrival], scenario: Scenario) -> Outcome:
    """Play the arrivals; the same arguments give the same outcome.

    There is a refresh each simulated minute. At one moment, servers end first; then pods come or go; then
    come the refresh, a sample, and the creates. Raises InvalidField for a flavor or pod that the site hasn't.
    """
    return _Play(site, scenario).through(list(arrivals))


class _Play:
    """One run: a queue of what is to happen, by time, then by phase, then by order of entry."""

    def __init__(self, site: Site, scenario: Scenario) -> None:
        self._site = site
        self._cloud = Cloud(site.pods, site.flavors, scenario.profile, STARTS_AT, site.bindings)
        self._outcome = Outcome(scenario)
        # The draw among tied pods goes by ids, so the pods keep the site's ids; results have their names.
        added = (addition.pod for addition in scenario.additions)
        self._names = {pod.pod.pod_id: pod.pod.pod_name for pod in (*site.pods, *added)}
        self._queue: list[tuple[float, int, int, Callable[[float], None]]] = []
        self._entries = count()

    def through(self, arrivals: list[Arrival]) -> Outcome:
        self._enter(arrivals)
        while self._queue:
            at, _, _, happens = heappop(self._queue)
            self._cloud.now = STARTS_AT + timedelta(seconds=at)
            happens(at)
        query = BindingQuery(active=True)
        bindings: list[Binding] = self._cloud.bindings.find(query, ALL_BINDINGS)
        self._outcome.bound = {binding.key: self._names[binding.pod_id] for binding in bindings}
        return self._outcome

    def _enter(self, arrivals: list[Arrival]) -> None:
        scenario = self._outcome.scenario
        known = {pod.pod.pod_name: (pod.pod.pod_id, 0.0) for pod in self._site.pods}
        for addition in scenario.additions:
            pod = addition.pod.pod
            if pod.pod_name in known:
                raise InvalidField("add", f"{pod.pod_name} is a pod of the site already")
            known[pod.pod_name] = pod.pod_id, addition.at
            self._at(addition.at, PODS_CHANGE, partial(self._add, addition.pod))
        for loss in scenario.losses:
            if loss.pod not in known:
                raise InvalidField("lose", f"{loss.pod} is no pod of the site: {', '.join(sorted(known))}")
            pod_id, since = known[loss.pod]
            if loss.at < since:
                raise InvalidField("lose", f"{loss.pod} isn't there yet then")
            self._at(loss.at, PODS_CHANGE, partial(self._lose, pod_id))
        for arrival in arrivals:
            if arrival.flavor not in self._site.flavors:
                raise InvalidField("flavor", f"the site offers no {arrival.flavor}")
            self._at(arrival.time, CREATES, partial(self._create, arrival))
        self._ends_at = max((arrival.time for arrival in arrivals), default=0.0)
        shortest = max(SHORTEST_SAMPLE_SECONDS, self._ends_at / SAMPLES)
        self._sample_seconds = min(LONGEST_SAMPLE_SECONDS, shortest)
        self._at(0.0, REFRESH, self._refresh)
        self._at(0.0, SAMPLE, self._sample)

    def _at(self, at: float, phase: int, happens: Callable[[float], None]) -> None:
        heappush(self._queue, (at, phase, next(self._entries), happens))

    def _lose(self, pod_id: str, _at: float) -> None:
        self._cloud.lose(pod_id)

    def _add(self, pod: SimulatedPod, _at: float) -> None:
        self._cloud.add(pod)

    def _delete(self, server: Created, _at: float) -> None:
        self._cloud.delete(server)

    def _refresh(self, at: float) -> None:
        self._cloud.refresh()
        if at + MINUTE <= self._ends_at:
            self._at(at + MINUTE, REFRESH, self._refresh)

    def _sample(self, at: float) -> None:
        pod_ids = sorted(self._cloud.used.keys() - self._cloud.lost)
        fills = ((self._names[pod_id], self._cloud.fill(pod_id)) for pod_id in pod_ids)
        self._outcome.samples += [Sample(at, *fill) for fill in sorted(fills)]
        if at + self._sample_seconds <= self._ends_at:
            self._at(at + self._sample_seconds, SAMPLE, self._sample)

    def _create(self, asked: Arrival, at: float) -> None:
        came = self._cloud.create(asked.project, asked.flavor, asked.zone or None)
        if isinstance(came, Created):
            self._outcome.actions[came.action.value] += 1
            if at + asked.lifetime <= self._ends_at:
                self._at(at + asked.lifetime, SERVERS_END, partial(self._delete, came))
        else:
            self._outcome.refused[came.why] += 1
