"""A small Placement over a pod's hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.standin.hosts import Host
from local.standin.identity import TokenAuthority, authenticate
from local.standin.message import Fault, Json, Reply, Request
from local.standin.nova.state import NovaState
from local.standin.placement_bodies import (
    CLASSES,
    DISABLED,
    TRAITS,
    Summary,
    has_room,
    has_traits,
    inventory,
    read_minor,
    read_resources,
    report,
    traits,
    write_provider,
    write_versions,
)
from local.standin.router import Router

TITLES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
}


@dataclass(frozen=True)
class PlacementCall:
    """A request to Placement; ``minor`` is the microversion's: 39 means 1.39."""

    request: Request
    vars: Mapping[str, str]
    minor: int


class PlacementApi:
    """Paths are what follows the pod's ``/placement``. ``lie`` replaces parts of what every host reports."""

    def __init__(self, state: NovaState, authority: TokenAuthority, keystone_url: str) -> None:
        self.lie: Summary | None = None
        self._state = state
        self._authority = authority
        self._keystone_url = keystone_url
        self._router: Router[PlacementCall] = Router()
        add = self._router.add
        add("GET", "/allocation_candidates", self.candidates)
        add("GET", "/resource_providers", self.providers)
        add("GET", "/resource_providers/{uuid}", self.provider)
        add("GET", "/resource_providers/{uuid}/inventories", self.inventories)
        add("GET", "/resource_providers/{uuid}/usages", self.usages)
        add("GET", "/resource_providers/{uuid}/traits", self.traits)
        add("GET", "/resource_providers/{uuid}/aggregates", self.aggregates)
        add("GET", "/resource_classes", self.classes)
        add("GET", "/traits", self.all_traits)

    def answer(self, request: Request, path: str) -> Reply:
        """Serve a request; a fault is written as Placement writes it."""
        minor = 0
        try:
            if path.strip("/") == "":
                reply = Reply(200, write_versions())
            else:
                token = authenticate(request, self._authority, self._keystone_url)
                minor = read_minor(request)
                if not token.serves:
                    raise Fault(403, "Access was denied to this resource.")
                handler, found = self._router.find(request.method, path)
                with self._state.lock:
                    reply = handler(PlacementCall(request, found, minor))
        except Fault as fault:
            error = {
                "status": fault.status,
                "title": TITLES.get(fault.status, "Error"),
                "detail": f"{fault.message}   ",
                "request_id": request.request_id,
            }
            reply = Reply(fault.status, fault.body or {"errors": [error]}, fault.headers)
        reply.headers["OpenStack-API-Version"] = f"placement 1.{minor}"
        reply.headers["Vary"] = "openstack-api-version"
        reply.headers["x-openstack-request-id"] = request.request_id
        return reply

    def candidates(self, call: PlacementCall) -> Reply:
        """The hosts that have room for all amounts asked for; a full host is left out."""
        if call.minor < 10:
            raise Fault(404, "The resource could not be found.")
        asked = read_resources(call.request.first("resources"))
        required = [trait for part in call.request.all("required") for trait in part.split(",")]
        hosts = [h for h in self._state.hosts if has_room(h, asked) and has_traits(h, required)]
        limit = call.request.first("limit")
        if limit is not None:
            hosts = hosts[: int(limit)]
        requests = []
        for host in hosts:
            request: Json = {"allocations": {host.uuid: {"resources": asked}}}
            if call.minor >= 34:
                request["mappings"] = {"": [host.uuid]}
            requests.append(request)
        summaries = {host.uuid: self._summary(host, asked, call.minor) for host in hosts}
        return Reply(200, {"allocation_requests": requests, "provider_summaries": summaries})

    def _summary(self, host: Host, asked: dict[str, int], minor: int) -> Json:
        resources = report(host)
        if self.lie is not None:
            resources = {name: {**amounts, **self.lie.get(name, {})} for name, amounts in resources.items()}
        if minor < 27:
            resources = {name: amounts for name, amounts in resources.items() if name in asked}
        summary: Json = {"resources": resources}
        if minor >= 17:
            summary["traits"] = traits(host)
        if minor >= 29:
            summary.update(parent_provider_uuid=None, root_provider_uuid=host.uuid)
        return summary

    def providers(self, call: PlacementCall) -> Reply:
        asked, hosts = call.request, list(self._state.hosts)
        if asked.first("name"):
            hosts = [host for host in hosts if host.name == asked.first("name")]
        if asked.first("uuid") or asked.first("in_tree"):
            hosts = [host for host in hosts if host.uuid in (asked.first("uuid"), asked.first("in_tree"))]
        if asked.first("resources"):
            amounts = read_resources(asked.first("resources"))
            hosts = [host for host in hosts if has_room(host, amounts)]
        return Reply(200, {"resource_providers": [write_provider(host) for host in hosts]})

    def provider(self, call: PlacementCall) -> Reply:
        return Reply(200, write_provider(self._host(call)))

    def inventories(self, call: PlacementCall) -> Reply:
        size = self._host(call).size
        inventories = {
            "VCPU": inventory(size.vcpus, 0, size.cpu_ratio),
            "MEMORY_MB": inventory(size.ram_mb, size.reserved_ram_mb, size.ram_ratio),
            "DISK_GB": inventory(size.disk_gb, 0, size.disk_ratio),
        }
        return Reply(200, {"resource_provider_generation": 1, "inventories": inventories})

    def usages(self, call: PlacementCall) -> Reply:
        return Reply(200, {"resource_provider_generation": 1, "usages": self._host(call).used.by_class()})

    def traits(self, call: PlacementCall) -> Reply:
        return Reply(200, {"resource_provider_generation": 1, "traits": traits(self._host(call))})

    def aggregates(self, call: PlacementCall) -> Reply:
        self._host(call)
        return Reply(200, {"resource_provider_generation": 1, "aggregates": []})

    def classes(self, call: PlacementCall) -> Reply:
        return Reply(200, {"resource_classes": [{"name": name, "links": []} for name in CLASSES]})

    def all_traits(self, call: PlacementCall) -> Reply:
        return Reply(200, {"traits": [*TRAITS, DISABLED]})

    def _host(self, call: PlacementCall) -> Host:
        for host in self._state.hosts:
            if host.uuid == call.vars["uuid"]:
                return host
        raise Fault(404, f"No resource provider with uuid {call.vars['uuid']} found : ")
