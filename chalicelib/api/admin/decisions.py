"""The admin API's decisions resource: those that were kept, and dry runs, which write nothing."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib import wiring
from chalicelib.api.admin.decision_bodies import write_decision, write_decision_row
from chalicelib.api.admin.queries import PAGING, read_page, read_query
from chalicelib.api.admin.what_if_bodies import read_what_if
from chalicelib.api.call import Call, Reply
from chalicelib.model.errors import InvalidField
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.decision_text import text

ROWS = 50
_WHOSE = ("server_id", "request_id", "project_id")
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def list_decisions(call: Call) -> Reply:
    """The latest decisions, newest first: of all projects or one, of a server, of a request."""
    asked = read_query(call.query, (*_WHOSE, *PAGING, "format"))
    wanted, found = _format(asked), _found(asked)
    if wanted == "text":
        return Reply(200, "\n".join(text(decision) for decision in found), _PLAIN)
    return Reply(200, {"decisions": [write_decision_row(decision) for decision in found]})


def _found(asked: dict[str, str]) -> Sequence[Decision]:
    named = [name for name in _WHOSE if name in asked]
    if len(named) > 1:
        raise InvalidField(named[1], f"give either {named[0]} or {named[1]}")
    services, page = wiring.services(), read_page(asked, ROWS)
    if "server_id" in asked:
        return [services.explaining.of_server(asked["server_id"])]
    if "request_id" in asked:
        return services.explaining.of_request(asked["request_id"])
    return services.decisions.list(asked.get("project_id", ""), page)


def show_decision(call: Call) -> Reply:
    """One decision in full; ``?format=text`` makes it readable in a terminal."""
    wanted = _wanted(call)
    return _shown(wiring.services().decisions.get(call.path["decision_id"]), wanted)


def dry_run(call: Call) -> Reply:
    """The decision that a project's create would get now."""
    wanted, what_if = _wanted(call), read_what_if(call.json(single_keys=True))
    return _shown(wiring.services().decisions.dry_run(what_if, call.request_id), wanted)


def _wanted(call: Call) -> str:
    return _format(read_query(call.query, ("format",)))


def _shown(decision: Decision, wanted: str) -> Reply:
    if wanted == "text":
        return Reply(200, text(decision), _PLAIN)
    return Reply(200, {"decision": write_decision(decision)})


def _format(asked: dict[str, str]) -> str:
    wanted = asked.get("format", "json")
    if wanted not in ("json", "text"):
        raise InvalidField("format", "must be json or text")
    return wanted
