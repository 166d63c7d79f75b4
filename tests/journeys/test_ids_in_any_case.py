"""An id is one id, in capitals too: for every row whose path has one, and in queries and bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest

from chalicelib.api.admin.table import TABLE as ADMIN
from chalicelib.api.nova.table import TABLE as NOVA
from chalicelib.api.openstack.table import Row
from tests.journeys.conftest import Gateway

ABSENT = "deadbeef-cafe-4bad-8bad-feedfacebeef"
VARIABLES = re.compile(r"{(\w+)}")
NUMBER = re.compile(r"\d[\d.]*(?:e[-+]?\d+)?")


@pytest.fixture(scope="module")
def known(served: Gateway) -> Mapping[str, str]:
    """A value for each variable of a path that an object of alpha's, or of ours, has."""
    pod = next(iter(served.pods.values()))
    group = served.call(
        "POST", "/v2.1/os-server-groups", {"server_group": {"name": "g", "policies": ["affinity"]}}
    )
    return {
        "server_id": served.create().body["server"]["id"],
        "server_group_id": group.body["server_group"]["id"],
        "tenant_id": served.project_id(),
        "pod_id": pod.pod_id,
        "binding_id": f"{served.project_id()}:az1:general",
    }


def shown(served: Gateway, row: Row, prefix: str, values: Mapping[str, str], user: str) -> tuple[int, str]:
    """Status and body, without the numbers, some of which grow with time: 0.0001 follows 9.9e-05."""
    path = VARIABLES.sub(lambda name: values.get(name[1], ABSENT), row.path)
    version = {"OpenStack_API_Version": f"compute {row.since or row.until or '2.1'}"}
    answer = served.call(row.method, prefix + path, user=user, **version)
    return answer.status, NUMBER.sub("#", json.dumps(answer.body))


def with_ids(table: tuple[Row, ...]) -> list[Row]:
    return [row for row in table if row.method == "GET" and re.search(r"(?<!flavor)_id}", row.path)]


def capitals(known: Mapping[str, str]) -> dict[str, str]:
    upper = {name: value.upper() if name.endswith("_id") else value for name, value in known.items()}
    project_id, _, rest = known["binding_id"].partition(":")
    return {**upper, "binding_id": f"{project_id.upper()}:{rest}"}


@pytest.mark.parametrize("prefix", ["/v2.1", "/v1.0"])
def test_every_row_shows_the_same_by_an_id_in_capitals(
    served: Gateway, known: Mapping[str, str], prefix: str
) -> None:
    rows = with_ids(NOVA if prefix == "/v2.1" else ADMIN)
    user = "alpha" if prefix == "/v2.1" else "admin"
    absent = {name: ABSENT for row in rows for name in VARIABLES.findall(row.path)}
    absent["binding_id"] = f"{ABSENT}:az1:general"
    differing, found = [], 0
    for row in rows:
        for values in (known, absent):
            usual = shown(served, row, prefix, values, user)
            in_capitals = shown(served, row, prefix, capitals({**absent, **values}), user)
            found += usual[0] == 200
            if usual != in_capitals:
                differing.append((str(row), usual, in_capitals))

    assert len(rows) > 5
    assert found > 3
    assert differing == []


def test_an_admin_who_writes_a_quota_in_capitals_writes_the_projects_own(served: Gateway) -> None:
    beta = served.project_id("beta")
    order = {"quota_set": {"instances": 77}}

    assert served.call("PUT", f"/v2.1/os-quota-sets/{beta.upper()}", order, user="admin").status == 200

    quota = served.call("GET", f"/v2.1/os-quota-sets/{beta}", user="beta").body["quota_set"]
    assert (quota["id"], quota["instances"]) == (beta, 77)
    asked = served.call("GET", f"/v2.1/limits?tenant_id={beta.upper()}", user="admin")
    assert asked.body["limits"]["absolute"]["maxTotalInstances"] == 77
    assert served.call("DELETE", f"/v2.1/os-quota-sets/{beta.upper()}", user="admin").status == 202
    assert (
        served.call("GET", f"/v2.1/os-quota-sets/{beta}", user="beta").body["quota_set"]["instances"] == 1000
    )


def test_a_server_in_capitals_is_deleted_and_gone_under_every_spelling(served: Gateway) -> None:
    server_id = served.create().body["server"]["id"]

    assert served.call("DELETE", f"/v2.1/servers/{server_id.upper()}").status == 204

    for spelling in (server_id, server_id.upper()):
        assert served.call("GET", f"/v2.1/servers/{spelling}").status == 404


def test_a_list_by_a_project_in_capitals_is_the_projects_own(
    served: Gateway, known: Mapping[str, str]
) -> None:
    for key in ("tenant_id", "project_id"):
        path = f"/v2.1/servers?all_tenants=1&{key}={known['tenant_id'].upper()}"
        rows = served.call("GET", path, user="admin").body["servers"]
        assert known["server_id"] in {row["id"] for row in rows}
