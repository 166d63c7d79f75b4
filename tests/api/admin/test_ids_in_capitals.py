"""An id is the same however an operator's tools spell it: in paths, in queries, in bodies."""

import pytest

from chalicelib import wiring
from tests.api.admin.conversation import Conversation
from tests.builders import PROJECT, a_pod
from tests.service.desk import Desk

POD = "801c5710-d1fc-4418-85bb-93bcdc650795"
OTHER = "0c4a47c7-218e-4e2f-8289-42058659be24"
BINDING = f"{PROJECT}:az1:general"


@pytest.fixture
def operator():
    desk = Desk(a_pod(POD), a_pod(OTHER))
    wiring.use(desk.services)
    yield Conversation(desk)
    wiring.use(None)


def test_a_pods_id_is_one_id(operator):
    assert operator.ask("POST", f"/v1.0/pods/{POD.upper()}/cordon").body["pod"]["pod_id"] == POD
    assert operator.ask("GET", f"/v1.0/pods?marker={POD.upper()}").status == 200
    drained = operator.ask("POST", f"/v1.0/pods/{POD.upper()}/drain", {"rate_per_minute": 60})
    assert drained.body["job"]["pod_id"] == POD
    assert len(operator.ask("GET", f"/v1.0/jobs?pod_id={POD.upper()}").body["jobs"]) == 1


def test_a_binding_in_capitals_is_the_projects_own(operator):
    order = {"tenant_id": PROJECT.upper(), "pod_id": POD.upper(), "reason": "pilot"}
    bound = operator.ask("POST", "/v1.0/bindings", {"pod_binding": order}).body["pod_binding"]
    assert (bound["tenant_id"], bound["pod_id"]) == (PROJECT, POD)

    for query in (f"tenant_id={PROJECT.upper()}", f"project_id={PROJECT.upper()}", f"pod_id={POD.upper()}"):
        assert len(operator.ask("GET", f"/v1.0/bindings?{query}").body["pod_bindings"]) == 1, query
    url = "/v1.0/bindings/" + BINDING.replace(PROJECT, PROJECT.upper())
    moved = operator.ask("POST", f"{url}/rebind", {"pod_id": OTHER.upper(), "reason": "make room"})
    assert moved.body["pod_binding"]["pod_id"] == OTHER


def test_a_pods_access_is_that_of_the_projects_own_id(operator):
    change = {"generation": 1, "denied_project_ids": [PROJECT.upper()]}
    assert operator.ask("PUT", f"/v1.0/pods/{POD}", {"pod": change}).body["pod"]["denied_project_ids"] == [
        PROJECT
    ]

    twice = {"generation": 2, "denied_project_ids": [PROJECT, PROJECT.upper()]}
    assert operator.refused("PUT", f"/v1.0/pods/{POD}", {"pod": twice}) == (400, "denied_project_ids")


def test_a_dry_run_in_capitals_is_the_projects_own(operator):
    asked = {"project_id": PROJECT.upper(), "flavor": {"vcpus": 1, "ram_mb": 1}}
    decision = operator.ask("POST", "/v1.0/decisions/dry-run", {"decision": asked}).body["decision"]

    assert decision["project_id"] == PROJECT
