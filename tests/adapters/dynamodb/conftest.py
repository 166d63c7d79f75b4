"""A database that never sleeps between its attempts, but notes for how long it would have."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.retry import Patience


@dataclass
class Watched:
    """A second database on the test's own tables, and the pauses, in seconds, that it would have made."""

    database: Database
    pauses: list[float] = field(default_factory=list)

    @property
    def client(self):
        return self.database.connection.client


@pytest.fixture
def watched(database: Database, embedded_dynamo: str) -> Watched:
    pauses: list[float] = []
    patience = Patience(attempts=6, sleep=pauses.append, chance=lambda: 0.5)
    connection = PatientConnection("us-east-1", embedded_dynamo, patience)
    return Watched(Database(database.prefix, connection), pauses)
