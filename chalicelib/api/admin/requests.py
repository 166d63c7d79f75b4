"""Requests: an operator's parameters and body, read together, so that one error names all that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from chalicelib.api.admin.deed_bodies import REASON
from chalicelib.api.admin.queries import read_query
from chalicelib.api.call import Call
from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import Reader, an_object, read_fields
from chalicelib.model.refusals import all_refusals

T = TypeVar("T")


def read_request(
    call: Call, body: Callable[[object], T], known: Mapping[str, Reader] = {}, bodiless: bool = False
) -> tuple[dict[str, Any], T]:
    """The ``known`` parameters that were given, and what ``body`` reads. Raises InvalidField.

    ``bodiless`` lets the body be missing, which is then an empty object.
    """
    with all_refusals() as refusals:
        with refusals.noted():
            asked = read_query(call.query, known)
        with refusals.noted():
            missing = bodiless and not call.raw_body.strip()
            value = body({} if missing else call.json(single_keys=True))
    return asked, value


def read_nothing(call: Call) -> None:
    """Refuse whatever an action is told that takes neither parameters nor a body. Raises InvalidField."""
    read_request(call, lambda body: read_fields(an_object("takes no body")("body", body), {}), bodiless=True)


def read_reason(call: Call, known: Mapping[str, Reader] = {}) -> tuple[dict[str, Any], str]:
    """The ``known`` parameters, and why the operator acts: by the body or, where known, by the query.

    Both may be left out. Raises InvalidField.
    """
    asked, told = read_request(call, _told, known, bodiless=True)
    if "reason" in asked and "reason" in told:
        raise InvalidField("reason", "is in the query and in the body: give one")
    return asked, asked.get("reason") or told.get("reason", "")


def _told(body: object) -> dict[str, Any]:
    given = an_object('the body must be empty, or {"reason": "..."}')("body", body)
    return read_fields(given, {"reason": REASON})
