"""The admin API's dialect: ``{"error": {"code", "title", "message", "field", "fields"}}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.faults import challenge, fault_of
from chalicelib.api.openstack.table import Row
from chalicelib.model.errors import WrongField
from chalicelib.model.identity import Role
from chalicelib.model.spelling import usual_spelling


class AdminDialect:
    """Speaks to operators and their scripts."""

    def admit(self, call: Call, row: Row) -> Call:
        """Validate the token, and spell the path's ids as we do. Every route here needs the role admin."""
        return self._admitted(call)

    def check(self, call: Call, row: Row) -> None:
        """There is nothing more to check."""

    def _admitted(self, call: Call) -> Call:
        token = call.headers.get("x-auth-token", "")
        access = wiring.services().access
        caller = access.caller(token, call.request_id, Role.ADMIN, call.deadline)
        path = {name: usual_spelling(value) for name, value in call.path.items()}
        return replace(call, known_caller=caller, path=path)

    def fault(self, error: Exception, call: Call) -> Reply:
        """The error, with the fields at fault where there are any."""
        fault = fault_of(error)
        headers = {**fault.headers, **(challenge() if fault.status == 401 else {})}
        return _reply(fault.status, fault.message, fault.fields, headers)

    def unserved(self, call: Call, allowed: tuple[str, ...]) -> Reply:
        """405 with the allowed verbs, or 404 for an unknown path; for admins alone, as all else here."""
        self._admitted(call)
        if not allowed:
            return _reply(404, "There is nothing at this path.")
        message = f"Method {call.method} is not served here; {', '.join(allowed)} is."
        return _reply(405, message, headers={"Allow": ", ".join(allowed)})

    def headers(self, call: Call) -> Mapping[str, str]:
        """The request id, by which logs and history name a call."""
        return {"X-Openstack-Request-Id": call.request_id}


def _reply(
    status: int, message: str, fields: Sequence[WrongField] = (), headers: Mapping[str, str] = {}
) -> Reply:
    """``field`` is the first of ``fields``; the message says what is wrong with it, and names the others."""
    if len(fields) > 1:
        message = f"{message} (wrong too: {', '.join(wrong.field for wrong in fields[1:])})"
    error: dict[str, object] = {"code": status, "title": HTTPStatus(status).phrase, "message": message}
    if fields:
        error["field"] = fields[0].field
        error["fields"] = [wrong._asdict() for wrong in fields]
    return Reply(status, {"error": error}, headers)
