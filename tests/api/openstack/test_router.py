import pytest

from chalicelib.api.call import Reply
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.router import DoubledRow, Router
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

PROJECT_ID = "8c30d0d96a7448c5901429ef5a53b7f4"


def rows(*routes):
    return [Row(*route.split(), OWN, Role.READER, view=lambda call: Reply()) for route in routes]


def found(router, method, path):
    answer = router.find(method, path)
    return (str(answer.row), dict(answer.variables), answer.rest) if answer.row else answer.allowed


def test_the_row_names_the_variables():
    router = Router(rows("GET /servers/{server_id}/tags/{tag}"))

    row, variables, rest = found(router, "GET", "/servers/1/tags/a%2Fb")

    assert row == "GET /servers/{server_id}/tags/{tag}"
    assert variables == {"server_id": "1", "tag": "a/b"}
    assert rest == "/servers/1/tags/a%2Fb"  # verbatim, for the pod


def test_literal_segments_come_before_variables():
    router = Router(rows("GET /servers/{server_id}", "GET /servers/detail", "GET /{any}/detail"))

    assert found(router, "GET", "/servers/detail")[0] == "GET /servers/detail"
    assert found(router, "GET", "/servers/1")[0] == "GET /servers/{server_id}"
    assert found(router, "GET", "/images/detail")[0] == "GET /{any}/detail"


def test_it_goes_back_to_a_variable_where_the_literal_segment_leads_nowhere():
    router = Router(
        rows("GET /servers/detail", "DELETE /servers/{server_id}", "GET /servers/{server_id}/ips")
    )

    assert found(router, "DELETE", "/servers/detail")[1] == {"server_id": "detail"}
    assert found(router, "GET", "/servers/detail/ips")[1] == {"server_id": "detail"}


def test_without_a_row_it_tells_which_verbs_the_path_has():
    router = Router(rows("PUT /servers/{server_id}", "GET /servers/detail"))

    assert found(router, "POST", "/servers/detail") == ("GET", "PUT")
    assert found(router, "GET", "/servers/1/none") == ()
    assert found(router, "GET", "/servers/") == ()


@pytest.mark.parametrize("path", ["/servers", f"/{PROJECT_ID}/servers", "/0-0/servers"])
def test_a_projects_id_may_come_first(path):
    router = Router(rows("GET /servers"), project_ids=True)

    row, variables, rest = found(router, "GET", path)

    assert (row, rest) == ("GET /servers", "/servers")
    assert variables == ({"project_id": path.split("/")[1]} if path != "/servers" else {})


@pytest.mark.parametrize(
    "path", ["/os-none/servers", f"/{PROJECT_ID.upper()}/servers", f"/{PROJECT_ID}/{PROJECT_ID}/servers"]
)
def test_what_is_no_projects_id_is_an_unknown_path(path):
    router = Router(rows("GET /servers"), project_ids=True)

    assert found(router, "GET", path) == ()


@pytest.mark.parametrize("path", ["//servers/1", "/servers//1", f"/{PROJECT_ID}///servers/1"])
def test_several_slashes_are_one(path):
    router = Router(rows("GET /servers/{server_id}"), project_ids=True)

    row, variables, rest = found(router, "GET", path)

    assert (row, variables["server_id"], rest) == ("GET /servers/{server_id}", "1", "/servers/1")
    assert router.find("GET", "/servers//").row is None


def test_a_row_that_another_hides_is_refused():
    with pytest.raises(DoubledRow, match=r"GET /servers/\{id\}"):
        Router(rows("GET /servers/{server_id}", "GET /servers/{id}"))
