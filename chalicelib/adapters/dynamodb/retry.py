"""Retry: after which refusals a call to DynamoDB is repeated, and how often."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
from pynamodb.exceptions import VerboseClientError

from chalicelib.adapters import time_left
from chalicelib.adapters.dynamodb.answer import Unreadable
from chalicelib.model.errors import StoreBusy

T = TypeVar("T")

UNANSWERED = (HTTPClientError, ConnectionError, Unreadable)

REFUSED_FOR_NOW = frozenset(
    {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
    }
)
# The same refusals, by the names that a cancelled transaction gives them.
REASONS_FOR_NOW = frozenset({"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"})


@dataclass(frozen=True, slots=True)
class Patience:
    """Repeats a call after pauses of random length, whose bound doubles, so that rivals spread out.

    It gives up after ``attempts`` refusals (throttling, contention), or after ``silences`` calls without an
    answer that can be read: fewer, since each of those may have cost seconds. It also gives up when the
    request that the call serves has no time left.

    An error or a silence may hide a write that was applied. So each write is a transaction with a fixed
    token, or knows its own trace by the token that it left there (a claim), or has the same result when it is
    made again.
    """

    attempts: int = 10
    silences: int = 2
    base_seconds: float = 0.02
    cap_seconds: float = 0.5
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def call(self, send: Callable[[], T]) -> T:
        """What ``send`` returns or raises. Raises StoreBusy after too many temporary refusals or silences."""
        last: Exception | None = None
        attempt = silent = 0
        while not time_left.is_over():
            try:
                return send()
            except ClientError as error:
                if not is_temporary(error):
                    raise
                attempt, last = attempt + 1, error
            except UNANSWERED as error:
                silent, last = silent + 1, error
            if attempt >= self.attempts or silent >= self.silences:
                raise StoreBusy(f"DynamoDB refused {attempt} times, was silent {silent} times") from last
            self.sleep(time_left.at_most(self._pause_seconds(attempt + silent)))
        raise StoreBusy(
            f"no time left: DynamoDB refused {attempt} times, was silent {silent} times"
        ) from last

    def _pause_seconds(self, attempt: int) -> float:
        bound = min(self.cap_seconds, self.base_seconds * 2.0 ** (attempt - 1))
        return self.chance() * bound


def is_temporary(error: ClientError) -> bool:
    """Whether the same call may succeed a moment later.

    If a transaction was cancelled because a condition failed, it is no use: that race is lost, whatever
    other reasons there were.
    """
    code = error.response.get("Error", {}).get("Code", "")
    if code != "TransactionCanceledException":
        return code in REFUSED_FOR_NOW
    reasons = cancellations(error)
    return "ConditionalCheckFailed" not in reasons and bool(reasons & REASONS_FOR_NOW)


def cancellations(error: BaseException | None) -> frozenset[str]:
    """The codes of the reasons why DynamoDB cancelled a transaction; empty for any other error."""
    if not isinstance(error, VerboseClientError):
        return frozenset()
    return frozenset(reason.code for reason in error.cancellation_reasons if reason is not None)
