"""Making: one create as it goes to a pod, with its marker, and what the pod lists of what it made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.intent import Marker
from chalicelib.model.marked import Place, marked, marker_of, untold
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.resource import SERVERS, ResourceRow
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.asking.location import location_of
from chalicelib.service.asking.pages import rows_of
from chalicelib.service.creating.choosing import Chosen
from chalicelib.service.creating.destination import host_in_zone, inside
from chalicelib.service.creating.intents import KeptIntent
from chalicelib.service.ports import LocationStore, PodClient

# A POST must have its answer, or its time-out, before the request's deadline: afterwards nobody would
# be left to say that its outcome is unknown.
LEAST_POST_SECONDS = 2.0
LEAST_LOOK_SECONDS = 1.0
LOOK_SECONDS = 3.0
LOOKED_AT_A_SECOND = 100
MOST_LISTED = 1000  # rows of one page of Nova's, and the most servers of one create
OTHERS = 200  # servers that a project may have made meanwhile
NO_ZONE_IN_POD = "nova"  # the zone's name in a pod that has none of its own


@dataclass(frozen=True, slots=True)
class Making:
    """A caller's create. ``request`` is the client's own; at ``place`` its servers carry the marker."""

    caller: Caller
    order: ServerOrder
    request: PodRequest
    intent: KeptIntent
    place: Place | None
    client: PodClient
    locations: LocationStore

    def post(self, pod: Pod) -> PodReply:
        """Send it to a pod. Raises PodUnreachable; Unavailable when the deadline is too near for a reply."""
        if self.request.deadline.left_seconds() < LEAST_POST_SECONDS:
            raise Unavailable("Choosing a pod took too long; nothing was created.")
        body = body_for(pod.pod_az_name, self.order, self.place, self.intent.marker)
        reply = self.client.send(pod, replace(self.request, body=body))
        if reply.status < 400:
            return reply
        return replace(reply, body=untold(reply.body, self.place, self.intent.marker))

    def with_marker(self, pod: Pod) -> list[ResourceRow]:
        """The servers in a pod that carry the marker of the last attempt.

        Raises PodUnreachable, PodRefused, Unavailable.
        """
        if self.place is Place.TAG:
            query = {"tags": str(self.intent.marker), "limit": str(min(self.order.count, MOST_LISTED))}
            return self._of_this(self._listed(pod, query))
        # Nova lets nobody but admins search by metadata, so the newest servers are read.
        limit = MOST_LISTED if self.intent.is_settled else min(self.order.count + OTHERS, MOST_LISTED)
        return self._of_this(self._listed(pod, {"limit": str(limit)}))

    def made(self, chosen: Chosen, reservation_id: object) -> list[ResourceRow]:
        """The servers of a create that was accepted, since Nova's answer names one of several, or none.

        Those without a marker are told by their reservation. Where the answer names none, they are among the
        project's newest servers: those that look like this create's, by name and time, and aren't known as
        another create's. Raises the same.
        """
        if self.place is not None:
            return self.with_marker(chosen.pod)
        if isinstance(reservation_id, str):
            query = {"limit": str(min(self.order.count, MOST_LISTED)), "reservation_id": reservation_id}
            return self._listed(chosen.pod, query)
        newest = self._listed(chosen.pod, {"limit": str(min(self.order.count + OTHERS, MOST_LISTED))})
        alike = [row for row in newest if self._may_be_ours(row, chosen)]
        known = self.locations.found(row["id"] for row in alike)
        taken = {each.resource_id for each in known if each.ended_at is None and not each.was_only_found}
        return [row for row in alike if row["id"] not in taken]

    def _listed(self, pod: Pod, query: Mapping[str, str]) -> list[ResourceRow]:
        if self.request.deadline.left_seconds() < LEAST_LOOK_SECONDS:
            raise Unavailable("There is no time left to look for the servers of a create.")
        look = replace(
            self.request,
            method="GET",
            path=f"/servers/detail?{urlencode(query)}",
            body=None,
            read_timeout_seconds=LOOK_SECONDS + self.order.count / LOOKED_AT_A_SECOND,
        )
        return rows_of(pod, self.client.send(pod, look), SERVERS)[0]

    def _of_this(self, rows: Sequence[ResourceRow]) -> list[ResourceRow]:
        return [row for row in rows if marker_of(row) == self.intent.marker]

    def _may_be_ours(self, row: ResourceRow, chosen: Chosen) -> bool:
        made = location_of(SERVERS, row, self.caller, chosen.pod, chosen.decision.spec.requested_at)
        return made.name.startswith(self.order.name) and chosen.decision.may_have_made(made.created_at)


def body_for(
    zone: str, order: ServerOrder, place: Place | None = None, marker: Marker | None = None
) -> bytes:
    """The client's JSON for a pod: zone and hosts are put in the pod's own words, and a marker is added.

    Where nothing changes these are the client's own bytes. A zone that is null, or that the pod hasn't, is
    left out.
    """
    server, ours = order.body["server"], dict(inside(order))
    if "availability_zone" in server:
        ours["availability_zone"] = zone if order.az_name else ""
        if order.host:
            ours["availability_zone"] = f"{zone or NO_ZONE_IN_POD}:{host_in_zone(order)}"
    if not ours and place is None:
        return order.raw
    changed = {key: ours.get(key, value) for key, value in server.items()}
    if not changed.get("availability_zone"):
        changed.pop("availability_zone", None)
    if marker is not None:
        changed = marked(changed, place, marker)
    return json.dumps({**order.body, "server": changed}).encode()


def written_answer(order: ServerOrder, server_id: str, row: Mapping[str, Any]) -> PodReply:
    """What Nova answers to an accepted create, for one whose answer was lost.

    ``row`` is the server as far as it is known. The password isn't, and the reservation only to admins.
    """
    asked = order.body["server"]
    reservation_id = row.get("OS-EXT-SRV-ATTR:reservation_id")
    body: Mapping[str, Any] = {
        "server": {
            "id": server_id,
            "links": [
                {"rel": "self", "href": f"/v2.1/servers/{server_id}"},
                {"rel": "bookmark", "href": f"/servers/{server_id}"},
            ],
            "OS-DCF:diskConfig": row.get("OS-DCF:diskConfig") or asked.get("OS-DCF:diskConfig") or "MANUAL",
            "security_groups": asked.get("security_groups", [{"name": "default"}]),
        }
    }
    if asked.get("return_reservation_id") and reservation_id:
        body = {"reservation_id": reservation_id}
    headers = {"content-type": "application/json", "location": f"/v2.1/servers/{server_id}"}
    return PodReply(202, headers, json.dumps(body).encode())


def joined(rows: Sequence[ResourceRow], named: ResourceRow | None) -> list[ResourceRow]:
    """The servers that a pod lists, and the one that its answer names."""
    if named is None or any(row["id"] == named["id"] for row in rows):
        return list(rows)
    return [*rows, named]
