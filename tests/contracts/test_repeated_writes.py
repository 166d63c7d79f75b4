"""DynamoDB may call a write failed that it has applied. The write is sent again, which must change nothing.

Each write is made in two equal worlds: undisturbed, and with errors in place of DynamoDB's answers. What it
returns or raises, and what is stored then, must be the same; so must what somebody else wrote in between.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.retry import Patience
from chalicelib.adapters.dynamodb.schema import create_tables, tables
from chalicelib.model.errors import Trio2oError
from tests.adapters.dynamodb.refusals import BROKEN, before_sending, refusal
from tests.builders import NOW
from tests.contracts.conftest import CHOSEN
from tests.contracts.store_calls import READS, RIVALS, WRITES, Call, methods_of_stores, settle

# The health, or the count of all processes, as it is afterwards, whoever wrote it.
TELL_WHAT_IS_STORED = {"capacities.failed", "rates.report"}
WRITING = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
CALLS = [
    pytest.param(call, id=f"{name}-{number}") for name in WRITES for number, call in enumerate(WRITES[name])
]
_numbers = count(1)


@dataclass
class Disturbance:
    """Answers the first ``times`` sendings of each write with an error, whether it was ``applied`` or not."""

    applied: bool = False
    times: int = 0
    silence: type[Exception] | None = None
    meanwhile: Callable[[], Any] = lambda: None
    sendings: Counter[tuple[str, str]] = field(default_factory=Counter)

    @contextmanager
    def of(self, client: Any) -> Iterator[None]:
        """Disturb the client's writes."""

        def answer(request: Any, **_: Any) -> Any:
            return self._answer(client, request)

        with ExitStack() as disturbed:
            for operation in WRITING:
                disturbed.enter_context(before_sending(client, operation, answer))
            yield

    def _answer(self, client: Any, request: Any) -> Any:
        sending = (request.headers["X-Amz-Target"], str(json.loads(request.body)))
        self.sendings[sending] += 1
        if self.sendings[sending] > self.times:
            return None
        if self.applied:
            client._endpoint.http_session.send(request)
        self.meanwhile()
        if self.silence:
            raise self.silence(endpoint_url="http://dynamodb")
        return refusal(*BROKEN, status=500)


DISTURBANCES = {
    "applied, then an error": Disturbance(applied=True, times=1),
    "applied, then two errors": Disturbance(applied=True, times=2),
    "an error": Disturbance(times=1),
    "two errors": Disturbance(times=2),
    "applied, then silence": Disturbance(applied=True, times=1, silence=ReadTimeoutError),
    "applied, then a dropped connection": Disturbance(applied=True, times=1, silence=ConnectionClosedError),
}


@dataclass
class World:
    """Tables with one of everything."""

    database: Database
    stores: wiring.Adapters

    @classmethod
    @contextmanager
    def on(cls, connection: PatientConnection) -> Iterator[World]:
        """A world of its own, which goes when the block ends."""
        database = Database(f"world{next(_numbers)}", connection)
        create_tables(database, collecting=False)
        world = cls(database, wiring.in_deployment(database, CHOSEN, lambda: NOW))
        settle(world.stores)
        yield world
        for spec in tables():
            connection.client.delete_table(TableName=database.table_name(spec.noun))

    def outcome(self, call: Call, disturbance: Disturbance) -> tuple[Any, Any]:
        """What the call returns or raises, and what is stored then."""
        with disturbance.of(self.database.connection.client):
            try:
                result = call(self.stores)
            except Trio2oError as error:
                result = (type(error), str(error), vars(error))
        return result, self._stored()

    def _stored(self) -> dict[str, list[str]]:
        scan = self.database.connection.client.scan
        names = {spec.noun: self.database.table_name(spec.noun) for spec in tables()}
        return {noun: sorted(map(str, scan(TableName=name)["Items"])) for noun, name in names.items()}


@pytest.fixture(scope="module")
def impatient(embedded_dynamo: str) -> PatientConnection:
    """A connection that repeats calls as any does, but without pauses."""
    return PatientConnection("us-east-1", embedded_dynamo, Patience(sleep=lambda seconds: None))


@pytest.fixture
def world(impatient: PatientConnection) -> Iterator[World]:
    with World.on(impatient) as world:
        yield world


@pytest.fixture(scope="module")
def undisturbed(impatient: PatientConnection) -> Callable[[Call], tuple[Any, Any]]:
    @cache
    def outcome(call: Call) -> tuple[Any, Any]:
        with World.on(impatient) as world:
            return world.outcome(call, Disturbance())

    return outcome


@pytest.mark.parametrize("disturbed_by", DISTURBANCES)
@pytest.mark.parametrize("call", CALLS)
def test_a_write_that_is_repeated_is_as_if_it_were_made_once(world, undisturbed, call, disturbed_by):
    disturbance = replace(DISTURBANCES[disturbed_by], sendings=Counter())

    assert world.outcome(call, disturbance) == undisturbed(call)
    assert disturbance.sendings, "it writes"
    assert min(disturbance.sendings.values()) > disturbance.times, "and repeats"


@pytest.mark.parametrize("name", WRITES)
def test_what_another_process_wrote_in_between_stays(impatient, connection, world, name):
    ours, rivals = WRITES[name][0], RIVALS[name]
    rival = wiring.in_deployment(Database(world.database.prefix, connection), CHOSEN, lambda: NOW)

    def once() -> None:
        if not done:
            done.append(True)
            rivals(rival)

    done: list[bool] = []
    disturbed = world.outcome(ours, Disturbance(True, 1, meanwhile=once))

    with World.on(impatient) as quiet:
        result, _ = quiet.outcome(ours, Disturbance())
        _, stored = quiet.outcome(rivals, Disturbance())
    assert disturbed[1] == stored
    assert disturbed[0] == result or name in TELL_WHAT_IS_STORED


def test_each_write_has_a_rival():
    assert RIVALS.keys() == WRITES.keys()


@pytest.mark.parametrize("name", READS)
def test_a_read_writes_nothing(world, name):
    watched = Disturbance()

    world.outcome(READS[name], watched)

    assert not watched.sendings


def test_each_method_of_each_store_is_called_here():
    assert methods_of_stores() == WRITES.keys() | READS.keys()
