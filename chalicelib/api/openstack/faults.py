"""Faults: how Nova admits callers, words errors, and which headers every answer has."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib import observability, wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.faults import Looped, RequestTooLarge, Unserved, UnsupportedMediaType, challenge, fault_of
from chalicelib.api.openstack.forwarding import FAULT_TYPE, REQUEST_ID_HEADERS
from chalicelib.api.openstack.microversion import STANDARD_HEADER, Versioning
from chalicelib.api.openstack.table import Action, Row
from chalicelib.model.errors import Forbidden, InvalidField, Trio2oError
from chalicelib.model.identity import Caller, Role
from chalicelib.model.microversion import Microversion
from chalicelib.model.pod_request import SENT_ON
from chalicelib.model.spelling import usual_spelling

OWN_REQUEST_ID = "X-Trio2o-Request-Id"  # where a pod's answer carries the pod's own ids, ours is beside it

# nova.api.openstack.wsgi.Fault._fault_names; Cinder has the same
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
MOST_BODY_BYTES = 114_688  # [oslo_middleware]max_request_body_size, which all services have
# The types of a body that OpenStack's services read, also where they need none. Old servers add text/plain.
_READ = ("", "text/plain", "application/json", "application/vnd.openstack.compute+json")
_UNAUTHORIZED = {
    "error": {
        "code": 401,
        "title": "Unauthorized",
        "message": "The request you have made requires authentication.",
    }
}


@dataclass(frozen=True, slots=True)
class OpenStackDialect:
    """Speaks to unmodified clients as Nova does.

    Its microversions are those of the pods' Novas, and its request id is Nova's: the API of another service
    needs its own of both.
    """

    versioning: Versioning

    def admit(self, call: Call, row: Row) -> Call:
        """Validate the token, then the microversion, as Nova's pipeline does."""
        if row.role is Role.ANYONE:
            return call
        if SENT_ON.lower() in call.headers:
            raise Looped
        caller, call = _caller(call, Role.ANYONE), _with_spelled_ids(call, row)
        wiring.services().rates.request(caller)
        version = self.versioning.asked_for(call.headers, wiring.services().roster.microversions())
        return replace(call, known_caller=caller, headers=self.versioning.stated(call.headers, version))

    def check(self, call: Call, row: Row) -> None:
        """Check in Nova's order: body size, media type, the URL's project, the microversion, the role."""
        if row.role is Role.ANYONE:
            return
        if len(call.raw_body) > MOST_BODY_BYTES:
            raise RequestTooLarge
        if call.headers.get("content-type", "").partition(";")[0].strip() not in _READ:
            raise UnsupportedMediaType
        project_id = call.caller.identity.project_id
        url_project_id = call.path.get("project_id", project_id)
        if url_project_id != project_id:
            raise InvalidField(
                "project_id",
                f"Malformed request URL: URL's project_id '{url_project_id}' doesn't match "
                f"Context's project_id '{project_id}'",
            )
        if not row.is_in(self.versioning.of(call.headers)):
            raise Unserved
        if not call.caller.identity.may(row.role):
            raise Forbidden(_policy_text(row, call))

    def _answered(self, call: Call) -> Microversion:
        """The version that an answer names. Only a document for anyone is asked for at ``latest`` as such."""
        asks_latest = "latest" in call.headers.get(STANDARD_HEADER.lower(), "")
        if asks_latest and call.known_caller is None:
            with suppress(Exception):  # headers must not fail, since a fault has them too
                return wiring.services().roster.microversions().high
        return self.versioning.of(call.headers)

    def fault(self, error: Exception, call: Call) -> Reply:
        """``{"itemNotFound": {"code": 404, "message": "..."}}``; 401 in keystonemiddleware's shape."""
        fault = fault_of(error)
        if isinstance(error, Trio2oError) and error.for_tenants:
            observability.logger().warning(f"told a client less than this: {error}")
            fault = replace(fault, message=error.for_tenants)
        if fault.status == 401:
            return Reply(401, _UNAUTHORIZED, challenge())
        name = _NAMES.get(fault.status, "computeFault")
        headers = {**FAULT_TYPE, **fault.headers}
        told: dict[str, object] = {"code": fault.status, "message": fault.message}
        if fault.status == 429:
            told["retryAfter"] = fault.headers["Retry-After"]  # as Nova had it while it limited rates
        return Reply(fault.status, {name: told}, headers)

    def unserved(self, call: Call, allowed: tuple[str, ...]) -> Reply:
        """404. Nova's router matches verb and path together, so a wrong verb matches nothing.

        Any valid token gets the 404; without one it is 401. OPTIONS is 200 and empty for anyone: in
        OpenStack's services the middleware for browsers (CORS) answers it.
        """
        if call.method == "OPTIONS":
            return Reply(200)
        _caller(call, Role.ANYONE)
        raise Unserved

    def headers(self, call: Call) -> Mapping[str, str]:
        """The request ids, the microversion as answered, and ``Vary``."""
        versions = self.versioning.headers(self._answered(call))
        return {
            **dict.fromkeys(REQUEST_ID_HEADERS, call.request_id),
            OWN_REQUEST_ID: call.request_id,
            **versions,
            **({"Vary": ", ".join(versions)} if versions else {}),
        }


def _with_spelled_ids(call: Call, row: Row) -> Call:
    """The call with its ids as we and OpenStack write them, for us and for pods: so an id is the same in any
    case. What a user or an admin may choose, such as a name or a flavor's id, stays as it came.
    """
    path = {name: usual_spelling(text) if _is_an_id(name) else text for name, text in call.path.items()}
    query = {
        key: tuple(map(usual_spelling, values)) if _is_an_id(key) else values
        for key, values in call.query.items()
    }
    segments = zip(row.path.split("/"), call.raw_path.split("/"), strict=True)
    spelled = (usual_spelling(text) if _is_an_id(part[1:-1]) else text for part, text in segments)
    return replace(call, path=path, query=query, raw_path="/".join(spelled))


def _is_an_id(name: str) -> bool:
    return name.endswith("_id") and name != "flavor_id"


def _policy_text(row: Row, call: Call) -> str:
    policy = _action(row, call).policy if row.actions else row.policy
    if policy:
        return f"Policy doesn't allow {policy} to be performed."
    return f"This needs the {row.role.name.lower()} role."


def _action(row: Row, call: Call) -> Action:
    """What the body asks for, which is its only key. Raises InvalidField where the row has no such action."""
    body = call.json()
    if not isinstance(body, dict) or len(body) != 1:
        raise InvalidField("body", "Malformed request body")
    (name,) = body
    for action in row.actions:
        if action.name == name:
            return action
    raise InvalidField(name, f"There is no such action: {name}")


def _caller(call: Call, role: Role) -> Caller:
    token = call.headers.get("x-auth-token", "")
    return wiring.services().access.caller(token, call.request_id, role, call.deadline)
