"""Logs: JSON lines for operators, each with the id of the request that caused it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from chalicelib.observability.redaction import redacted, secrets_in, without
from chalicelib.settings import settings

SERVICE = "trio2o"


@dataclass(slots=True)
class _Cause:
    """The request or invocation that log lines are about, and whose it is, as soon as that is known."""

    request_id: str
    user_id: str = ""
    token: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)


# A context variable, since a logger's keys are shared by all threads. The threads of a fan-out run in a copy
# of their request's context, so they log its id.
_cause: ContextVar[_Cause | None] = ContextVar("cause", default=None)


class _Formatter(LambdaPowertoolsFormatter):
    """Adds the correlation id and the user to every line, and takes out what is secret."""

    def serialize(self, log: Any) -> str:
        """The line as JSON, with its correlation id, the user whose request it is, and without secrets."""
        line = {key: value for key, value in log.items() if key != "taskName"}
        if cause := _cause.get():
            told = {"correlation_id": cause.request_id, "user_id": cause.user_id}
            line.update({key: value for key, value in told.items() if value})
        text: str = super().serialize(redacted(line))  # type: ignore[arg-type]
        if cause and log.get("level") != "INFO":
            # An error may quote a secret without its name. Plain lines hold nothing but our own words.
            return without(text, {cause.token, *secrets_in(cause.body)})
        return text


class _Stdout(logging.StreamHandler[TextIO]):
    """Writes to what ``sys.stdout`` is at that moment, since Lambda and tests replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


@cache
def logger() -> Logger:
    """The process's logger. Pass numbers and names by ``extra={...}``; never pass a body or headers."""
    return Logger(
        service=SERVICE,
        level=settings.log_level,
        logger_handler=_Stdout(),
        logger_formatter=_Formatter(utc=True, use_rfc3339=True),
    )


def correlation_id() -> str:
    """The id of the request or invocation that this thread works for; empty outside of one."""
    cause = _cause.get()
    return cause.request_id if cause else ""


@contextmanager
def correlated(request_id: str) -> Iterator[None]:
    """Put a request's id on every log line that is written inside, by threads of its fan-outs too."""
    token = _cause.set(_Cause(request_id))
    try:
        yield
    finally:
        _cause.reset(token)


def withheld(token: str, body: bytes) -> None:
    """Keep the request's token, and what its body has of secrets, out of all further log lines of it."""
    if cause := _cause.get():
        cause.token, cause.body = token, body


def identified(user_id: str) -> None:
    """Put the caller's id on every further log line of this request."""
    if cause := _cause.get():
        cause.user_id = user_id
