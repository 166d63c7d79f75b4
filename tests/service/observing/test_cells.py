"""Whether a pod proves that it sees all of its cells, as Nova tells by its services."""

import json

import pytest

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod_request import PodReply
from chalicelib.service.observing.cells import Cells
from tests.builders import a_pod
from tests.service.desk import ScriptedNova

NOVAS = {"x-openstack-request-id": "r"}
OF_CELLS = a_pod(min_microversion="2.1", max_microversion="2.69")


def nova(status=200, services=({"status": "enabled"}, {"status": "disabled"})):
    said = {"services": list(services)} if status == 200 else {"aFault": {"code": status}}
    return ScriptedNova(PodReply(status, NOVAS, json.dumps(said).encode()))


def test_a_pod_is_asked_in_the_version_that_names_the_services_of_lost_cells_and_not_for_long():
    asked = nova()

    assert Cells(asked).are_up(OF_CELLS)
    ((_, question),) = asked.heard
    assert (question.method, question.path) == ("GET", "/os-services")
    assert question.headers == {"OpenStack-API-Version": "compute 2.69"}
    assert question.read_timeout_seconds == 4.0


def test_a_pod_that_speaks_only_older_versions_is_not_asked():
    older = nova()

    assert not Cells(older).are_up(a_pod(min_microversion="2.1", max_microversion="2.68"))
    assert older.heard == []


@pytest.mark.parametrize("status", [400, 403, 404, 406])
def test_a_pod_that_refuses_to_tell_proves_nothing(status):
    assert not Cells(nova(status)).are_up(OF_CELLS)


def test_a_pod_that_fails_to_tell_gives_no_answer():
    with pytest.raises(PodUnreachable):
        Cells(nova(500)).are_up(OF_CELLS)


@pytest.mark.parametrize("services", [[], [{"status": "UNKNOWN"}], [{"status": "enabled"}, {}], ["enabled"]])
def test_no_list_but_one_of_services_that_all_are_in_reach_proves_anything(services):
    assert not Cells(nova(services=services)).are_up(OF_CELLS)
