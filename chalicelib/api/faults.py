"""Faults: which status an error of ours means; each API words it in its own dialect."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from chalicelib import observability, wiring
from chalicelib.model import errors
from chalicelib.model.pod_request import LOOP_DETECTED

RETRY_AFTER_SECONDS = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """An error ready to be worded: status, message for the caller, fields at fault, extra headers."""

    status: int
    message: str
    fields: tuple[errors.WrongField, ...] = ()
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Unserved(errors.Trio2oError):
    """No route has this verb and path. The message is that of OpenStack's services."""

    def __init__(self) -> None:
        super().__init__("The resource could not be found.")


class Gone(errors.Trio2oError):
    """The service that we stand for has removed this route. The message is that of OpenStack's services."""

    def __init__(self) -> None:
        super().__init__("This resource is no longer available. No forwarding address is given.")


class UnsupportedMediaType(errors.Trio2oError):
    """A body of a type that the API doesn't read. The message is Nova's."""

    def __init__(self) -> None:
        super().__init__("Unsupported Content-Type")


class Looped(errors.Trio2oError):
    """A gateway sent this request to a pod, and the pod's endpoint leads to a gateway."""

    def __init__(self) -> None:
        super().__init__("A gateway can't be a pod of a gateway.")


class RequestTooLarge(errors.Trio2oError):
    """A body is larger than the service that we stand for takes. The message is that of OpenStack."""

    def __init__(self) -> None:
        super().__init__("Request is too large.")


class AnswerTooLarge(errors.Trio2oError):
    """An answer is larger than Lambda can carry, and can't be cut."""

    def __init__(self) -> None:
        super().__init__(
            "The request was carried out, but its answer has more than 6 MB, which is more than this API can "
            "send. Ask for less of it."
        )


_STATUS: Mapping[type[errors.Trio2oError], int] = {
    errors.InvalidField: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    Unserved: 404,
    errors.NotAcceptable: 406,
    errors.Conflict: 409,
    Gone: 410,
    RequestTooLarge: 413,
    AnswerTooLarge: 413,
    UnsupportedMediaType: 415,
    errors.KeyReused: 422,
    errors.TooMany: 429,
    errors.KeystoneUnavailable: 503,
    errors.StoreBusy: 503,
    errors.Unavailable: 503,
    errors.OutcomePending: 503,
    errors.PodUnreachable: 503,
    errors.OutcomeUnknown: 504,
    Looped: LOOP_DETECTED,
}


def fault_of(error: Exception) -> Fault:
    """The fault for an error. An unforeseen one is logged here, and the caller is told nothing of it."""
    status = error.status if isinstance(error, errors.NoPod) else _status_of(error)
    if status is None:
        observability.logger().exception("unforeseen error")
        return Fault(500, "Unexpected gateway error. Please report the request id to the operator.")
    seconds = error.retry_after_seconds if isinstance(error, errors.TooMany) else RETRY_AFTER_SECONDS
    later = status in (429, 503) or isinstance(error, errors.StillCreating)
    headers = {"Retry-After": str(seconds)} if later else {}
    return Fault(status, str(error), _fields_of(error), headers)


def _fields_of(error: Exception) -> tuple[errors.WrongField, ...]:
    if isinstance(error, errors.InvalidField):
        return error.wrong
    field = error.field if isinstance(error, errors.Conflict) else ""
    return (errors.WrongField(field, str(error)),) if field else ()


def _status_of(error: Exception) -> int | None:
    return next((status for error_type, status in _STATUS.items() if isinstance(error, error_type)), None)


def challenge() -> dict[str, str]:
    """The header of a 401, which sends the client to Keystone."""
    return {"WWW-Authenticate": f'Keystone uri="{wiring.settings().auth_url.removesuffix("/v3")}"'}
