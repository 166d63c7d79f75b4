"""Merged held: a list of what lives in one pod each and has no location."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import MOST_ROWS, ListQuery
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, no_answer
from chalicelib.model.resource import Holding, Resource, ResourceRow
from chalicelib.service.asking.answer import accepted, document
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pages import MOST_ROWS as MOST_A_PAGE
from chalicelib.service.asking.pages import Chain, Listed, ResourcePage
from chalicelib.service.kinds.used_pods import UsedPods
from chalicelib.service.ports import PodClient

MOST_DIGITS = 18  # of an offset that may lead to a row
_SPAN = ("limit", "offset")


@dataclass(frozen=True, slots=True)
class MergedHeld:
    """Asks the pods that the project uses for all of their rows, and shows each id once.

    The home pod's rows come first, and each pod's own in its order. ``deadline_seconds`` is how long a pod
    may take; the zones of those that don't answer are named as missing.
    """

    used: UsedPods
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def page(self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest) -> ResourcePage:
        """The rows from ``offset`` on, ``limit`` at most; raises what ``Merged.page`` names."""
        holding = resource.holding
        asks_all = query.all_tenants or any(key == holding.all_by for key, _ in query.pairs)
        pods = self.used.of(caller, everywhere=asks_all and caller.identity.is_admin)
        answers = self.fan_out.ask(
            pods,
            lambda pod: self._all_in(pod, holding, query, request),
            caller.deadline.at_most(self.deadline_seconds),
        )
        if not answers.given:
            raise Unavailable("No pod that could answer does so now.")
        merged: dict[str, Listed] = {}
        for pod, rows in answers.given:
            for row in rows:
                merged.setdefault(row[holding.key], Listed(pod, row))
        partial = tuple(sorted({pod.az_name for pod in answers.missing}))
        return ResourcePage(_span(query, holding, tuple(merged.values())), partial=partial)

    def _all_in(self, pod: Pod, holding: Holding, query: ListQuery, request: PodRequest) -> list[ResourceRow]:
        """Nova shows 1,000 rows at most. What ``limit`` and ``offset`` may not be, it refuses itself."""
        asked = [pair for pair in query.pairs if not (holding.limited and _is_span(pair))]
        found: list[ResourceRow] = []
        chain = Chain(pod)
        while True:
            pairs = [*asked, ("offset", str(len(found)))] if found else asked
            path = f"{request.path}?{urlencode(pairs)}" if pairs else request.path
            question = replace(request, path=path, read_timeout_seconds=self.deadline_seconds)
            rows = _rows(pod, self.client.send(pod, question), holding)
            chain.went_on(row[holding.key] for row in rows)
            found += rows
            if not holding.limited or len(rows) < MOST_ROWS:
                break
        return found


def _rows(pod: Pod, reply: PodReply, holding: Holding) -> list[ResourceRow]:
    rows = document(pod, accepted(pod, reply)).get(holding.listed_as)
    if not isinstance(rows, list) or len(rows) > MOST_A_PAGE:
        raise no_answer(pod, reply)
    if not all(isinstance(row, dict) and isinstance(row.get(holding.key), str) for row in rows):
        raise no_answer(pod, reply)
    return rows


def _is_span(pair: tuple[str, str]) -> bool:
    return pair[0] in _SPAN and pair[1].isascii() and pair[1].isdecimal()


def _span(query: ListQuery, holding: Holding, rows: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """A limit of 0 is none, as in Nova."""
    if not holding.limited:
        return rows
    offsets = [pair[1] for pair in query.pairs if pair[0] == "offset" and _is_span(pair)]
    offset = offsets[-1] if offsets else "0"
    if len(offset) > MOST_DIGITS:
        return ()  # Python reads no number of thousands of digits
    return rows[int(offset) : int(offset) + (query.most_rows or MOST_ROWS)]
