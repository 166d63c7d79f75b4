"""Nova's flavors resource, merged over the pods that are open to the project."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.nova.forwarding import collection_reply, pod_request, query_pairs, reply_of, rewrite
from chalicelib.api.nova.paging import next_link, read_limit, read_marker
from chalicelib.api.nova.routes import compute
from chalicelib.api.routes import Call, Kind, Reply
from chalicelib.model.identity import Role
from chalicelib.model.list_query import ListQuery
from chalicelib.model.resource import FLAVORS
from chalicelib.service.asking.answer import PodRefused


@compute.route("GET", "/flavors", role=Role.READER, kind=Kind.MERGED)
def list_flavors(call: Call) -> Reply:
    """The flavors the project may use, each id once."""
    return _list(call)


@compute.route("GET", "/flavors/detail", role=Role.READER, kind=Kind.MERGED)
def list_flavors_with_details(call: Call) -> Reply:
    """The flavors the project may use, each id once, with their sizes."""
    return _list(call)


def _list(call: Call) -> Reply:
    query = ListQuery(query_pairs(call), read_limit(call), read_marker(call))
    try:
        page = wiring.services().merged.page(call.caller, FLAVORS, query, pod_request(call, query=()))
    except PodRefused as refusal:
        return reply_of(refusal.answer, call.base_url)
    flavors = [flavor for _, flavor in page.rows]
    for pod, flavor in page.rows:
        rewrite(flavor, pod, call.base_url)
    link = next_link(call, flavors[-1]["id"]) if page.more and flavors else ""
    return collection_reply(FLAVORS.collection, flavors, link, {})


@compute.route("GET", "/flavors/{flavor_id}", role=Role.READER, kind=Kind.MERGED)
def show_flavor(call: Call) -> Reply:
    """One flavor, as the first pod that has it shows it."""
    return _from_first(call)


@compute.route("GET", "/flavors/{flavor_id}/{sub}", role=Role.READER, kind=Kind.MERGED)
def show_flavor_part(call: Call) -> Reply:
    """A flavor's extra specs or access list."""
    return _from_first(call)


@compute.route("GET", "/flavors/{flavor_id}/{sub}/{key}", role=Role.READER, kind=Kind.MERGED)
def show_flavor_extra_spec(call: Call) -> Reply:
    """One of a flavor's extra specs."""
    return _from_first(call)


def _from_first(call: Call) -> Reply:
    answer = wiring.services().first.that_has(call.caller, pod_request(call))
    return reply_of(answer, call.base_url)
