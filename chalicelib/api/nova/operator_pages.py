"""Operator pages: a page of a list over all pods' Novas, by limit and marker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operators import asked_about, shown
from chalicelib.api.openstack.forwarding import pod_request, query_pairs, words_of
from chalicelib.api.openstack.paging import list_text, read_limit, read_marker
from chalicelib.api.openstack.rewriting import rewrite_row
from chalicelib.model.errors import InvalidField
from chalicelib.model.list_query import MOST_ROWS
from chalicelib.service.kinds.all_pods import Wanted

Row = Mapping[str, Any]
Order = Callable[[Sequence[Row]], list[Row]]
_PAGE = ("limit", "marker")


def page(
    call: Call, wanted: Wanted, unknown: str, order: Order = list, host_keys: Sequence[str] = ()
) -> Reply:
    """The page after the marker; ``unknown`` is what Nova says of one that it doesn't know.

    Without a marker, one page of each pod is enough. With one, its row may be any pod's, so all are read.
    """
    limit, marker = read_limit(call), read_marker(call)
    most = MOST_ROWS if limit is None else min(limit, MOST_ROWS)
    pods, pairs = asked_about(query_pairs(call), host_keys)
    own = tuple(pair for pair in pairs if pair[0] not in _PAGE)
    own += () if marker else (("limit", str(most + 1)),)
    found = wiring.services().all_pods.gather(
        call.caller,
        pod_request(call, "compute", query=own),
        wanted._replace(whole=bool(marker)),
        pods,
    )
    for pod, told in found.told:
        for row in told[wanted.name]:
            rewrite_row(row, wanted.name, words_of(pod, call))
    rows = order(found.rows(wanted.name))
    if marker:
        rows = _after(rows, marker, wanted.marker, unknown)
    text = list_text(call, wanted.name, rows[:most], len(rows) > most, wanted.marker)
    return shown(text, found.partial)


def _after(rows: list[Row], marker: str, key: str, unknown: str) -> list[Row]:
    for n, row in enumerate(rows):
        if str(row[key]) == marker:
            return rows[n + 1 :]
    raise InvalidField("marker", unknown.format(marker))
