"""Server groups: made in the project's home pod, found in any, and their members go where they are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.conftest import IMAGE, Gateway

GROUPS = "/v2.1/os-server-groups"
ASKED = {"server_group": {"name": "g", "policies": ["anti-affinity"]}}


def made_in(gateway: Gateway, pod: str, user: str = "alpha", name: str = "g") -> str:
    """A group that was made in a pod when that was the home of the project."""
    project_id = gateway.project_id(user)
    gateway.stores.projects.add(project_id, gateway.pods[pod].pod_id)
    group_id = f"00000000-0000-4000-8000-{len(name):012d}"
    gateway.cloud.pod(pod).nova.server_groups[group_id] = {
        "id": group_id,
        "name": name,
        "policies": ["affinity"],
        "rules": {},
        "members": [],
        "metadata": {},
        "project_id": project_id,
        "user_id": "u",
    }
    return group_id


def names(gateway: Gateway, query: str = "", user: str = "alpha") -> list[str]:
    found: list[dict[str, Any]] = gateway.call("GET", f"{GROUPS}{query}", user=user).body["server_groups"]
    return [group["name"] for group in found]


def test_a_group_is_made_in_the_home_pod_shown_listed_and_deleted(gateway: Gateway) -> None:
    made = gateway.call("POST", GROUPS, ASKED)
    group_id = made.body["server_group"]["id"]

    assert (made.status, made.body["server_group"]["policies"]) == (200, ["anti-affinity"])
    assert group_id in gateway.cloud.pod("Pod1").nova.server_groups
    assert gateway.call("GET", f"{GROUPS}/{group_id}").body == made.body
    assert names(gateway) == ["g"]
    assert gateway.call("DELETE", f"{GROUPS}/{group_id}").status == 204
    assert gateway.call("GET", f"{GROUPS}/{group_id}").status == 404
    assert gateway.call("DELETE", f"{GROUPS}/{group_id}").status == 404
    assert names(gateway) == []


def test_its_form_is_that_of_the_microversion(gateway: Gateway) -> None:
    asked = {"server_group": {"name": "g", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}}

    made = gateway.call("POST", GROUPS, asked, OpenStack_API_Version="compute 2.64").body["server_group"]

    assert (made["policy"], made["rules"]) == ("anti-affinity", {"max_server_per_host": 2})


def test_members_go_to_the_pod_of_their_group(gateway: Gateway) -> None:
    group_id = made_in(gateway, "Pod3")

    server = gateway.call(
        "POST",
        "/v2.1/servers",
        {
            "server": {"name": "m", "flavorRef": "1", "imageRef": IMAGE},
            "os:scheduler_hints": {"group": group_id},
        },
    )

    assert server.status == 202
    assert gateway.pod_holding(server.body["server"]["id"]) == "Pod3"


def test_groups_of_all_the_projects_pods_are_one_list(gateway: Gateway) -> None:
    for pod, name in (("Pod1", "a"), ("Pod2", "bb"), ("Pod3", "ccc")):
        made_in(gateway, pod, name=name)

    assert names(gateway) == ["a", "bb", "ccc"]
    assert names(gateway, "?limit=2") == ["a", "bb"]
    assert names(gateway, "?limit=0&offset=2") == ["ccc"]
    assert gateway.call("GET", f"{GROUPS}?offset=x").status == 400
    gateway.cloud.pod("Pod2").kill()
    partial = gateway.call("GET", GROUPS)
    assert [group["name"] for group in partial.body["server_groups"]] == ["a", "ccc"]
    assert partial.headers["x-trio2o-partial"] == "az1"


@pytest.mark.parametrize(("user", "seen"), [("beta", []), ("admin", ["a"])])
def test_an_admin_sees_all_projects_groups_when_it_asks_for_them(
    gateway: Gateway, user: str, seen: list[str]
) -> None:
    group_id = made_in(gateway, "Pod3", name="a")

    assert names(gateway, user=user) == []
    assert names(gateway, "?all_projects=True", user=user) == seen
    assert gateway.call("GET", f"{GROUPS}/{group_id}", user=user).status == (200 if seen else 404)


def test_where_a_pod_that_may_have_it_is_silent_nobody_is_told_that_it_is_gone(gateway: Gateway) -> None:
    group_id = made_in(gateway, "Pod3")
    gateway.cloud.pod("Pod3").kill()

    assert gateway.call("GET", f"{GROUPS}/{group_id}").status == 503
    assert gateway.call("DELETE", f"{GROUPS}/{group_id}").status == 503


def test_the_quota_counts_the_groups_of_all_pods(gateway: Gateway) -> None:
    written = {"quota_set": {"server_groups": 2}}
    path = f"/v2.1/os-quota-sets/{gateway.project_id()}"
    assert gateway.call("PUT", path, written, user="admin").status == 200
    made_in(gateway, "Pod3")

    statuses = [gateway.call("POST", GROUPS, ASKED).status for _ in range(2)]

    assert statuses == [200, 403]
    assert gateway.call("POST", GROUPS, ASKED).body["forbidden"]["message"] == (
        "Quota exceeded, too many server groups."
    )
