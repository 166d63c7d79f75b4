"""Troubles: what goes wrong in pods, noted by those who meet it and heeded by the next create."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from chalicelib import observability
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.trouble import Breaker, Trouble, open_circuits
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.ports import Clock, TroubleStore

ATTEMPTS = 3
_FORGOTTEN = 0.01  # failed builds that have faded to this count as none


class Troubles:
    """Every process sees what any of them met, ``cache_seconds`` later at the most.

    A store that fails fails no request: what this process read last goes on counting.
    """

    def __init__(
        self,
        store: TroubleStore,
        clock: Clock,
        breaker: Breaker = Breaker(),
        half_life_seconds: float = 300.0,
        cache_seconds: float = 5.0,
    ) -> None:
        """``half_life_seconds`` is how fast failed builds are forgotten."""
        self._store, self._clock = store, clock
        self._breaker, self._half_life_seconds = breaker, half_life_seconds
        self._lifetime = timedelta(seconds=cache_seconds)
        self._lock = Lock()
        self._known: dict[str, Trouble] = {}
        self._read_at: datetime | None = None

    def open_circuits(self, pods: Sequence[Pod]) -> frozenset[str]:
        """The pods that creates pass over now."""
        return open_circuits(self._all(), pods, self._clock(), self._breaker)

    def noted_in(self, spec: RequestSpec, pods: Sequence[Pod]) -> RequestSpec:
        """The request with what is known of the pods' troubles at its moment."""
        troubles = self._all()
        if not troubles:
            return spec
        at = spec.requested_at
        left = {t.pod_id: t.builds_left(at, self._half_life_seconds) for t in troubles}
        return replace(
            spec,
            open_circuits=open_circuits(troubles, pods, at, self._breaker),
            failed_builds={pod_id: builds for pod_id, builds in left.items() if builds > _FORGOTTEN},
        )

    def call_failed(self, pod_id: str) -> None:
        """Count a call that says creates fail there. Once the circuit is open, nothing more is written."""
        now = self._clock()
        known = self._known.get(pod_id)
        if known is None or not known.is_open(now, self._breaker):
            self._change(pod_id, lambda trouble: trouble.call_failed(now, self._breaker))

    def answered(self, pod_id: str, observed_at: datetime) -> None:
        """Close the pod's circuit: a refresh that began at ``observed_at`` got through to it."""
        if any(t.pod_id == pod_id and t.answered(observed_at) != t for t in self._all()):
            self._change(pod_id, lambda trouble: trouble.answered(observed_at))

    def build_failed(self, pod_id: str) -> None:
        """Count a server for which the pod found no host."""
        now = self._clock()
        self._change(pod_id, lambda trouble: trouble.build_failed(now, self._half_life_seconds))

    def _all(self) -> list[Trouble]:
        # The lock is held while reading, so that many requests read the store once.
        with self._lock:
            now = self._clock()
            if self._read_at is None or not timedelta(0) <= now - self._read_at < self._lifetime:
                try:
                    self._known = {trouble.pod_id: trouble for trouble in self._store.list()}
                except Exception:
                    observability.logger().warning("troubles not read", exc_info=True)
                self._read_at = now
            return list(self._known.values())

    def _change(self, pod_id: str, change: Callable[[Trouble], Trouble]) -> None:
        try:
            self._write(pod_id, change)
        except Exception:  # a request that was sent already must not be answered as if it weren't
            observability.logger().warning("trouble not noted", extra={"pod_id": pod_id}, exc_info=True)

    @anew_when_overtaken(ATTEMPTS)
    def _write(self, pod_id: str, change: Callable[[Trouble], Trouble]) -> None:
        before = self._store.get(pod_id)
        after = change(before)
        self._known[pod_id] = after if after == before else self._store.put(after)
