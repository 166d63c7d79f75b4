"""Answering: admit the caller, run the route's view, and turn every error into the API's own fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import unquote

from chalicelib import observability
from chalicelib.api.call import Call, Reply
from chalicelib.api.faults import AnswerTooLarge
from chalicelib.api.json_body import refuse_halves, refuse_long_id
from chalicelib.api.openstack.table import Row
from chalicelib.api.sending import fits, text_of
from chalicelib.model.errors import InvalidField


class Dialect(Protocol):
    """What differs between APIs: whom they admit, how they word errors, which headers every answer has."""

    def admit(self, call: Call, row: Row) -> Call:
        """The call with its caller.

        Raises what the check of the token raises; InvalidField or NotAcceptable for a bad microversion.
        """

    def check(self, call: Call, row: Row) -> None:
        """Check that an admitted caller may use a row as this call does.

        Raises InvalidField for a path with another project's id, Unserved for a microversion that doesn't
        have the row, UnsupportedMediaType for a body that the API doesn't read, Forbidden for too low a role.
        """

    def fault(self, error: Exception, call: Call) -> Reply:
        """The error in the shape that this API's clients expect."""

    def unserved(self, call: Call, allowed: tuple[str, ...]) -> Reply:
        """The answer where no row fits; ``allowed`` are the verbs that the path has, if it has any."""

    def headers(self, call: Call) -> Mapping[str, str]:
        """The headers of every answer, faults too."""


def answer(call: Call, row: Row | None, allowed: tuple[str, ...], dialect: Dialect) -> Reply:
    """Answer a call by the row that the router found for it; None where it found none."""
    try:
        if row is None:
            reply = dialect.unserved(call, allowed)
        else:
            call = dialect.admit(call, row)
            if call.known_caller:
                observability.identified(call.known_caller.identity.user_id)
            dialect.check(call, row)
            _refuse_odd_text(call)
            reply = _sendable(row.serve(call))
    except Exception as error:  # every error becomes a fault here, the unforeseen too
        reply = dialect.fault(error, call)
    return Reply(reply.status, reply.body, {**dialect.headers(call), **reply.headers})


def _sendable(reply: Reply) -> Reply:
    """The reply with its body as text. Raises AnswerTooLarge when Lambda couldn't carry it."""
    text = text_of(reply.body)
    if not fits(text):
        raise AnswerTooLarge
    return Reply(reply.status, text or None, reply.headers)


def _refuse_odd_text(call: Call) -> None:
    """Refuse what isn't Unicode, wherever the request has it, since nothing could be done with it."""
    try:
        unquote(call.raw_path, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidField("path", "the path is not encoded as UTF-8") from error
    for name, values in (*call.query.items(), *((name, (value,)) for name, value in call.headers.items())):
        for text in (name, *values):
            refuse_halves(name, text)
    for name, value in call.path.items():
        refuse_long_id(name, value)
