"""Transaction: all of several writes or none, and whether a failed one lost a race."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.retry import cancellations
from chalicelib.model.errors import GenerationConflict


class Write(Protocol):
    """A write that joins the transaction of another store."""

    def join(self, transaction: Any) -> None:
        """Add itself to the transaction."""


def transaction(database: Database) -> TransactWrite:
    """A transaction to fill in a ``with`` block; it is sent when the block ends.

    It has a fixed token, by which DynamoDB recognises it for ten minutes when it is sent again, and answers
    as it did the first time. So a write is a transaction even if it is alone. Else the repeat of one that
    makes its own condition false would look like a lost race, and that of any other would overwrite what
    somebody else has written in between.
    """
    return TransactWrite(connection=database.connection, client_request_token=str(uuid4()))


def written(database: Database, add: Callable[[TransactWrite], None]) -> bool:
    """Send what ``add`` puts into a transaction. False: a condition failed, and nothing was written."""
    try:
        with transaction(database) as write:
            add(write)
    except TransactWriteError as error:
        if not lost_race(error):
            raise
        return False
    return True


def save_next(database: Database, item: Item, unchanged: Condition, conflict: str) -> None:
    """Save an item's next generation, if what was read is ``unchanged``.

    Raises GenerationConflict, with ``conflict`` as its message.
    """
    if not written(database, lambda write: write.save(item, unchanged)):
        raise GenerationConflict(conflict)


def lost_race(error: TransactWriteError) -> bool:
    """Whether a write failed because its condition did, which means that somebody else wrote first."""
    return "ConditionalCheckFailed" in cancellations(error.cause)
