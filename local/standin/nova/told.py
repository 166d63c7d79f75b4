"""What other services tell Nova: events of servers, and snapshots of attached volumes."""

from __future__ import annotations

import json

from local.standin.ids import named_uuid
from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router

_NEED_A_TAG = ("volume-extended", "power-update", "accelerator-request-bound")


def _is_event(value: object) -> bool:
    return isinstance(value, dict) and {"name", "server_uuid"} <= set(value)


class ToldApi:
    """All routes are for admins and services only."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("POST", "/os-server-external-events", self.events)
        router.add("POST", "/os-assisted-volume-snapshots", self.snapshot)
        router.add("DELETE", "/os-assisted-volume-snapshots/{snapshot_id}", self.delete_snapshot)

    def events(self, call: NovaCall) -> Reply:
        """Each event gets its own code; 207 tells that not all were taken."""
        call.needs_service("os-server-external-events:create")
        events = call.request.json().get("events")
        if not isinstance(events, list) or not events or not all(_is_event(each) for each in events):
            raise Fault(400, "Invalid input for field/attribute events.")
        codes = [self._code(event) for event in events]
        outcomes: list[Json] = [
            {**event, "status": event.get("status", "completed") if code == 200 else "failed", "code": code}
            for event, code in zip(events, codes, strict=True)
        ]
        self._state.external_events += [each for each in outcomes if each["code"] == 200]
        return Reply(200 if set(codes) == {200} else 207, {"events": outcomes})

    def _code(self, event: Json) -> int:
        server = next((one for one in self._state.live_servers() if one.id == event["server_uuid"]), None)
        if server is None:
            return 404
        if event["name"] in _NEED_A_TAG and "tag" not in event:
            return 400
        return 200 if server.host else 422

    def snapshot(self, call: NovaCall) -> Reply:
        call.needs_service("os-assisted-volume-snapshots:create")
        order = call.request.json()["snapshot"]
        self._refuse_unattached(order["volume_id"])
        snapshot_id = order["create_info"].get("id") or named_uuid(order["create_info"]["snapshot_id"])
        return Reply(200, {"snapshot": {"id": snapshot_id, "volumeId": order["volume_id"]}})

    def delete_snapshot(self, call: NovaCall) -> Reply:
        call.needs_service("os-assisted-volume-snapshots:delete")
        self._refuse_unattached(json.loads(call.request.first("delete_info") or "{}")["volume_id"])
        return Reply(204)

    def _refuse_unattached(self, volume_id: str) -> None:
        if not any(
            volume_id == attached["volumeId"]
            for server in self._state.live_servers()
            for attached in server.volumes
        ):
            raise Fault(400, f"No volume Block Device Mapping with id {volume_id}.")
