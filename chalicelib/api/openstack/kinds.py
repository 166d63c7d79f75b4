"""Kinds: where a route's answer comes from. A kind is a function that makes the view of a row.

LOCATED       from the pod that holds the one resource that the path names
HELD          from the pod that has it, looked for in the pods that the project uses; what is new is made in
              its home pod
MERGED        from the lists of several pods, as one list: of the project's pods for what is located or held,
              else of those that are open to it
FIRST         from the first pod that can say, where all pods have the same
EVERY_POD     from all pods in service, which must all do the same
EVERY_HOLDER  from all pods that have it under its id, which must all do the same
PLACED        from the pod that the scheduler chooses; the row brings its view
OWN           from the gateway itself; the row brings its view
GONE          from the gateway: 410, since the service no longer has this route
SAME_AS(row)  as that row is answered, of which this one is another name
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib import wiring
from chalicelib.api.call import Call, Reply, View
from chalicelib.api.faults import Gone
from chalicelib.api.openstack.forwarding import pod_request, query_pairs, reply_of, words_of
from chalicelib.api.openstack.paging import list_text, read_limit, read_marker
from chalicelib.api.openstack.rewriting import rewrite_row
from chalicelib.api.openstack.table import IncompleteRow, Row
from chalicelib.model.list_query import ListQuery
from chalicelib.model.resource import Resource, is_uuid
from chalicelib.service.asking.answer import PodRefused

PARTIAL = "X-Trio2o-Partial"  # the zones of pods that didn't answer


def _located(row: Row) -> View:
    """Send the client's request to the pod that holds the resource, and pass on whatever that pod answers.

    The path names the resource, as in ``/servers/{server_id}/action``. A row brings a view of its own where
    the request must first be made ready for the pod.
    """
    resource, variable = _resource_of(row, own_view=True), _id_in(row)
    if not resource.located:
        raise IncompleteRow(
            f"{row} is LOCATED, but pods don't hold {resource.collection} one each (`located`)"
        )
    if not variable:
        raise IncompleteRow(f"{row} is LOCATED, so its path must name {{{resource.member}_id}}")

    def to_its_pod(call: Call) -> Reply:
        answer = wiring.services().located.send(
            call.caller, resource, call.path[variable], pod_request(call, resource.service)
        )
        return reply_of(answer, call)

    return row.view or to_its_pod


def _held(row: Row) -> View:
    """Send the client's request to the pod that has what it is about; a create, to the project's home pod.

    A create is a POST whose path names nothing yet. Its body may name a thing that it is made of, in any pod.
    A row brings a view of its own where more must be asked first.
    """
    resource = _resource_of(row, own_view=True)
    if resource.held is None:
        raise IncompleteRow(f"{row} is HELD, but {resource.collection} don't say how pods hold them (`held`)")
    creates = row.method == "POST" and "{" not in row.path

    def to_its_holder(call: Call) -> Reply:
        held, request = wiring.services().held, pod_request(call, resource.service)
        if creates:
            return reply_of(held.create(call.caller, request, _made_of(call, resource)), call)
        return reply_of(held.send(call.caller, request), call)

    return row.view or to_its_holder


def _made_of(call: Call, resource: Resource) -> str:
    """The path of what a create makes something of; empty where it names no such thing."""
    if resource.holding.made_of is None:
        return ""
    field, collection = resource.holding.made_of
    body = call.json()
    order = body.get(resource.member) if isinstance(body, dict) else None
    named = order.get(field) if isinstance(order, dict) else None
    return f"/{collection}/{named}" if is_uuid(named) else ""


def _merged(row: Row) -> View:
    """One page of a list over pods, with links and zones in our words.

    Rows have details where the path ends with ``/detail``, as in all of OpenStack's lists.
    """
    resource = _resource_of(row)

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
            return reply_of(refusal.answer, call)
        rows = [dict(listed.row) for listed in page.rows]
        for shown, listed in zip(rows, page.rows, strict=True):
            rewrite_row(shown, resource.collection, words_of(listed.pod, call))
        headers = {PARTIAL: ",".join(page.partial)} if page.partial else {}
        return Reply(200, list_text(call, resource.listed_as, rows, page.more), headers)

    return list_all


def _first(row: Row) -> View:
    """Ask one pod after another for what all pods have alike.

    Where the path names one resource to show, the first pod that has it answers; else the first that answers
    at all. What changes something is what every Nova refuses.
    """
    resource, names_one = _resource_of(row), bool(_id_in(row))

    def from_first(call: Call) -> Reply:
        first = wiring.services().first
        ask = first.that_has if names_one and call.method == "GET" else first.that_answers
        return reply_of(ask(call.caller, pod_request(call, resource.service)), call)

    return from_first


def _every_pod(row: Row) -> View:
    """Have all pods in service do what the client asks, for what must be the same in each."""
    resource = _resource_of(row)
    if resource.shared_write is None:
        raise IncompleteRow(f"{row} is EVERY_POD, but {resource.collection} have no `shared_write`")

    def to_every_pod(call: Call) -> Reply:
        answer = wiring.services().every_pod.send(call.caller, resource, pod_request(call, resource.service))
        return reply_of(answer, call)

    return to_every_pod


def _every_holder(row: Row) -> View:
    """Send the client's request to each pod that has the one resource that the path names."""
    resource = _resource_of(row)
    if not _id_in(row):
        raise IncompleteRow(f"{row} is EVERY_HOLDER, so its path must name {{{resource.member}_id}}")

    def to_every_holder(call: Call) -> Reply:
        answer = wiring.services().every_holder.send(call.caller, pod_request(call, resource.service))
        return reply_of(answer, call)

    return to_every_holder


