"""Transaction: all of several writes or none, and whether a failed one lost a race."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import uuid4

from pynamodb.exceptions import DeleteError, PutError, TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.retry import cancellations

REFUSALS = (PutError, UpdateError, DeleteError)


class Write(Protocol):
    """A write that joins the transaction of another store."""

    def join(self, transaction: Any) -> None:
        """Add itself to the transaction."""


def transaction(database: Database) -> TransactWrite:
    """A transaction to fill in a ``with`` block; it is sent when the block ends.

    It has a fixed token, by which DynamoDB recognises it for ten minutes when it is sent again, and answers
    as it did the first time. A write that makes its own condition false, such as that of the next generation,
    is a transaction even if it is alone, since its repeat would else look like a lost race.
    """
    return TransactWrite(connection=database.connection, client_request_token=str(uuid4()))


def lost_race(error: Exception) -> bool:
    """Whether a write failed because its condition did, which means that somebody else wrote first."""
    if isinstance(error, TransactWriteError):
        return "ConditionalCheckFailed" in cancellations(error.cause)
    return isinstance(error, REFUSALS) and error.cause_response_code == "ConditionalCheckFailedException"
