"""Nova's HTTP API. Versions need no token; everything else is for the token's project."""

from __future__ import annotations

import re

from local.standin.identity import TokenAuthority, authenticate
from local.standin.message import Fault, Json, Reply, Request
from local.standin.nova import versions
from local.standin.nova.actions import ActionsApi
from local.standin.nova.aggregates import AggregatesApi
from local.standin.nova.call import NovaCall
from local.standin.nova.compute_hosts import ComputeHostsApi
from local.standin.nova.devices import DevicesApi
from local.standin.nova.extensions import ExtensionsApi
from local.standin.nova.flavor_access import FlavorAccessApi
from local.standin.nova.flavors import FlavorsApi
from local.standin.nova.hypervisors import HypervisorsApi
from local.standin.nova.image_proxy import ImageProxyApi
from local.standin.nova.keypairs import KeypairsApi
from local.standin.nova.labels import LabelsApi
from local.standin.nova.proxied import ProxiedApi
from local.standin.nova.quotas import QuotasApi
from local.standin.nova.reports import ReportsApi
from local.standin.nova.server_groups import ServerGroupsApi
from local.standin.nova.servers import ServersApi
from local.standin.nova.services import ServicesApi
from local.standin.nova.state import NovaState
from local.standin.nova.told import ToldApi
from local.standin.nova.usages import UsagesApi
from local.standin.nova.zones import ZonesApi
from local.standin.router import Router

FAULT_NAMES = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}


class NovaApi:
    """Finds the resource that serves a request; paths are what follows the pod's ``/compute``."""

    def __init__(self, state: NovaState, authority: TokenAuthority, keystone_url: str) -> None:
        self._state = state
        self._authority = authority
        self._keystone_url = keystone_url
        self._router: Router[NovaCall] = Router()
        for resource in (
            ServersApi(state),
            ActionsApi(state),
            LabelsApi(state),
            DevicesApi(state),
            FlavorsApi(state),
            FlavorAccessApi(state),
            ZonesApi(state),
            HypervisorsApi(state),
            ServicesApi(state),
            ComputeHostsApi(state),
            AggregatesApi(state),
            ReportsApi(state),
            ToldApi(state),
            QuotasApi(state),
            UsagesApi(state),
            KeypairsApi(state),
            ServerGroupsApi(state),
            ImageProxyApi(state),
            ProxiedApi(state),
            ExtensionsApi(state),
        ):
            resource.add_to(self._router)

    def answer(self, request: Request, path: str) -> Reply:
        """Serve a request; a fault is written as Nova writes it."""
        headers = versions.version_headers(versions.MIN_MINOR)
        try:
            if path.strip("/") in ("", "v2.1"):
                reply = self._discover(request, path)
            else:
                reply, minor = self._serve(request, path)
                headers = {} if path.startswith("/v2/") else versions.version_headers(minor)
        except Fault as fault:
            reply = Reply(fault.status, fault.body or write_fault(fault.status, fault.message), fault.headers)
        reply.headers = {**headers, **reply.headers}
        reply.headers["x-openstack-request-id"] = request.request_id
        reply.headers["x-compute-request-id"] = request.request_id
        return reply

    def _discover(self, request: Request, path: str) -> Reply:
        if path.strip("/") == "":
            return Reply(200, versions.write_versions(request.origin))
        return Reply(200, {"version": versions.write_version(request.origin)})

    def _serve(self, request: Request, path: str) -> tuple[Reply, int]:
        caller = authenticate(request, self._authority, self._keystone_url)
        legacy = path.startswith("/v2/")  # the API of before microversions
        minor = versions.MIN_MINOR if legacy else versions.read_minor(request)
        path = path.replace("/v2/", "/v2.1/", 1) if legacy else path
        head, _, rest = path.removeprefix("/v2.1/").partition("/")
        if not path.startswith("/v2.1/"):
            raise Fault(404, "The resource could not be found.")
        prefix, resource = "/v2.1", path.removeprefix("/v2.1")
        if re.fullmatch(r"[0-9a-f-]+", head):
            prefix, resource = f"/v2.1/{head}", f"/{rest}"
            if head != caller.project_id:
                raise Fault(400, f"Malformed request URL: URL's project_id '{head}' doesn't match Context's")
        if caller.project_id is None:
            raise Fault(403, "The request you have made needs a token of a project.")
        if resource == "/":
            return self._discover(request, "/v2.1"), minor
        call = NovaCall(request, {}, caller, caller.project_id, minor, prefix)
        try:
            handler, found = self._router.find(request.method, resource)
            with self._state.lock:
                return handler(NovaCall(request, found, caller, caller.project_id, minor, prefix)), minor
        except Fault as fault:
            body = fault.body or write_fault(fault.status, fault.message)
            return Reply(fault.status, body, fault.headers), call.minor


def write_fault(status: int, message: str) -> Json:
    """A fault as Nova writes it, such as ``{"itemNotFound": {...}}``."""
    return {FAULT_NAMES.get(status, "computeFault"): {"code": status, "message": message}}
