"""Retry: how long a call to DynamoDB is worth repeating, and after which refusals."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
from pynamodb.exceptions import VerboseClientError

from chalicelib.model.errors import StoreBusy

T = TypeVar("T")

UNANSWERED = (HTTPClientError, ConnectionError)

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
# The same refusals, as a cancelled transaction names them for each of its writes.
REASONS_FOR_NOW = frozenset({"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"})


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounded retry with full jitter: a pause is anything up to a bound that doubles, so rivals spread.

    ``attempts`` bounds refusals (throttling, contention). Time-outs are bounded by ``silences``
    instead, since each one has already cost seconds. A repeated write is safe: every write here is
    conditional, idempotent, or a transaction with a fixed token.
    """

    attempts: int = 10
    silences: int = 2
    base_seconds: float = 0.02
    cap_seconds: float = 0.5
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def call(self, send: Callable[[], T]) -> T:
        """The call's outcome. Raises StoreBusy when only temporary refusals were had."""
        last: Exception
        attempt = silent = 0
        while True:
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
            self.sleep(self._pause_seconds(attempt + silent))

    def _pause_seconds(self, attempt: int) -> float:
        bound = min(self.cap_seconds, self.base_seconds * 2.0 ** (attempt - 1))
        return self.chance() * bound


def is_temporary(error: ClientError) -> bool:
    """Whether the same call may succeed a moment later.

    A cancelled transaction with a failed condition is not: that race is lost, whatever else it met.
    """
    code = error.response.get("Error", {}).get("Code", "")
    if code != "TransactionCanceledException":
        return code in REFUSED_FOR_NOW
    reasons = cancellations(error)
    return "ConditionalCheckFailed" not in reasons and bool(reasons & REASONS_FOR_NOW)


def cancellations(error: BaseException | None) -> frozenset[str]:
    """The codes for which DynamoDB cancelled a transaction; empty for any other error."""
    if not isinstance(error, VerboseClientError):
        return frozenset()
    return frozenset(reason.code for reason in error.cancellation_reasons if reason is not None)
