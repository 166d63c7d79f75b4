"""Faults: which status an error of ours means; each API words it in its own dialect."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from chalicelib import observability, wiring
from chalicelib.model import errors

RETRY_AFTER_SECONDS = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """An error ready to be worded: status, message for the caller, field at fault, extra headers."""

    status: int
    message: str
    field: str = ""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Unserved(errors.Trio2oError):
    """No route has this verb and path. The message is that of OpenStack's services."""

    def __init__(self) -> None:
        super().__init__("The resource could not be found.")


class Gone(errors.Trio2oError):
    """The service that we stand for has removed this route. The message is that of OpenStack's services."""

    def __init__(self) -> None:
        super().__init__("This resource is no longer available. No forwarding address is given.")


_RETRY = {"Retry-After": str(RETRY_AFTER_SECONDS)}
_STATUS: tuple[tuple[type[errors.Trio2oError], int, Mapping[str, str]], ...] = (
    (errors.Unauthenticated, 401, {}),
    (errors.Forbidden, 403, {}),
    (errors.NotFound, 404, {}),
    (Unserved, 404, {}),
    (errors.NotAcceptable, 406, {}),
    (errors.Conflict, 409, {}),
    (Gone, 410, {}),
    (errors.TooLarge, 413, {}),
    (errors.KeystoneUnavailable, 503, _RETRY),
    (errors.StoreBusy, 503, _RETRY),
    (errors.Unavailable, 503, _RETRY),
    (errors.OutcomeUnknown, 504, {}),
    (errors.PodUnreachable, 503, _RETRY),
    (errors.NoCredential, 409, {}),
    (errors.UntrustedReport, 502, {}),
)


def fault_of(error: Exception) -> Fault:
    """The fault for an error. An unforeseen one is logged here, and the caller is told nothing of it."""
    if isinstance(error, errors.InvalidField):
        return Fault(400, str(error), field=error.field)
    if isinstance(error, errors.NoPod):
        return Fault(error.status, str(error), headers=_RETRY if error.status == 503 else {})
    for error_type, status, headers in _STATUS:
        if isinstance(error, error_type):
            return Fault(status, str(error), getattr(error, "field", ""), headers)
    observability.logger().exception("unforeseen error")
    return Fault(500, "Unexpected gateway error. Please report the request id to the operator.")


def challenge() -> dict[str, str]:
    """The header of a 401, which sends the client to Keystone."""
    return {"WWW-Authenticate": f'Keystone uri="{wiring.settings().auth_url.removesuffix("/v3")}"'}
