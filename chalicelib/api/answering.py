"""Answering: admit the caller, run the route's view, and turn every error into the API's own fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from chalicelib.api.call import Call, Reply
from chalicelib.api.openstack.table import Row
from chalicelib.model.errors import InvalidField
from chalicelib.model.identity import Role

MOST_ID_BYTES = 1000


class Dialect(Protocol):
    """How an API says who speaks, what went wrong, and what every answer carries."""

    def admit(self, call: Call, role: Role) -> Call:
        """The call with its caller; raises what access raises, and InvalidField for a bad version."""

    def fault(self, error: Exception, call: Call) -> Reply:
        """The error in the shape that this API's clients expect."""

    def unserved(self, call: Call, allowed: tuple[str, ...]) -> Reply:
        """The answer where no route fits: ``allowed`` are the verbs that the path has, if it has any."""

    def headers(self, call: Call) -> Mapping[str, str]:
        """The headers of every answer, faults too."""


def answer(call: Call, row: Row | None, allowed: tuple[str, ...], dialect: Dialect) -> Reply:
    """The answer to a call that the router found this row for, or none."""
    try:
        if row is None:
            reply = dialect.unserved(call, allowed)
        else:
            call = dialect.admit(call, row.role)
            _refuse_long(call.path)
            reply = row.serve(call)
    except Exception as error:  # every error becomes a fault here, the unforeseen too
        reply = dialect.fault(error, call)
    return Reply(reply.status, reply.body, {**dialect.headers(call), **reply.headers})


def _refuse_long(variables: Mapping[str, str]) -> None:
    # No id of ours or of OpenStack's comes near; a store's keys end at 1024 bytes.
    for name, value in variables.items():
        if len(value.encode(errors="replace")) > MOST_ID_BYTES:
            raise InvalidField(name, f"must have at most {MOST_ID_BYTES} bytes")
