"""Refusals that no emulator makes: a botocore client gets them in place of DynamoDB's answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from zlib import crc32

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def refusal(code: str, reasons: tuple[str, ...] = (), status: int = 400) -> AWSResponse:
    """An error as DynamoDB answers it; ``reasons``, one a write, say why a transaction was cancelled."""
    body: dict[str, Any] = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "injected"}
    if reasons:
        body["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    text = json.dumps(body).encode()
    return AWSResponse("http://dynamodb", status, {"x-amz-crc32": str(crc32(text))}, _Raw(text))


CONFLICT = ("TransactionCanceledException", ("TransactionConflict", "None", "None"))
THROTTLED_INSIDE = ("TransactionCanceledException", ("None", "ThrottlingError", "None"))
THROTTLED = ("ThrottlingException", ())
OVER_CAPACITY = ("ProvisionedThroughputExceededException", ())
OVER_LIMIT = ("RequestLimitExceeded", ())
IN_PROGRESS = ("TransactionInProgressException", ())
BROKEN = ("InternalServerError", ())
TEMPORARY = (CONFLICT, THROTTLED_INSIDE, THROTTLED, OVER_CAPACITY, OVER_LIMIT, IN_PROGRESS, BROKEN)


@dataclass
class Refusing:
    """Refuses the first ``times`` requests of an operation, and keeps the bodies of all its requests."""

    refusal: tuple[str, tuple[str, ...]]
    times: int
    seen: list[Any] = field(default_factory=list)

    def __call__(self, request: Any, **_: Any) -> AWSResponse | None:
        self.seen.append(json.loads(request.body))
        if len(self.seen) > self.times:
            return None
        return refusal(*self.refusal)


@dataclass
class LosingAnswers:
    """Sends the first ``times`` requests and then times out, so that their answers are lost."""

    client: Any
    times: int
    tokens: list[str | None] = field(default_factory=list)

    def __call__(self, request: Any, **_: Any) -> None:
        self.tokens.append(json.loads(request.body).get("ClientRequestToken"))
        if len(self.tokens) <= self.times:
            self.client._endpoint.http_session.send(request)
            raise ReadTimeoutError(endpoint_url="http://dynamodb")


@dataclass
class FailingAfterwards:
    """Sends the first ``times`` requests, and calls them failed though they were applied."""

    client: Any
    times: int

    def __call__(self, request: Any, **_: Any) -> AWSResponse | None:
        if self.times == 0:
            return None
        self.times -= 1
        self.client._endpoint.http_session.send(request)
        return refusal("InternalServerError", status=500)


@contextmanager
def before_sending(client: Any, operation: str, handler: Any) -> Iterator[Any]:
    """In this block, the handler sees each request of the operation, and may answer instead of DynamoDB."""
    event = f"before-send.dynamodb.{operation}"
    client.meta.events.register(event, handler)
    try:
        yield handler
    finally:
        client.meta.events.unregister(event, handler)
