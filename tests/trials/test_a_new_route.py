"""A new route, made to the letter of the README: its row, and for an OWN row its view; nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice
from chalice.test import Client

from chalicelib.api.admin import table as admin_table
from chalicelib.api.admin.mount import ADMIN_API
from chalicelib.api.call import Call, Reply
from chalicelib.api.door import open_door
from chalicelib.api.mount import Mount
from chalicelib.api.nova import table as nova_table
from chalicelib.api.nova.mount import COMPUTE
from chalicelib.api.nova.routes import servers as server_routes
from chalicelib.api.openstack.kinds import EVERY_POD, LOCATED, OWN
from chalicelib.api.openstack.router import Router
from chalicelib.api.openstack.table import Row
from chalicelib.model.errors import NotFound
from chalicelib.model.identity import Role
from chalicelib.model.resource import FLAVORS
from tests.journeys.conftest import Gateway

README = (Path(__file__).parents[2] / "README.md").read_text()
SECTION = README.split("**To add a route**")[1].split("\n## ")[0]
ROWS, VIEW = re.findall(r"^```python\n(.+?)^```", SECTION, re.DOTALL | re.MULTILINE)


def rows_of_the_readme() -> tuple[Row, ...]:
    """The README's rows, as if one had typed its two blocks: the view, and the rows into Nova's table."""
    names: dict[str, Any] = {}
    exec(VIEW, names)
    found: tuple[Row, ...] = eval(f"({ROWS})", {**vars(server_routes), **names})
    return found


@contextmanager
def serving(gateway: Gateway, mount: Mount) -> Iterator[Gateway]:
    """The gateway with one API, mounted as given."""
    app = Chalice("trial", configure_logs=False)
    open_door(app, mount)
    with Client(app) as http:
        yield replace(gateway, http=http)


@pytest.fixture
def trial(gateway: Gateway) -> Iterator[Gateway]:
    with serving(gateway, with_rows(*rows_of_the_readme())) as served:
        yield served


def with_rows(*rows: Row) -> Mount:
    return replace(COMPUTE, router=Router((*nova_table.TABLE, *rows), project_ids=True))


def test_the_rows_are_new_and_of_the_two_sorts_that_the_readme_tells_of() -> None:
    located, own = rows_of_the_readme()

    assert (located.kind, own.kind) == (LOCATED, OWN)
    assert not {(row.method, row.path) for row in nova_table.TABLE} & {
        (row.method, row.path) for row in (located, own)
    }


def test_an_own_row_works_at_once_under_both_prefixes(trial: Gateway) -> None:
    for prefix in ("/v2.1", f"/v2.1/{trial.project_id()}"):
        answer = trial.call("GET", f"{prefix}/os-things/a%20b")

        assert (answer.status, answer.body["thing"]["id"]) == (200, "a b")
        assert answer.body["thing"]["project_id"] == trial.project_id()
        assert answer.headers["openstack-api-version"] == "compute 2.1"


def test_a_located_row_needs_nothing_else_to_reach_the_servers_pod(trial: Gateway) -> None:
    server_id = trial.create().body["server"]["id"]
    path = f"/servers/{server_id}/os-things/1/parts/2"

    for prefix in ("/v2.1", f"/v2.1/{trial.project_id()}"):
        trial.call("GET", prefix + path)

    pod = trial.cloud.pod(trial.pod_holding(server_id))
    assert len(pod.journal.entries("GET", f"{path}$")) == 2
    unknown = trial.call("GET", f"/v2.1/servers/{'0' * 8}-0000-4000-8000-{'0' * 12}/os-things/1/parts/2")
    assert (unknown.status, list(unknown.body)) == (404, ["itemNotFound"])


def test_it_wants_a_token_and_the_projects_own_id(trial: Gateway) -> None:
    assert trial.call("GET", "/v2.1/os-things/1", user="").status == 401
    assert trial.call("GET", f"/v2.1/{'0' * 32}/os-things/1").status == 400


@pytest.mark.parametrize(("role", "status"), [(Role.MEMBER, 200), (Role.ADMIN, 403)])
def test_its_role_is_checked(gateway: Gateway, role: Role, status: int) -> None:
    rows = [replace(row, role=role) for row in rows_of_the_readme()]

    with serving(gateway, with_rows(*rows)) as trial:
        assert trial.call("GET", "/v2.1/os-things/1").status == status


def test_its_errors_become_faults(gateway: Gateway) -> None:
    def lose(call: Call) -> Reply:
        raise NotFound("Thing", call.path["thing_id"])

    def stumble(call: Call) -> Reply:
        raise RuntimeError("secret")

    rows = (
        Row("GET", "/os-things/{thing_id}", OWN, Role.READER, view=lose),
        Row("PUT", "/os-things/{thing_id}", OWN, Role.READER, view=stumble),
    )
    with serving(gateway, with_rows(*rows)) as trial:
        lost, stumbled = trial.call("GET", "/v2.1/os-things/1"), trial.call("PUT", "/v2.1/os-things/1")

    assert (lost.status, lost.body["itemNotFound"]["message"]) == (404, "Thing 1 could not be found.")
    assert (stumbled.status, list(stumbled.body)) == (500, ["computeFault"])
    assert "secret" not in json.dumps(stumbled.body)


def test_its_other_verbs_are_answered_as_nova_does(trial: Gateway) -> None:
    for verb in ("POST", "PUT", "DELETE", "PATCH", "HEAD"):
        assert trial.call(verb, "/v2.1/os-things/1").status == 404
    assert trial.call("OPTIONS", "/v2.1/os-things/1", user="").status == 200


def test_a_row_of_the_admin_api_works_at_once_too(gateway: Gateway) -> None:
    row = Row("POST", "/things", OWN, Role.ADMIN, view=lambda call: Reply(202))
    mount = replace(ADMIN_API, router=Router((*admin_table.TABLE, row)))

    with serving(gateway, mount) as trial:
        assert trial.call("POST", "/v1.0/things", user="admin").status == 202
        assert trial.call("POST", "/v1.0/things").status == 403
        wrong = trial.call("PUT", "/v1.0/things", user="admin")
        assert (wrong.status, wrong.headers["allow"]) == (405, "POST")


def test_a_row_for_every_pod_writes_to_all_of_them(gateway: Gateway) -> None:
    row = Row("POST", "/flavors", EVERY_POD, Role.ADMIN, FLAVORS)
    table = (row, *(each for each in nova_table.TABLE if str(each) != str(row)))
    flavor = {"flavor": {"id": "9", "name": "nine", "vcpus": 1, "ram": 64, "disk": 1}}

    with serving(gateway, replace(COMPUTE, router=Router(table))) as trial:
        answer = trial.call("POST", "/v2.1/flavors", flavor, user="admin")

    assert (answer.status, answer.body["flavor"]["id"]) == (200, "9")
    assert answer.body["flavor"]["links"][0]["href"].startswith("http://gateway.example/v2.1/flavors/")
    assert all("9" in pod.nova.flavors for pod in gateway.cloud.pods.values())
