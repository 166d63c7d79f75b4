"""Transaction: all of several writes or none, and whether a failed one lost a race."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import uuid4

from pynamodb.exceptions import DeleteError, PutError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.retry import cancellations
from chalicelib.model.errors import GenerationConflict

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


def save_next(database: Database, item: Item, unchanged: Condition, conflict: str) -> None:
    """Save an item's next generation, if what was read is ``unchanged``.

    Raises GenerationConflict, with ``conflict`` as its message.
    """
    try:
        with transaction(database) as write:
            write.save(item, unchanged)
    except TransactWriteError as error:
        if not lost_race(error):
            raise
        raise GenerationConflict(conflict) from error


def lost_race(error: Exception) -> bool:
    """Whether a write failed because its condition did, which means that somebody else wrote first."""
    if isinstance(error, TransactWriteError):
        return "ConditionalCheckFailed" in cancellations(error.cause)
    return isinstance(error, REFUSALS) and error.cause_response_code == "ConditionalCheckFailedException"
