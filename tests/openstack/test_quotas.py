"""Quotas: a project has one over all pods, shown and enforced as by one Nova."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

LIMIT = 3
CREATES = 8
OVER = rf"Quota exceeded for instances: Requested 1, but already used \d+ of {LIMIT} instances"
REFUSED = f"Quota exceeded for instances: Requested 1, but already used {LIMIT} of {LIMIT} instances"


@pytest.fixture
def limited(fresh: Servers, admin: Cloud, alpha: Cloud, operator: AdminApi) -> Iterator[Cloud]:
    """A project that may have ``LIMIT`` servers."""
    fresh.clear()
    try:
        admin.cli("quota", "set", "--instances", str(LIMIT), alpha.project_id)
        yield alpha
    finally:
        fresh.clear()
        assert admin.ask("DELETE", f"/v2.1/os-quota-sets/{alpha.project_id}").status_code == 202
        until("the pods have their own limits again", lambda: not missing_limits(operator))


def missing_limits(operator: AdminApi) -> int:
    """How many quotas some pod hasn't got yet."""
    pods = operator.read("/health")["health"]["pods"]
    return sum(int(pod["quotas_missing"]) for pod in pods)


def test_a_project_gets_exactly_its_quota_over_all_pods(
    limited: Cloud, fresh: Servers, ground: Site, admin: Cloud, operator: AdminApi
) -> None:
    first, second = ground.regions[:2]
    operator.bind(limited.project_id, first)
    assert fresh.holders(fresh.boot(limited)["id"]) == [first]
    operator.bind(limited.project_id, second)

    def create(_: int) -> int:
        reply = limited.ask("POST", "/v2.1/servers", fresh.order())
        if reply.status_code == 202:
            assert fresh.holders(fresh.know(limited, reply.json()["server"]["id"])) == [second]
        else:
            # While others run, the count may have both a claim and the server that came of it.
            assert re.fullmatch(OVER, reply.json()["forbidden"]["message"])
        return reply.status_code

    with ThreadPoolExecutor(CREATES) as pool:
        assert Counter(pool.map(create, range(CREATES))) == {202: LIMIT - 1, 403: CREATES - LIMIT + 1}

    for server in limited.ask("GET", "/v2.1/servers").json()["servers"]:
        fresh.active(limited, server["id"])  # from now on it counts once
    assert absolute(limited)["totalInstancesUsed"] == LIMIT
    assert absolute(limited)["maxTotalInstances"] == LIMIT
    told = limited.command(
        "server",
        "create",
        "--flavor",
        fresh.flavor["id"],
        "--image",
        fresh.image["id"],
        "--nic",
        "none",
        "--os-compute-api-version",
        "2.37",
        fresh.name(),
    )
    assert REFUSED in told.stderr

    until("the pods have the limit too", lambda: not missing_limits(operator))
    for region in ground.regions:
        own = admin.ask_pod(region, "GET", f"/os-quota-sets/{limited.project_id}").json()["quota_set"]
        assert own["instances"] == LIMIT


def absolute(cloud: Cloud) -> dict[str, int]:
    limits: dict[str, int] = cloud.ask("GET", "/v2.1/limits").json()["limits"]["absolute"]
    return limits


def test_the_command_shows_limits_quota_and_usage(limited: Cloud, fresh: Servers, admin: Cloud) -> None:
    fresh.boot(limited)

    limits = {row["Name"]: row["Value"] for row in limited.cli("limits", "show", "--absolute", "-f", "json")}
    assert (limits["instances_used"], limits["instances"]) == (1, LIMIT)
    quota = limited.cli("quota", "show", "--compute", "--usage", "-f", "json")
    shown = {row["Resource"]: (row["Limit"], row["In Use"]) for row in quota}
    assert shown["instances"] == (LIMIT, 1)
    usage = admin.cli("usage", "show", "--project", limited.project_id, "-f", "json")
    assert usage["Servers"]
    assert admin.cli("usage", "list", "-f", "json")
