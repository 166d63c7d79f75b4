"""Simple tenant usage as clients meet it: one report over all pods, page by page as over one Nova's cells."""

import pytest

from local.standin.script import Trouble

NOBODY = "00000000-0000-4000-8000-000000000009"
ALL = "/v2.1/os-simple-tenant-usage"
START = "start=2026-01-01T00:00:00"


def get(gateway, path, user="admin", version="2.40"):
    return gateway.call("GET", path, user=user, X_OpenStack_Nova_API_Version=version)


@pytest.fixture
def used(gateway):
    """A gateway with five servers of alpha in two zones, and one of beta."""
    for zone in ("az1", "az2", "az1", "az2", "az1"):
        assert gateway.create(availability_zone=zone).status == 202
    gateway.create(user="beta", availability_zone="az2")
    return gateway


def ids_of(projects):
    return [server["instance_id"] for project in projects for server in project["server_usages"]]


def test_a_project_sees_the_servers_of_all_its_pods_with_sums_over_them(used):
    usage = get(used, f"{ALL}/{used.project_id()}?{START}", "alpha").body["tenant_usage"]

    assert len(ids_of([usage])) == 5
    hours = sum(server["hours"] for server in usage["server_usages"])
    assert usage["total_hours"] == pytest.approx(hours)
    assert usage["total_memory_mb_usage"] == pytest.approx(512 * hours)


@pytest.mark.parametrize("version", ["2.1", "2.40"])
def test_operators_see_each_project_once_with_servers_only_if_they_ask(used, version):
    projects = get(used, f"{ALL}?{START}", version=version).body["tenant_usages"]
    assert sorted(project["tenant_id"] for project in projects) == sorted(
        [used.project_id(), used.project_id("beta")]
    )
    assert not any("server_usages" in project for project in projects)

    detailed = get(used, f"{ALL}?{START}&detailed=1", version=version).body["tenant_usages"]
    assert len(ids_of(detailed)) == 6


def test_an_operator_sees_of_one_project_what_the_list_of_all_has(used):
    used.stores.projects.forget(used.pods["Pod1"].pod_id)  # as if its servers there were gone before we came
    used.stores.projects.forget(used.pods["Pod2"].pod_id)

    usage = get(used, f"{ALL}/{used.project_id()}?{START}").body["tenant_usage"]

    assert len(ids_of([usage])) == 5


@pytest.mark.parametrize("limit", [1, 2, 3, 6])
def test_pages_lead_to_each_server_once_through_all_pods(used, limit):
    seen, path = [], f"{ALL}?{START}&detailed=1&limit={limit}"
    while path:
        body = get(used, path).body
        page = ids_of(body["tenant_usages"])
        assert len(page) <= limit
        seen += page
        links = body.get("tenant_usages_links")
        path = links[0]["href"].removeprefix("http://gateway.example") if links else ""

    assert len(seen) == len(set(seen)) == 6


def test_who_had_no_servers_gets_an_empty_report_and_an_unknown_marker_is_refused(used):
    assert get(used, f"{ALL}/nobody?{START}").body == {"tenant_usage": {}}
    refused = get(used, f"{ALL}?{START}&marker=nosuch")
    assert (refused.status, refused.body["badRequest"]["message"]) == (
        400,
        "Marker nosuch could not be found.",
    )


def test_only_operators_see_other_projects(used):
    named = "Policy doesn't allow os_compute_api:os-simple-tenant-usage:{} to be performed."

    assert get(used, ALL, "alpha").body["forbidden"]["message"] == named.format("list")
    other = get(used, f"{ALL}/{used.project_id('beta')}", "alpha")
    assert other.body["forbidden"]["message"] == named.format("show")


def test_a_silent_pod_is_left_out_and_named_by_its_zone(used):
    for pod in used.cloud.pods.values():
        if pod.name == used.cloud.pod("Pod3").name:
            pod.kill()

    answer = get(used, f"{ALL}/{used.project_id()}?{START}", "alpha")

    assert (answer.status, answer.headers["x-trio2o-partial"]) == (200, "az2")
    assert len(ids_of([answer.body["tenant_usage"]])) == 3


@pytest.mark.parametrize("who", ["alpha", "beta"])
def test_a_time_that_ends_before_it_begins_is_refused_also_where_there_are_no_servers(gateway, who):
    gateway.create(user="alpha")

    end_first = "start=2026-02-01T00:00:00&end=2026-01-01T00:00:00"
    answer = get(gateway, f"{ALL}/{gateway.project_id(who)}?{end_first}", who)

    assert answer.status == 400
    assert "start time cannot occur after the end time" in answer.body["badRequest"]["message"]


def odd(**fields):
    server = {"instance_id": NOBODY, "hours": 1.0, **fields}
    return {"tenant_id": "p", "server_usages": [server]}


@pytest.mark.parametrize(
    "told",
    [
        None,
        7,
        [7],
        [{}],
        [{"tenant_id": "p", "server_usages": 7}],
        [{"tenant_id": ["p"], "server_usages": []}],
        [odd(hours="1")],
        [odd(hours=-1)],
        [odd(hours=float("nan"))],
        [odd(vcpus=None)],
        [odd(memory_mb=10**400)],
        [odd(instance_id="\ud800")],
    ],
)
@pytest.mark.parametrize("user", ["admin", "alpha"])
def test_a_pod_whose_report_is_none_is_left_out(used, told, user):
    body = (
        {"tenant_usages": told}
        if user == "admin"
        else {"tenant_usage": told[0] if isinstance(told, list) else told}
    )
    mark = {"x-openstack-request-id": "req-9"}
    used.cloud.pod("Pod3").trouble(Trouble(path="usage", status=200, body=body, headers=mark))

    answer = get(used, f"{ALL}?{START}" if user == "admin" else f"{ALL}/{used.project_id()}?{START}", user)

    assert answer.status == 200, answer.body
    if told not in (None, [{}]) or user == "admin":
        assert answer.headers["x-trio2o-partial"] == "az2"
