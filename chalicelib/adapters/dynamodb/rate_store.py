"""Rate store: how many requests a project made in a minute, as all processes count them together."""

from __future__ import annotations

from datetime import datetime

from pynamodb.attributes import TTLAttribute, UnicodeAttribute

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.retry import Patience

_COUNT = "by_"  # and the process


class RateItem(Item):
    """One window of one project, with a number for each process that reported."""

    noun = "rates"
    window_id = UnicodeAttribute(hash_key=True)
    expires_at = TTLAttribute()


class DynamoRateStore:
    """Keeps one small item for each window.

    A process writes what it counted so far, and not what came since, so that a repeated write counts nothing
    twice.
    """

    def __init__(self, database: Database, patience: Patience = Patience()) -> None:
        """``patience`` says how often a write is repeated."""
        self._client = database.connection.client
        self._patience = patience
        self._table_name = database.table_name(RateItem.noun)

    def report(self, window_id: str, process_id: str, count: int, until: datetime) -> int:
        """Keep what a process counted in a window so far; returns what all counted. Raises StoreBusy."""
        written = self._patience.call(
            lambda: self._client.update_item(
                TableName=self._table_name,
                Key={"window_id": {"S": window_id}},
                UpdateExpression="SET #mine = :count, expires_at = :until",
                ExpressionAttributeNames={"#mine": _COUNT + process_id},
                ExpressionAttributeValues={
                    ":count": {"N": str(count)},
                    ":until": {"N": str(int(until.timestamp()))},
                },
                ReturnValues="ALL_NEW",
            )
        )
        counts = {name: value for name, value in written["Attributes"].items() if name.startswith(_COUNT)}
        return sum(int(value["N"]) for value in counts.values())
