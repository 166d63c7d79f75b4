"""Filters, sorts and pages servers as Nova's lists do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from local.standin.message import Fault, Json
from local.standin.nova.call import NovaCall, refused
from local.standin.nova.server import Server
from local.standin.nova.server_sort import in_order
from local.standin.nova.state import NovaState

MAX_LIMIT = 1000
# The filters that Nova heeds though the caller is no admin, and since which microversion's minor number.
FILTERS_FOR_ALL = {
    **dict.fromkeys(("reservation_id", "name", "image", "flavor", "ip", "changes-since"), 1),
    **dict.fromkeys(("key_name", "vm_state", "user_id"), 83),
}


def select(state: NovaState, call: NovaCall) -> list[Server]:
    """All servers that a list request asks for, sorted; ``page`` takes a page of them."""
    chosen = [server for server in _of_projects(state, call) if _wanted(server, call)]
    return in_order(chosen, call)


def page(
    state: NovaState, servers: list[Server], call: NovaCall, path: str
) -> tuple[list[Server], list[Json]]:
    """The servers after the marker, up to the limit, and a link to the next page if there are that many."""
    limit = min(_number(call, "limit", MAX_LIMIT), MAX_LIMIT)
    marker = call.request.first("marker")
    if marker:
        servers = _after(state, servers, marker, call)
    chosen = servers[:limit]
    if not chosen or len(chosen) < limit:
        return chosen, []
    query = {**call.request.query, "limit": [str(limit)], "marker": [chosen[-1].id]}
    return chosen, [{"rel": "next", "href": f"{call.url(path)}?{urlencode(query, doseq=True)}"}]


def _after(state: NovaState, servers: list[Server], marker: str, call: NovaCall) -> list[Server]:
    """As in Nova, the marker may be deleted, or be left out by the filters."""
    if marker not in state.servers:
        raise Fault(400, f"marker [{marker}] not found")
    others = [server for server in servers if server.id != marker]
    ordered = in_order([*others, state.servers[marker]], call)
    return ordered[[server.id for server in ordered].index(marker) + 1 :]


def _number(call: NovaCall, name: str, default: int) -> int:
    text = call.request.first(name)
    if text is None:
        return default
    if not text.isdigit():
        raise Fault(400, f"Invalid input for query parameters {name}. Value: {text}.")
    return int(text)


def _of_projects(state: NovaState, call: NovaCall) -> list[Server]:
    request, admin = call.request, call.caller.is_admin
    deleted = admin and _truth(request.first("deleted"))
    if "changes-since" in request.query:
        servers = state.all_servers()
    else:
        servers = [server for server in state.all_servers() if server.alive != deleted]
    if _truth(request.first("all_tenants")):
        if not admin:
            raise refused(
                f"servers:{'detail' if request.path.endswith('detail') else 'index'}:get_all_tenants"
            )
        wanted = request.first("project_id") or request.first("tenant_id")
        return [server for server in servers if wanted in (None, server.project_id)]
    return [server for server in servers if server.project_id == call.project_id]


def _truth(text: str | None) -> bool:
    return text is not None and text.lower() in ("1", "t", "true", "on", "y", "yes", "")


def _wanted(server: Server, call: NovaCall) -> bool:
    request = call.request
    for name, read in _FILTERS.items():
        text = request.first(name) if _may_select_by(name, call) else None
        if text is not None and not read(server, text):
            return False
    statuses = [status.upper() for status in request.all("status")]
    if statuses and server.status not in statuses:
        return False
    if call.caller.is_admin and request.first("host") not in (None, server.host):
        return False
    return call.minor < 26 or _tagged(server, call)


def _may_select_by(name: str, call: NovaCall) -> bool:
    """Whether Nova heeds a filter of this caller; others it drops without a word."""
    return call.caller.is_admin or call.minor >= FILTERS_FOR_ALL.get(name, 1000)


def _tagged(server: Server, call: NovaCall) -> bool:
    tags, asked = set(server.tags), call.request
    each = {name: set((asked.first(name) or "").split(",")) for name in _TAG_TESTS if name in asked.query}
    return all(_TAG_TESTS[name](wanted, tags) for name, wanted in each.items())


_TAG_TESTS: dict[str, Callable[[set[str], set[str]], bool]] = {
    "tags": lambda wanted, tags: wanted <= tags,
    "tags-any": lambda wanted, tags: bool(wanted & tags),
    "not-tags": lambda wanted, tags: not wanted <= tags,
    "not-tags-any": lambda wanted, tags: not wanted & tags,
}


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text, re.IGNORECASE) is not None  # as in MySQL
    except re.error as error:
        raise Fault(400, f"Invalid regular expression: {pattern}") from error


def _changed_since(server: Server, text: str) -> bool:
    try:
        since = datetime.fromisoformat(text)
    except ValueError as error:
        raise Fault(400, f"Invalid input for query parameters changes-since. Value: {text}.") from error
    since = since if since.tzinfo else since.replace(tzinfo=server.created_at.tzinfo)
    return (server.updated_at or server.created_at).replace(microsecond=0) >= since


_FILTERS: dict[str, Callable[[Server, str], bool]] = {
    "name": lambda server, text: _matches(text, server.name),
    "flavor": lambda server, text: server.flavor.id == text,
    "image": lambda server, text: server.image_id == text,
    "uuid": lambda server, text: server.id == text,
    "user_id": lambda server, text: server.user_id == text,
    "key_name": lambda server, text: server.key_name == text,
    "vm_state": lambda server, text: server.vm_state == text,
    "reservation_id": lambda server, text: server.reservation_id == text,
    "ip": lambda server, text: any(_matches(text, one.address) for one in server.interfaces),
    "changes-since": _changed_since,
}
