"""The admin API's decisions resource: explain is a read, a dry run writes nothing."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.admin.decision_bodies import write_decision, write_decision_row
from chalicelib.api.admin.queries import PAGING, read_page, read_query
from chalicelib.api.admin.routes import admin
from chalicelib.api.admin.what_if_bodies import read_what_if
from chalicelib.api.routes import Call, Kind, Reply
from chalicelib.model.errors import InvalidField
from chalicelib.model.identity import Role
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.decision_text import text

ROWS = 50
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@admin.route("GET", "/decisions", role=Role.ADMIN, kind=Kind.OWN)
def list_decisions(call: Call) -> Reply:
    """The latest decisions, of all projects or one; newest first."""
    asked = read_query(call.query, ("project_id", *PAGING))
    found = wiring.services().decisions.list(asked.get("project_id", ""), read_page(asked, ROWS))
    return Reply(200, {"decisions": [write_decision_row(decision) for decision in found]})


@admin.route("GET", "/decisions/{decision_id}", role=Role.ADMIN, kind=Kind.OWN)
def show_decision(call: Call) -> Reply:
    """One decision in full; with ``?format=text`` to read in a terminal."""
    return _shown(call, wiring.services().decisions.get(call.path["decision_id"]))


@admin.route("POST", "/decisions/dry-run", role=Role.ADMIN, kind=Kind.OWN)
def dry_run(call: Call) -> Reply:
    """The decision that a project's create would get now."""
    what_if = read_what_if(call.json())
    return _shown(call, wiring.services().decisions.dry_run(what_if, call.request_id))


def _shown(call: Call, decision: Decision) -> Reply:
    wanted = read_query(call.query, ("format",)).get("format", "json")
    if wanted not in ("json", "text"):
        raise InvalidField("format", "must be json or text")
    if wanted == "text":
        return Reply(200, text(decision), _PLAIN)
    return Reply(200, {"decision": write_decision(decision)})
