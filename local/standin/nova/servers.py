"""Nova's servers: lists, create, show, update and delete."""

from __future__ import annotations

import secrets

from local.standin.message import Fault, Json, Reply
from local.standin.nova import server_list
from local.standin.nova.call import NovaCall
from local.standin.nova.server import Server
from local.standin.nova.server_body import write_server
from local.standin.nova.server_build import build
from local.standin.nova.server_order import read_order
from local.standin.nova.state import NovaState
from local.standin.router import Router


def find_server(call: NovaCall, state: NovaState) -> Server:
    """The server that the path names. Raises Fault 404, also for another project's server."""
    server = state.servers.get(call.vars["server_id"])
    if (
        server is None
        or not server.alive
        or not (call.caller.is_admin or server.project_id == call.project_id)
    ):
        raise Fault(404, f"Instance {call.vars['server_id']} could not be found.")
    server.settle(state.clock.now())
    return server


class ServersApi:
    """Serves servers themselves; actions and sub-resources are elsewhere."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/servers", self.names)
        router.add("GET", "/servers/detail", self.details)
        router.add("POST", "/servers", self.create)
        router.add("GET", "/servers/{server_id}", self.show)
        router.add("PUT", "/servers/{server_id}", self.update)
        router.add("DELETE", "/servers/{server_id}", self.delete)

    def names(self, call: NovaCall) -> Reply:
        servers, next_links = self._page(call, "/servers")
        short = [{"id": s.id, "name": s.name, "links": call.links("servers", s.id)} for s in servers]
        return _listed(short, next_links)

    def details(self, call: NovaCall) -> Reply:
        servers, next_links = self._page(call, "/servers/detail")
        return _listed([write_server(server, call, self._state) for server in servers], next_links)

    def _page(self, call: NovaCall, path: str) -> tuple[list[Server], list[Json]]:
        return server_list.page(self._state, server_list.select(self._state, call), call, path)

    def create(self, call: NovaCall) -> Reply:
        call.needs_member("servers:create")
        order = read_order(call.request.json(), call, self._state)
        first = build(order, call, self._state)[0]
        location = {"Location": call.url(f"/servers/{first.id}")}
        if str(order.asked.get("return_reservation_id", "")).lower() in ("true", "1"):
            return Reply(202, {"reservation_id": first.reservation_id}, location)
        created: Json = {
            "id": first.id,
            "links": call.links("servers", first.id),
            "OS-DCF:diskConfig": first.disk_config,
            "security_groups": [{"name": name} for name in first.security_groups],
            "adminPass": order.asked.get("adminPass") or secrets.token_urlsafe(9),
        }
        return Reply(202, {"server": created}, location)

    def show(self, call: NovaCall) -> Reply:
        return Reply(200, {"server": write_server(find_server(call, self._state), call, self._state)})

    def update(self, call: NovaCall) -> Reply:
        call.needs_member("servers:update")
        server = find_server(call, self._state)
        asked = call.request.json().get("server")
        if not isinstance(asked, dict):
            raise Fault(400, "Invalid input for field/attribute server.")
        if "name" in asked and not str(asked["name"]).strip():
            raise Fault(400, f"Invalid input for field/attribute name. Value: {asked['name']}.")
        server.name = str(asked.get("name", server.name)).strip()
        server.disk_config = asked.get("OS-DCF:diskConfig", server.disk_config)
        server.access_ipv4 = asked.get("accessIPv4", server.access_ipv4) or ""
        server.access_ipv6 = asked.get("accessIPv6", server.access_ipv6) or ""
        if call.minor >= 19:
            server.description = asked.get("description", server.description)
        if call.minor >= 90:
            server.hostname = asked.get("hostname", server.hostname)
        server.updated_at = self._state.clock.now()
        return Reply(200, {"server": write_server(server, call, self._state)})

    def delete(self, call: NovaCall) -> Reply:
        call.needs_member("servers:delete")
        server = find_server(call, self._state)
        if server.locked and not call.caller.is_admin:
            raise Fault(409, f"Instance {server.id} is locked")
        self._state.delete(server)
        return Reply(204)


def _listed(servers: list[Json], next_links: list[Json]) -> Reply:
    body: Json = {"servers": servers}
    if next_links:
        body["servers_links"] = next_links
    return Reply(200, body)
