"""The projects of a pod with a Keystone of its own, as operators see them."""

import pytest

from chalicelib.model.location import Location
from tests.builders import NOW, a_hybrid_pod

INSIDE = "/v1.0/pods/hybrid/projects"
ORDER = {"project": {"credential_ref": "ours-there"}, "reason": "they asked for it"}
SHOWN = {"project_id": "p", "credential_ref": "ours-there", "pod_project_id": "a" * 32}


@pytest.fixture(autouse=True)
def hybrid(operator):
    operator.desk.pod_store.create(a_hybrid_pod())


def test_a_project_is_let_in_shown_and_shut_out(operator):
    assert operator.ask("PUT", f"{INSIDE}/p", ORDER).body == {"project": SHOWN}
    assert operator.ask("GET", f"{INSIDE}/p").body == {"project": SHOWN}
    assert operator.ask("GET", INSIDE).body == {"projects": [SHOWN]}

    assert operator.ask("DELETE", f"{INSIDE}/p").status == 204
    assert operator.ask("GET", INSIDE).body == {"projects": []}
    assert operator.ask("DELETE", f"{INSIDE}/p").status == 404


def test_the_pods_history_tells_who_was_let_in_and_why(operator):
    operator.ask("PUT", f"{INSIDE}/p", ORDER)

    event = operator.ask("GET", "/v1.0/pods/hybrid/history").body["events"][-1]
    assert event["reason"] == "they asked for it"
    assert event["changes"]["pod_project_ids"] == {"before": {}, "after": {"p": "a" * 32}}


def test_a_credential_that_does_not_work_is_refused(operator):
    answer = operator.ask("PUT", f"{INSIDE}/p", {"project": {"credential_ref": "another"}})

    assert (answer.status, answer.body["error"]["field"]) == (409, "credential_ref")


def test_two_projects_can_never_meet_in_one_even_one_after_the_other(operator):
    operator.ask("PUT", f"{INSIDE}/p", ORDER)
    for _ in range(2):
        answer = operator.ask("PUT", f"{INSIDE}/q", ORDER)
        assert (answer.status, answer.body["error"]["field"]) == (409, "credential_ref")
        assert "project p for good" in answer.body["error"]["message"]
        operator.ask("DELETE", f"{INSIDE}/p")

    assert operator.ask("PUT", f"{INSIDE}/p", ORDER).status == 200


def test_a_projects_credential_may_be_another_one_but_not_for_another_project(operator):
    operator.ask("PUT", f"{INSIDE}/p", ORDER)
    operator.desk.inside.inside |= {"renamed": "a" * 32, "other": "b" * 32}

    renamed = operator.ask("PUT", f"{INSIDE}/p", {"project": {"credential_ref": "renamed"}})
    other = operator.ask("PUT", f"{INSIDE}/p", {"project": {"credential_ref": "other"}})

    assert (renamed.status, renamed.body["project"]["credential_ref"]) == (200, "renamed")
    assert other.status == 409


def test_a_project_with_servers_stays(operator):
    operator.ask("PUT", f"{INSIDE}/p", ORDER)
    operator.desk.locations.remember(Location("server-1", "p", "hybrid", NOW))

    assert operator.ask("DELETE", f"{INSIDE}/p").status == 409


def test_an_admins_credential_is_told_of(operator):
    operator.desk.inside.is_admins = True

    assert "only admins" in operator.ask("PUT", f"{INSIDE}/p", ORDER).body["warnings"][0]


def test_a_pod_that_shares_our_keystone_has_no_such_projects(operator):
    assert operator.ask("PUT", "/v1.0/pods/a/projects/p", ORDER).status == 409
    assert operator.ask("GET", "/v1.0/pods/a/projects").body == {"projects": []}


def test_a_ref_can_not_leave_the_family_of_projects_credentials(operator):
    for ref in ("../trio2o/pod1", "", 5):
        assert operator.ask("PUT", f"{INSIDE}/p", {"project": {"credential_ref": ref}}).status == 400


def test_a_pods_keystone_stays_while_projects_have_credentials_for_it(operator):
    operator.ask("PUT", f"{INSIDE}/p", ORDER)
    pod = operator.ask("GET", "/v1.0/pods/hybrid").body["pod"]

    answer = operator.ask(
        "PUT", "/v1.0/pods/hybrid", {"pod": {"generation": pod["generation"], "auth_url": ""}}
    )
    assert (answer.status, answer.body["error"]["field"]) == (409, "auth_url")