def _placed(row: Row) -> View:
    """The view that the row brings; the row must also say which resource it creates."""
    if row.resource is None:
        raise IncompleteRow(f"{row} is PLACED, so it must have a resource")
    return _own(row)


def _own(row: Row) -> View:
    """The view that the row brings."""
    if row.view is None:
        raise IncompleteRow(f"{row} must bring a view, as `view=`")
    return row.view


def _gone(row: Row) -> View:
    """Refuse with 410, in the words of a service that once had this route."""
    if row.resource or row.view:
        raise IncompleteRow(f"{row} is GONE, so it has neither resource nor view")
    return _refuse


def _refuse(call: Call) -> Reply:
    raise Gone


@dataclass(frozen=True, slots=True)
class SameAs:
    """The kind of a row whose path differs from another row's in its first segment alone.

    All behind the door, pods too, see the other's path, so that a server is one whatever it is called.
    """

    row: Row

    def __call__(self, row: Row) -> View:
        """Answer as the other row does."""
        first = f"/{self.row.path.split('/')[1]}"
        if row.resource or row.view or row.path.split("/")[2:] != self.row.path.split("/")[2:]:
            raise IncompleteRow(f"{row} is the same as {self.row}, so it differs in its first segment alone")

        def as_the_other(call: Call) -> Reply:
            below = call.raw_path.split("/")[2:]
            return self.row.serve(replace(call, raw_path="/".join((first, *below))))

        return as_the_other


def _resource_of(row: Row, own_view: bool = False) -> Resource:
    if row.resource is None or (row.view is not None and not own_view):
        raise IncompleteRow(f"{row} must have a resource and no `view=`, since its kind makes the view")
    return row.resource


def _id_in(row: Row) -> str:
    """The path's variable that holds the resource's id, such as ``server_id``; empty where there is none."""
    name = f"{row.resource.member}_id" if row.resource else ""
    return name if f"{{{name}}}" in row.path.split("/") else ""


def _is_on(values: tuple[str, ...] | None) -> bool:
    # Nova reads all_tenants without a value as true.
    return values is not None and values[-1].lower() in ("", "1", "t", "true", "on", "y", "yes")


LOCATED = _located
HELD = _held
MERGED = _merged
FIRST = _first
EVERY_POD = _every_pod
EVERY_HOLDER = _every_holder
PLACED = _placed
OWN = _own
GONE = _gone
SAME_AS = SameAs
