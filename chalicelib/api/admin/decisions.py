"""The admin API's decisions resource: those that were kept, and dry runs, which write nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import wiring
from chalicelib.api.admin.decision_bodies import write_decision, write_decision_row
from chalicelib.api.admin.queries import PAGING, choice, id_word, read_page, read_query
from chalicelib.api.admin.requests import read_request
from chalicelib.api.admin.what_if_bodies import read_what_if
from chalicelib.api.call import Call, Reply
from chalicelib.model.errors import InvalidField
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.decision_text import text

ROWS = 50
_WHOSE = ("server_id", "request_id", "project_id")
_FORMAT = {"format": choice({"json": "json", "text": "text"})}
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def list_decisions(call: Call) -> Reply:
    """The latest decisions, newest first: of all projects or one, of a server, of a request."""
    known = {**dict.fromkeys(_WHOSE, id_word), **PAGING, **_FORMAT}
    asked = read_query(call.query, known, together=_refuse_two)
    found = _found(asked)
    if asked.get("format") == "text":
        return Reply(200, "\n".join(text(decision) for decision in found), _PLAIN)
    return Reply(200, {"decisions": [write_decision_row(decision) for decision in found]})


def _refuse_two(asked: Mapping[str, Any]) -> None:
    named = [name for name in _WHOSE if name in asked]
    if len(named) > 1:
        raise InvalidField(named[1], f"give either {named[0]} or {named[1]}")


def _found(asked: Mapping[str, Any]) -> Sequence[Decision]:
    services, page = wiring.services(), read_page(asked, ROWS)
    if "server_id" in asked:
        return [services.explaining.of_server(asked["server_id"])]
    if "request_id" in asked:
        return services.explaining.of_request(asked["request_id"])
    return services.decisions.list(asked.get("project_id", ""), page)


def show_decision(call: Call) -> Reply:
    """One decision in full; ``?format=text`` makes it readable in a terminal."""
    asked = read_query(call.query, _FORMAT)
    return _shown(wiring.services().decisions.get(call.path["decision_id"]), asked)


def dry_run(call: Call) -> Reply:
    """The decision that a project's create would get now."""
    asked, what_if = read_request(call, read_what_if, _FORMAT)
    return _shown(wiring.services().decisions.dry_run(what_if, call.request_id), asked)


def _shown(decision: Decision, asked: Mapping[str, Any]) -> Reply:
    if asked.get("format") == "text":
        return Reply(200, text(decision), _PLAIN)
    return Reply(200, {"decision": write_decision(decision)})
