"""Every row that reads a body, with every value in it broken in every way: never a 5xx of ours."""

from __future__ import annotations

import json

import pytest

from chalicelib.api.nova.routes.server_actions import SERVER_ACTIONS
from chalicelib.api.openstack.table import Action, Row
from tests.journeys.conftest import Gateway
from tests.journeys.failing import failed, path_to, version_of
from tests.journeys.sample_bodies import ODD, SAMPLES, WRITING, broken, sample_of

pytestmark = pytest.mark.usefixtures("strict_pods")


@pytest.fixture(scope="module")
def server_id(served: Gateway) -> str:
    return str(served.create(availability_zone="az2").body["server"]["id"])


def test_a_sample_is_of_a_row_that_there_is() -> None:
    assert {str(row) for _, row in WRITING} >= SAMPLES.keys()


@pytest.mark.parametrize(("prefix", "row"), WRITING, ids=[f"{row}" for _, row in WRITING])
def test_no_broken_body_is_a_fault_of_ours(served: Gateway, prefix: str, row: Row, server_id: str) -> None:
    path, version = path_to(served, prefix, row, server_id=server_id), version_of(row)
    for body in broken(sample_of(row)):
        raw = json.dumps(body).encode()
        answer = served.call(row.method, path, raw, user="admin", OpenStack_API_Version=version)

        assert not failed(answer), (answer, raw[:500])


@pytest.mark.parametrize("action", SERVER_ACTIONS, ids=lambda action: action.name)
def test_no_broken_action_is_a_fault_of_ours(served: Gateway, server_id: str, action: Action) -> None:
    for value in ODD:
        raw = json.dumps({action.name: value}).encode()
        answer = served.call(
            "POST", f"/v2.1/servers/{server_id}/action", raw, OpenStack_API_Version="compute 2.88"
        )

        assert not failed(answer), (answer, raw[:500])
