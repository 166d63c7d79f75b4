"""Nova's servers resource."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.nova.forwarding import collection_reply, pod_request, query_pairs, reply_of, rewrite
from chalicelib.api.nova.paging import next_link, read_limit, read_marker
from chalicelib.api.nova.routes import compute
from chalicelib.api.nova.server_create import read_server_create
from chalicelib.api.routes import Call, Kind, Reply
from chalicelib.model.identity import Role
from chalicelib.model.list_query import ListQuery
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.answer import PodRefused

PARTIAL = "X-Trio2o-Partial"  # the zones of pods that didn't answer


@compute.route("POST", "/servers", role=Role.MEMBER, kind=Kind.PLACED)
def create_server(call: Call) -> Reply:
    """Boot a server in the pod bound to the caller's project, binding one if needed."""
    order = read_server_create(call)
    answer = wiring.services().servers.create(call.caller, order, pod_request(call))
    return reply_of(answer, call.base_url)


@compute.route("GET", "/servers", role=Role.READER, kind=Kind.MERGED)
def list_servers(call: Call) -> Reply:
    """The project's servers over all its pods: ids, names and links."""
    return _list(call)


@compute.route("GET", "/servers/detail", role=Role.READER, kind=Kind.MERGED)
def list_servers_with_details(call: Call) -> Reply:
    """The project's servers over all its pods."""
    return _list(call)


@compute.route("GET", "/servers/{server_id}", role=Role.READER, kind=Kind.LOCATED)
def show_server(call: Call) -> Reply:
    """One server, as its pod shows it."""
    return to_its_pod(call)


@compute.route("PUT", "/servers/{server_id}", role=Role.MEMBER, kind=Kind.LOCATED)
def update_server(call: Call) -> Reply:
    """Rename a server, or change what else Nova lets one change."""
    return to_its_pod(call)


@compute.route("DELETE", "/servers/{server_id}", role=Role.MEMBER, kind=Kind.LOCATED)
def delete_server(call: Call) -> Reply:
    """Delete a server in its pod; the location ends once the pod says that it is gone."""
    return to_its_pod(call)


def to_its_pod(call: Call) -> Reply:
    """Forward what concerns one server to the pod that holds it."""
    answer = wiring.services().located.send(call.caller, SERVERS, call.path["server_id"], pod_request(call))
    return reply_of(answer, call.base_url)


def _list(call: Call) -> Reply:
    query = ListQuery(
        pairs=query_pairs(call),
        limit=read_limit(call),
        marker=read_marker(call),
        all_tenants=_is_on(call.query.get("all_tenants")),
    )
    try:
        page = wiring.services().merged.page(call.caller, SERVERS, query, pod_request(call, query=()))
    except PodRefused as refusal:
        return reply_of(refusal.answer, call.base_url)
    rows = [dict(listed.row) for listed in page.rows]
    for row, listed in zip(rows, page.rows, strict=True):
        rewrite(row, listed.pod, call.base_url)
    link = next_link(call, str(rows[-1]["id"])) if page.more and rows else ""
    headers = {PARTIAL: ",".join(page.partial)} if page.partial else {}
    return collection_reply(SERVERS.collection, list(rows), link, headers)


def _is_on(values: tuple[str, ...] | None) -> bool:
    # Nova reads all_tenants without a value as true.
    return values is not None and values[-1].lower() in ("", "1", "t", "true", "on", "y", "yes")
