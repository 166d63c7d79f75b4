import re
from pathlib import Path

import pytest

from chalicelib.api.admin.table import TABLE
from chalicelib.model.identity import Role

GUIDE = (Path(__file__).parents[3] / "docs" / "admin-api.md").read_text()


def test_the_guide_tells_of_every_route_and_of_no_other():
    served = {f"{row.method} /v1.0{row.path}" for row in TABLE}

    assert set(re.findall(r"^### `(.+)`$", GUIDE, re.MULTILINE)) == served


def test_every_route_is_for_admins():
    assert {row.role for row in TABLE} == {Role.ADMIN}


def test_every_route_refuses_a_parameter_that_it_does_not_know(operator):
    taken = []
    for row in TABLE:
        url = "/v1.0" + re.sub(r"{(\w+)}", "a", row.path)
        if operator.refused(row.method, f"{url}?colour=red", {}) != (400, "colour"):
            taken.append(str(row))

    assert len(TABLE) > 30
    assert taken == []


def test_an_empty_filter_is_refused_but_an_empty_marker_begins_the_list(operator):
    assert operator.refused("GET", "/v1.0/bindings?tenant_id=") == (400, "tenant_id")
    assert operator.ask("GET", "/v1.0/bindings?marker=").status == 200
    (top,) = operator.ask("GET", "/v1.0/pods?az_name=").body["pods"]
    assert top["pod_id"] == "top"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1.0/pods/a/drain", b'{"rate_per_minute": 1, "rate_per_minute": 600}'),
        ("/v1.0/profiles/dry-run", b'{"profile": {}, "profile": {}}'),
    ],
)
def test_a_doubled_key_is_refused(operator, path, body):
    assert operator.ask("POST", path, body).status == 400
