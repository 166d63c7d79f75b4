"""Every row of docs/faults.md, for each way in which its service fails, by real connections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.faults.faulty import Failure, Faulty
from tests.journeys.faults.scenes import SCENES
from tests.journeys.faults.world import World, a_world

ROW = re.compile(r"\| `([\w-]+)` \| [^|]+ \| ([\w, ]+) \| (\d{3})([^|]*) \| [^|]+ \|")
ROWS = {
    row[1]: (row[2].split(", "), int(row[3]))
    for row in map(ROW.fullmatch, Path("docs/faults.md").read_text().splitlines())
    if row
}
CASES = [(name, failure) for name, (failures, _) in ROWS.items() for failure in failures]
NAMES = {503: "serviceUnavailable"}


@pytest.fixture(scope="module")
def world(embedded_dynamo: str) -> Iterator[World]:
    with a_world(embedded_dynamo) as one:
        yield one


@pytest.mark.parametrize(("name", "failure"), CASES, ids=["-".join(case) for case in CASES])
def test_faults(world: World, name: str, failure: str) -> None:
    _, status = ROWS[name]

    def fail(service: Faulty):
        return service.failing(Failure(failure))

    answer = SCENES[name](world, fail)

    assert answer.status == status, answer.body
    assert ("retry-after" in answer.headers) is (status == 503)
    assert not re.search("DynamoDB|127.0.0.1|Pod[0-9]", str(answer.body)) or name == "sqs-drain"


def test_each_row_is_a_scene_and_each_scene_a_row():
    assert ROWS.keys() == SCENES.keys()


def test_every_failure_is_told_of_each_service():
    services = {name.partition("-")[0] for name in ROWS}
    told = {(name.partition("-")[0], failure) for name, failure in CASES}

    assert services == {"keystone", "dynamodb", "sqs", "nova"}
    assert told == {(service, failure) for service in services for failure in Failure}
