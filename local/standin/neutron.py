"""A small Neutron over a pod's one network and its servers' ports."""

from __future__ import annotations

from collections.abc import Callable

from local.standin.identity import Token, TokenAuthority, authenticate
from local.standin.ids import named_hex, named_uuid
from local.standin.message import Fault, Json, Reply, Request
from local.standin.nova.server import Interface, Server
from local.standin.nova.state import NovaState

OWNER = named_hex("admin")
EXTENSIONS = ("security-group", "standard-attr-tag", "project-id", "router", "external-net")
FAULT_TYPES = {404: "NotFound", 405: "MethodNotAllowed"}


class NeutronApi:
    """Everything is read only; paths are what follows the pod's ``/network``."""

    def __init__(self, state: NovaState, authority: TokenAuthority, keystone_url: str) -> None:
        self._state = state
        self._authority = authority
        self._keystone_url = keystone_url
        self._lists: dict[str, Callable[[Token], list[Json]]] = {
            "networks": lambda token: [state.network.write(OWNER)],
            "subnets": lambda token: [state.network.write_subnet(OWNER)],
            "ports": self._ports,
            "security-groups": _security_groups,
            "security-group-rules": lambda token: [],
            "extensions": lambda token: [_extension(alias) for alias in EXTENSIONS],
            "floatingips": lambda token: [],
            "routers": lambda token: [],
            "availability_zones": lambda token: [],
        }

    def answer(self, request: Request, path: str) -> Reply:
        """Serve a request; a fault is written as Neutron writes it."""
        try:
            reply = self._serve(request, [part for part in path.split("/") if part])
        except Fault as fault:
            fault_type = FAULT_TYPES.get(fault.status, "NeutronException")
            body = {"NeutronError": {"type": fault_type, "message": fault.message, "detail": ""}}
            reply = Reply(fault.status, fault.body or body, fault.headers)
        reply.headers["x-openstack-request-id"] = request.request_id
        return reply

    def _serve(self, request: Request, parts: list[str]) -> Reply:
        if not parts:
            links = [{"rel": "self", "href": f"{request.origin}/network/v2.0/"}]
            return Reply(200, {"versions": [{"id": "v2.0", "status": "CURRENT", "links": links}]})
        token = authenticate(request, self._authority, self._keystone_url)
        if parts == ["v2.0"]:
            names = [{"name": noun.rstrip("s"), "collection": noun, "links": []} for noun in self._lists]
            return Reply(200, {"resources": names})
        if parts[:2] == ["v2.0", "quotas"]:
            return Reply(200, {"quota": dict.fromkeys(("network", "subnet", "port", "security_group"), -1)})
        if parts[0] != "v2.0" or parts[1] not in self._lists or len(parts) > 3:
            raise Fault(404, "The resource could not be found.")
        if request.method not in ("GET", "HEAD"):
            raise Fault(405, "The method is not allowed for this resource.")
        with self._state.lock:
            found = self._lists[parts[1]](token)
        noun = parts[1].replace("-", "_")
        if len(parts) == 2:
            return Reply(200, {noun: _narrowed(found, request)})
        for body in found:
            if parts[2] in (body.get("id"), body.get("alias")):
                return Reply(200, {noun.rstrip("s"): body})
        raise Fault(404, f"{noun.rstrip('s').capitalize()} {parts[2]} could not be found.")

    def _ports(self, token: Token) -> list[Json]:
        servers = [
            s for s in self._state.live_servers() if token.is_admin or s.project_id == token.project_id
        ]
        return [self._port(server, interface) for server in servers for interface in server.interfaces]

    def _port(self, server: Server, interface: Interface) -> Json:
        return {
            "id": interface.port_id,
            "name": "",
            "network_id": interface.network_id,
            "device_id": server.id,
            "device_owner": f"compute:{self._state.zone}",
            "status": "ACTIVE",
            "admin_state_up": True,
            "mac_address": interface.mac,
            "fixed_ips": [{"subnet_id": self._state.network.subnet_id, "ip_address": interface.address}],
            "security_groups": [named_uuid(f"sg:{server.project_id}")],
            "project_id": server.project_id,
            "tenant_id": server.project_id,
        }


def _security_groups(token: Token) -> list[Json]:
    return [
        {
            "id": named_uuid(f"sg:{token.project_id}"),
            "name": "default",
            "description": "Default security group",
            "security_group_rules": [],
            "stateful": True,
            "shared": False,
            "tags": [],
            "project_id": token.project_id,
            "tenant_id": token.project_id,
        }
    ]


def _extension(alias: str) -> Json:
    return {
        "alias": alias,
        "name": alias,
        "description": "",
        "links": [],
        "updated": "2020-01-01T00:00:00-00:00",
    }


def _narrowed(found: list[Json], request: Request) -> list[Json]:
    for key in request.query:
        if key not in ("fields", "limit", "marker", "sort_key", "sort_dir"):
            wanted = [text.lower() for text in request.all(key)]
            found = [body for body in found if key not in body or str(body[key]).lower() in wanted]
    marker = request.first("marker")
    return [] if marker is not None else found
