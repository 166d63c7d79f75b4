"""Fixtures that tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase
from hypothesis import settings as examples

from local import dynamodb

if TYPE_CHECKING:
    from chalicelib.adapters.dynamodb.connection import Database, PatientConnection

_numbers = count(1)

# How long an example takes says more of what else the machine does than of us. Every run tries the same
# examples, so that a change is judged by itself; ``--hypothesis-profile=searching`` looks for new ones.
examples.register_profile("searching", deadline=None)
examples.register_profile("replayed", deadline=None, derandomize=True)
# A mutant is run against many tests, so each tries few examples, and looks for no smaller one that fails.
few = {"max_examples": 15, "phases": (Phase.explicit, Phase.generate)}
examples.register_profile("mutants", deadline=None, derandomize=True, **few)
examples.load_profile("replayed")


@dataclass(frozen=True)
class TestTables:
    """Where one test keeps its tables; the names begin with ``prefix``, which no other test has."""

    __test__ = False
    url: str
    prefix: str
    region: str = "us-east-1"


@pytest.fixture(scope="session")
def embedded_dynamo() -> Iterator[str]:
    """The URL of a DynamoDB of this session's own. Tests fail, and don't skip, where it is missing."""
    with dynamodb.running() as dynamo:
        yield dynamo.url


@pytest.fixture
def fresh_tables(embedded_dynamo: str) -> TestTables:
    """A prefix under which nothing exists yet."""
    return TestTables(embedded_dynamo, f"test{next(_numbers)}")


@pytest.fixture(scope="session")
def connection(embedded_dynamo: str) -> PatientConnection:
    """One client for the whole session, as in production."""
    # Imported here, since most tests need no DynamoDB and its client is slow to load.
    from chalicelib.adapters.dynamodb.connection import PatientConnection

    return PatientConnection("us-east-1", embedded_dynamo)


@pytest.fixture
def database(fresh_tables: TestTables, connection: PatientConnection) -> Iterator[Database]:
    """A database with all tables, for this test alone; they go when the test ends."""
    from chalicelib.adapters.dynamodb.connection import Database
    from chalicelib.adapters.dynamodb.schema import create_tables, tables

    own = Database(fresh_tables.prefix, connection)
    # Tests live in a year of their own: a collector that lives in ours would take their rows away.
    create_tables(own, collecting=False)
    yield own
    for spec in tables():
        own.connection.client.delete_table(TableName=own.table_name(spec.noun))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Races first: they take longest, so whoever runs tests in parallel is done soonest."""
    items.sort(key=lambda item: "/races/" not in item.path.as_posix())
