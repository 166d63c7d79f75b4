"""Kinds: where a route's answer comes from. Each kind makes the views of its rows.

LOCATED    from the pod that holds the one resource that the path names
MERGED     from the lists of all the project's pods, as one list
FIRST      from the first pod that can say, where all pods have the same
EVERY_POD  from all pods, which must all do the same
PLACED     from the pod that the scheduler chooses; the row brings its view
OWN        from the gateway itself; the row brings its view
GONE       from the gateway: the service had this once, and says so
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib import wiring
from chalicelib.api.call import Call, Reply, View
from chalicelib.api.faults import Gone
from chalicelib.api.openstack.forwarding import pod_request, query_pairs, reply_of, rewrite
from chalicelib.api.openstack.paging import collection_reply, next_link, read_limit, read_marker
from chalicelib.api.openstack.table import IncompleteRow, Row
from chalicelib.model.list_query import ListQuery
from chalicelib.model.resource import Resource
from chalicelib.service.asking.answer import PodRefused

PARTIAL = "X-Trio2o-Partial"  # the zones of pods that didn't answer


class Located:
    """The pod that holds a resource answers; the path names it, as in ``/servers/{server_id}/action``."""

    def view_of(self, row: Row) -> View:
        """Send the client's request there, whatever the pod answers."""
        resource, variable = _resource(row), _id_in(row)
        if not variable:
            raise IncompleteRow(f"{row} is LOCATED, so its path must name {{{resource.member}_id}}")

        def to_its_pod(call: Call) -> Reply:
            answer = wiring.services().located.send(
                call.caller, resource, call.path[variable], pod_request(call, resource.service)
            )
            return reply_of(answer, call.base_url)

        return to_its_pod


class Merged:
    """A list over pods. With details where the path ends with ``/detail``, as OpenStack's lists have it."""

    def view_of(self, row: Row) -> View:
        """One page of the list, with links and zones in our words."""
        resource = _resource(row)

        def list_all(call: Call) -> Reply:
            query = ListQuery(
                pairs=query_pairs(call),
                limit=read_limit(call),
                marker=read_marker(call),
                all_tenants=_is_on(call.query.get("all_tenants")),
            )
            request = pod_request(call, resource.service, path=row.path, query=())
            try:
                page = wiring.services().merged.page(call.caller, resource, query, request)
            except PodRefused as refusal:
                return reply_of(refusal.answer, call.base_url)
            rows = [dict(listed.row) for listed in page.rows]
            for shown, listed in zip(rows, page.rows, strict=True):
                rewrite(shown, listed.pod, call.base_url)
            link = next_link(call, str(rows[-1]["id"])) if page.more and rows else ""
            headers = {PARTIAL: ",".join(page.partial)} if page.partial else {}
            return collection_reply(resource.collection, rows, link, headers)

        return list_all


class First:
    """What all pods have alike: the first that can say, or that has the one that the path names, answers."""

    def view_of(self, row: Row) -> View:
        """Ask one pod after another."""
        resource, names_one = _resource(row), bool(_id_in(row))

        def from_first(call: Call) -> Reply:
            first = wiring.services().first
            ask = first.that_has if names_one else first.that_answers
            return reply_of(ask(call.caller, pod_request(call, resource.service)), call.base_url)

        return from_first


class EveryPod:
    """What must be the same in all pods is written to all of them."""

    def view_of(self, row: Row) -> View:
        """Send the client's request to every pod."""
        resource = _resource(row)

        def to_every_pod(call: Call) -> Reply:
            answer = wiring.services().every_pod.send(call.caller, pod_request(call, resource.service))
            return reply_of(answer, call.base_url)

        return to_every_pod


@dataclass(frozen=True, slots=True)
class ByHand:
    """The row brings its view; ``needs_resource`` where it must say which noun it makes."""

    needs_resource: bool = False

    def view_of(self, row: Row) -> View:
        """The view that the row brings."""
        if row.view is None or (self.needs_resource and row.resource is None):
            raise IncompleteRow(f"{row} needs a view{' and a resource' if self.needs_resource else ''}")
        return row.view


class Vanished:
    """410 in the words of a service that once had this path."""

    def view_of(self, row: Row) -> View:
        """Refuse."""
        if row.resource or row.view:
            raise IncompleteRow(f"{row} is GONE, so it has neither resource nor view")
        return _refuse


def _refuse(call: Call) -> Reply:
    raise Gone


def _resource(row: Row) -> Resource:
    if row.resource is None or row.view is not None:
        raise IncompleteRow(f"{row} needs a resource, of which its kind makes the view")
    return row.resource


def _id_in(row: Row) -> str:
    """The name of the path's variable that holds the id of the row's resource; empty where there is none."""
    name = f"{row.resource.member}_id" if row.resource else ""
    return name if f"{{{name}}}" in row.path.split("/") else ""


def _is_on(values: tuple[str, ...] | None) -> bool:
    # Nova reads all_tenants without a value as true.
    return values is not None and values[-1].lower() in ("", "1", "t", "true", "on", "y", "yes")


LOCATED = Located()
MERGED = Merged()
FIRST = First()
EVERY_POD = EveryPod()
PLACED = ByHand(needs_resource=True)
OWN = ByHand()
GONE = Vanished()
