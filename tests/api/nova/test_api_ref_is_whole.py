"""The comparison with a pod's Nova asks for every row and every action, so none is forgotten."""

import pytest

from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.router import Router
from tests.openstack.api_ref import differences
from tests.openstack.api_ref.ask import filled
from tests.openstack.api_ref.lives import LIVES
from tests.openstack.api_ref.reads import READS
from tests.openstack.api_ref.refusals import REFUSALS

EVERY = (*READS, *REFUSALS, *(ask for asks, _ in LIVES.values() for ask in asks))
ROUTER = Router(TABLE, project_ids=True)
MOST_DIFFERENCES = 25


def asked_for():
    for ask in EVERY:
        path = filled(ask.path, {"project": "0" * 32}).partition("?")[0]
        found = ROUTER.find(ask.method, "" if path == "/" else path)
        if found.row is not None:
            yield str(found.row)


@pytest.fixture(scope="module")
def asked():
    return set(asked_for())


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_request_is_compared_for_every_row(row, asked):
    ours_alone = any(difference.whole for difference in differences.of(str(row)))

    assert str(row) in asked or ours_alone, f"add a request for {row} to tests/openstack/api_ref"


def test_every_action_of_a_server_is_compared():
    tried = {next(iter(ask.body)) for ask in EVERY if ask.path.endswith("/action") and ask.body}

    assert {action.name for row in TABLE for action in row.actions} <= tried


def test_differences_are_few_and_each_has_a_reason():
    assert len(differences.DIFFERENCES) <= MOST_DIFFERENCES
    assert all(len(difference.reason.split()) > 5 for difference in differences.DIFFERENCES)
