"""Quota use: what is shown as used, and whether there is such a project at all."""

from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Claim
from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import InvalidField
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.quota import DEFAULTS
from tests.builders import NOW, PROJECT
from tests.service.desk import OPERATOR
from tests.service.kinds.scripted_pods import TENANT, reply
from tests.service.operating.test_quota_limits import ANN, OURS, Ledger

NOTHING = dict.fromkeys(DEFAULTS, 0)


def used(ledger, holder=OURS):
    found = ledger.services.quota_limits.used(TENANT, holder)
    assert found.keys() == DEFAULTS.keys()
    return {name: count for name, count in found.items() if count}


@pytest.mark.parametrize("holder", [OURS, ANN])
def test_what_all_pods_have_is_used_and_nothing_of_what_no_nova_counts(holder):
    ledger = Ledger()

    assert used(ledger, holder) == {"cores": 6, "instances": 3, "ram": 512, "server_groups": 5}


def test_a_project_without_servers_uses_nothing():
    ledger = Ledger()

    assert ledger.services.quota_limits.used(OPERATOR, replace(OURS, project_id="new")) == NOTHING


def counted(ledger, holder, need):
    """What creates have counted of a holder."""
    ledger.outside.usages.begin(holder.holder_id, Amounts())
    claim = Claim(holder.holder_id, "t1", int(NOW.timestamp()), need)
    ledger.outside.usages.claim(claim, Amounts(-1000, -10000, -1000, -1000))


@pytest.mark.parametrize("holder", [OURS, ANN])
def test_while_a_pod_is_silent_no_less_is_used_than_creates_have_counted(holder):
    ledger = Ledger()
    counted(ledger, holder, Amounts(vcpus=5, ram_mb=100, disk_gb=7, instances=4))
    ledger.client.by_pod["b"] = None

    assert used(ledger, holder) == {"cores": 5, "instances": 4, "ram": 256, "server_groups": 2}


def test_what_creates_have_counted_is_not_asked_for_while_all_pods_answer():
    ledger = Ledger()
    counted(ledger, OURS, Amounts(vcpus=50, instances=40))

    assert used(ledger) == {"cores": 6, "instances": 3, "ram": 512, "server_groups": 5}


def test_a_silent_pods_servers_count_by_their_locations_where_nobody_has_counted():
    ledger = Ledger()
    ledger.outside.locations.remember(Location("vm-1", PROJECT, "b", NOW))
    ledger.client.by_pod["b"] = None

    assert used(ledger) == {"cores": 4, "instances": 2, "ram": 256, "server_groups": 2}


def test_a_users_count_begins_anew_with_limits_of_his_own_and_a_projects_goes_on():
    ledger = Ledger()
    counted(ledger, OURS, Amounts(vcpus=1))
    counted(ledger, ANN, Amounts(vcpus=1))

    ledger.write(OURS, cores=8)
    assert ledger.outside.usages.read(OURS.holder_id)
    assert ledger.outside.usages.read(ANN.holder_id)
    ledger.write(ANN, cores=8)

    assert ledger.outside.usages.read(OURS.holder_id)
    assert ledger.outside.usages.read(ANN.holder_id) is None


def unknown():
    """A Nova whose Keystone knows no such project."""
    return reply({"badRequest": {"code": 400, "message": "Project ID is not a valid project."}}, 400)


def verify(ledger, project_id="a/b", caller=OPERATOR):
    ledger.services.quota_limits.verify(caller, project_id)


def test_a_project_that_no_keystone_knows_is_named_as_nova_names_it():
    ledger = Ledger()
    ledger.client.by_pod = {"a": unknown(), "b": unknown()}

    with pytest.raises(InvalidField) as refused:
        verify(ledger)

    assert refused.value.field == "project_id"
    assert str(refused.value) == "Project ID a/b is not a valid project."


def test_a_pod_is_asked_for_the_project_in_the_operators_name():
    ledger = Ledger()
    ledger.client.by_pod["a"] = reply({"quota_set": {}})
    until = Deadline(datetime(2099, 1, 1, tzinfo=NOW.tzinfo), lambda: NOW)

    verify(ledger, caller=replace(OPERATOR, deadline=until))

    (asked,) = ledger.client.asked
    assert asked == (
        "a",
        PodRequest(
            "GET",
            "/os-quota-sets/a%2Fb",
            token="a-token",
            identity=OPERATOR.identity,
            request_id="req-1",
            read_timeout_seconds=asked[1].read_timeout_seconds,
            deadline=until,
        ),
    )


@pytest.mark.parametrize("status", [403, 404, 409])
def test_a_project_that_no_pod_denies_is_there(status):
    ledger = Ledger()
    fault = reply({"conflictingRequest": {"code": status, "message": "no"}}, status)
    ledger.client.by_pod = {"a": fault, "b": fault}

    verify(ledger)


def test_a_project_is_there_while_no_pod_can_tell():
    ledger = Ledger()
    ledger.client.by_pod = {"a": None, "b": None}

    verify(ledger)
    assert len(ledger.client.asked) == 2


@pytest.mark.parametrize(("caller", "project_id"), [(OPERATOR, "admin-project"), (TENANT, "other")])
def test_ones_own_project_needs_no_look_and_a_tenant_gets_none(caller, project_id):
    ledger = Ledger()
    ledger.client.by_pod = {"a": unknown(), "b": unknown()}

    verify(ledger, project_id, caller)

    assert ledger.client.asked == []
