"""Nova's dialect: faults, microversions and the headers of every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib import wiring
from chalicelib.api.faults import fault_of
from chalicelib.api.nova.microversion import MICROVERSION_HEADERS, asked_for, headers_of
from chalicelib.api.routes import Call, Reply
from chalicelib.model.errors import InvalidField, PodUnreachable
from chalicelib.model.identity import Role

# nova.api.openstack.wsgi.Fault._fault_names
_NAMES = {
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


class NovaDialect:
    """Speaks as Nova does, to unmodified OpenStack clients."""

    def admit(self, call: Call, role: Role) -> Call:
        """Validate the token, then the project in the URL, then the microversion, as Nova's pipeline does."""
        if role is Role.ANYONE:
            return call
        token = call.headers.get("x-auth-token", "")
        caller = wiring.services().access.caller(token, call.request_id, role, call.deadline)
        url_project_id = call.path.get("project_id")
        if url_project_id is not None and url_project_id != caller.identity.project_id:
            raise InvalidField(
                "project_id",
                f"Malformed request URL: URL's project_id '{url_project_id}' doesn't match "
                f"Context's project_id '{caller.identity.project_id}'",
            )
        version = asked_for(call.headers, wiring.services().roster.microversions())
        return replace(call, known_caller=caller, headers={**call.headers, **headers_of(version)})

    def fault(self, error: Exception, call: Call) -> Reply:
        """``{"itemNotFound": {"code": 404, "message": "..."}}``; 401 in keystonemiddleware's shape."""
        fault = fault_of(error)
        if isinstance(error, PodUnreachable):
            # What is wrong with which pod is for operators, who find it in the log; tenants see zones.
            fault = replace(fault, message="What holds this resource doesn't answer now. Try again later.")
        if fault.status == 401:
            return Reply(401, _UNAUTHORIZED, {"WWW-Authenticate": _keystone_challenge()})
        inside: dict[str, object] = {"code": fault.status, "message": fault.message}
        if fault.status in (413, 429):
            inside["retryAfter"] = 0
        name = _NAMES.get(fault.status, "computeFault")
        return Reply(fault.status, {name: inside}, fault.headers)

    def unserved(self, call: Call, allowed: tuple[str, ...]) -> Reply:
        """405 with what is allowed, or 404 for a path that Nova wouldn't know either."""
        if not allowed:
            message = "The resource could not be found."
            return Reply(404, {"itemNotFound": {"code": 404, "message": message}})
        message = f"Method {call.method} is not served here; {', '.join(allowed)} is."
        return Reply(405, {"badMethod": {"code": 405, "message": message}}, {"Allow": ", ".join(allowed)})

    def headers(self, call: Call) -> Mapping[str, str]:
        """Both request ids, the microversion as answered, and ``Vary``."""
        # Only a call that was admitted has had its version read; others are answered as 2.1.
        number = call.headers["x-openstack-nova-api-version"] if call.known_caller else "2.1"
        return {
            "X-Openstack-Request-Id": call.request_id,
            "X-Compute-Request-Id": call.request_id,
            "OpenStack-API-Version": f"compute {number}",
            "X-OpenStack-Nova-API-Version": number,
            "Vary": ", ".join(MICROVERSION_HEADERS),
        }


_UNAUTHORIZED = {
    "error": {
        "code": 401,
        "title": "Unauthorized",
        "message": "The request you have made requires authentication.",
    }
}


def _keystone_challenge() -> str:
    return f'Keystone uri="{wiring.settings().auth_url.removesuffix("/v3")}"'


NOVA = NovaDialect()
