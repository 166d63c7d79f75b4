"""Measures: what one invocation counted and timed, written as EMF (metrics in log lines) when it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from chalicelib.settings import settings

NAMESPACE = "Trio2o"


class Measures:
    """The numbers of one invocation, to which the threads of its fan-outs add too.

    They are ``EphemeralMetrics``, since powertools' shared ``Metrics`` would mix requests of different
    threads, and warns when there is nothing to publish. Each pod's numbers are a record of their own, since a
    record has one set of dimensions.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._records: dict[str, EphemeralMetrics] = {}

    def count(self, name: str, number: float = 1, pod_name: str = "") -> None:
        """Add a number to a count, under its pod when one is named."""
        self._add(name, MetricUnit.Count, number, pod_name)

    def time(self, name: str, milliseconds: float, pod_name: str = "") -> None:
        """Note a duration, under its pod when one is named."""
        self._add(name, MetricUnit.Milliseconds, milliseconds, pod_name)

    def flush(self) -> None:
        """Write all numbers to standard output, from where CloudWatch takes them."""
        with self._lock:
            records, self._records = self._records, {}
        for record in records.values():
            if record.metric_set:
                # powertools would print it in pieces, between which other threads could write.
                sys.stdout.write(json.dumps(record.serialize_metric_set(), separators=(",", ":")) + "\n")

    def _add(self, name: str, unit: MetricUnit, value: float, pod_name: str = "") -> None:
        with self._lock:
            record = self._records.get(pod_name)
            if record is None:
                # The prefix tells stages of one account apart: each has its own numbers and alarms.
                record = EphemeralMetrics(namespace=NAMESPACE, service=settings.table_prefix)
                if pod_name:
                    record.add_dimension("pod", pod_name)
                self._records[pod_name] = record
            record.add_metric(name=name, unit=unit, value=value)


# None outside of ``measured`` (a script, a unit test, metrics turned off): counting then does nothing.
_current: ContextVar[Measures | None] = ContextVar("measures", default=None)


@contextmanager
def measured() -> Iterator[None]:
    """Count what runs inside, and write the numbers when it ends, also with an error."""
    measures = Measures()
    token = _current.set(measures)
    try:
        yield
    finally:
        _current.reset(token)
        measures.flush()


def count_create(action: str, status: int) -> None:
    """Count a create that a pod answered; ``action`` is its decision's, ``status`` the pod's."""
    measures = _current.get()
    if measures is None:
        return
    measures.count("Creates")
    name = _BINDING_COUNTS.get(action)
    if name:
        measures.count(name)
    if status >= 400:
        measures.count("CreatesRefused")


_BINDING_COUNTS = {
    "create": "BindingsCreated",
    "update": "BindingsUpdated",
    "keep": "BindingsKept",
    "divert": "BindingsDiverted",
}


def count_rejections(by_filter: Mapping[str, int]) -> None:
    """Add how many pods each filter rejected in one decision."""
    measures = _current.get()
    if measures is not None:
        for name, number in by_filter.items():
            measures.count(f"Rejected_{name}", number)


def count_claim_refused() -> None:
    """Count a claim that was refused: the pod is fuller than its snapshot said, or fenced."""
    measures = _current.get()
    if measures is not None:
        measures.count("ClaimsRefused")


def time_decision(milliseconds: float) -> None:
    """Note how long a decision took."""
    _time("DecisionTime", milliseconds)


def time_pod(milliseconds: float, pod_name: str) -> None:
    """Note how long one call to a pod took, answered or not."""
    _time("PodTime", milliseconds, pod_name)


def time_request(milliseconds: float, status: int) -> None:
    """Note how long a request took, and count it as a fault if its status is 500 or more."""
    _time("RequestTime", milliseconds)
    measures = _current.get()
    if measures is not None and status >= 500:
        measures.count("Faults")


def count_no_answer(pod_name: str) -> None:
    """Count a reply of a pod that is no answer to what it was asked."""
    measures = _current.get()
    if measures is not None:
        measures.count("PodNoAnswers", pod_name=pod_name)


def count_refresh(refreshed: int, failed: int, seconds: float) -> None:
    """Count a refresh of all pods: those that reported, those that didn't, and the seconds it took."""
    measures = _current.get()
    if measures is not None:
        measures.count("PodsRefreshed", refreshed)
        measures.count("PodsNotRefreshed", failed)
        measures.time("RefreshTime", seconds * 1000)


def count_lost_found() -> None:
    """Count a server of ours that our stores should have known, but didn't."""
    measures = _current.get()
    if measures is not None:
        measures.count("ServersNotKnown")


def count_reconciled(unsettled: int, strays: int) -> None:
    """Count the creates whose outcome can't be learned, and the strays that there are."""
    measures = _current.get()
    if measures is not None:
        measures.count("CreatesUnsettled", unsettled)
        measures.count("Strays", strays)


def _time(name: str, milliseconds: float, pod_name: str = "") -> None:
    measures = _current.get()
    if measures is not None:
        measures.time(name, milliseconds, pod_name)
