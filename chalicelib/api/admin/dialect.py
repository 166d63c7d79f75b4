"""The admin API's dialect: ``{"error": {"code", "title", "message", "field"}}``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.faults import challenge, fault_of
from chalicelib.model.identity import Role


class AdminDialect:
    """Speaks to operators and their scripts."""

    def admit(self, call: Call, role: Role) -> Call:
        """Validate the token. Every route here needs the role admin, whatever its row says."""
        token = call.headers.get("x-auth-token", "")
        access = wiring.services().access
        caller = access.caller(token, call.request_id, max(role, Role.ADMIN), call.deadline)
        return replace(call, known_caller=caller)

    def fault(self, error: Exception, call: Call) -> Reply:
        """The error, with the field at fault where there is one."""
        fault = fault_of(error)
        headers = {**fault.headers, **(challenge() if fault.status == 401 else {})}
        return _reply(fault.status, fault.message, fault.field, headers)

    def unserved(self, call: Call, allowed: tuple[str, ...]) -> Reply:
        """405 with the allowed verbs, or 404 for an unknown path; for admins alone, as all else here."""
        self.admit(call, Role.ADMIN)
        if not allowed:
            return _reply(404, "There is nothing at this path.", "", {})
        message = f"Method {call.method} is not served here; {', '.join(allowed)} is."
        return _reply(405, message, "", {"Allow": ", ".join(allowed)})

    def headers(self, call: Call) -> Mapping[str, str]:
        """The request id, by which logs and history name a call."""
        return {"X-Openstack-Request-Id": call.request_id}


def _reply(status: int, message: str, field: str, headers: Mapping[str, str]) -> Reply:
    inside: dict[str, object] = {"code": status, "title": HTTPStatus(status).phrase, "message": message}
    if field:
        inside["field"] = field
    return Reply(status, {"error": inside}, headers)
