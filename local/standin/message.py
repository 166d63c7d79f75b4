"""One HTTP request and its reply, as the stand-in's services see them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What a client sent. Header names are lower case; ``path`` is still percent-encoded."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    request_id: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as the client wrote them, for links in the reply."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"

    def first(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query key."""
        values = self.query.get(name)
        return values[0] if values else default

    def all(self, name: str) -> list[str]:
        """All values of a repeated query key."""
        return list(self.query.get(name, ()))

    def header(self, name: str) -> str | None:
        """A header by its name, in upper or lower case."""
        return self.headers.get(name.lower())

    def json(self) -> Json:
        """The body as a JSON object. Raises Fault 400 for anything else, and for what Nova's schemas refuse.

        Those are numbers that are none or infinite.
        """
        try:
            read = json.loads(self.body.decode())
            json.dumps(read, allow_nan=False)
        except ValueError as error:
            raise Fault(400, "Malformed request body") from error
        if not isinstance(read, dict):
            raise Fault(400, "Malformed request body")
        return read

    def json_or_empty(self) -> Json:
        """The body as a JSON object; an empty body reads as an empty object."""
        return self.json() if self.body.strip() else {}


@dataclass
class Reply:
    """What goes back. A body of None is an empty body; bytes go out as they are."""

    status: int = 200
    body: Json | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        """The body as bytes; an object is written as JSON."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()


@dataclass
class RawReply(Reply):
    """Bytes that go out one piece after another as they are, be they HTTP or not; then the line is cut."""

    pieces: Iterable[bytes] = ()


class Fault(Exception):
    """A refusal. Each service writes it in its own shape, unless ``body`` is given."""

    def __init__(
        self, status: int, message: str, *, body: Json | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.body = body
        self.headers = dict(headers or {})


class ResetConnection(Exception):
    """Raised so that the client sees its connection reset and gets no reply."""
