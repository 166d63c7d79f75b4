"""What the app registers: rules for every route, and API Gateway's own limits."""

from chalice.app import Chalice

from app import app
from chalicelib.api.admin.every_route import admin
from chalicelib.api.nova import compute, discovery
from chalicelib.api.routes import VERBS, Kind
from chalicelib.model.identity import Role

TABLES = (discovery, compute, admin)
MOST_RESOURCES = 300


def paths_without_rule(an_app):
    """Paths that Chalice serves and that no table of ours declares with a role and a kind."""
    ruled = {
        path
        for table in TABLES
        for _, path, verbs in table.paths()
        if verbs and all(isinstance(r.role, Role) and isinstance(r.kind, Kind) for r in verbs.values())
    }
    return sorted(set(an_app.routes) - ruled)


def resources(paths):
    """API Gateway's resources: every path and every part of one that leads there."""
    parts = [tuple(path.strip("/").split("/")) for path in paths]
    return {path[:depth] for path in parts for depth in range(1, len(path) + 1)} | {()}


def variables_by_parent(paths):
    found = {}
    for resource in resources(paths):
        if resource and resource[-1].startswith("{"):
            found.setdefault(resource[:-1], set()).add(resource[-1])
    return found


def test_every_route_has_a_rule():
    assert paths_without_rule(app) == []


def test_a_route_without_a_rule_is_found():
    careless = Chalice("careless")
    careless.route("/v2.1/backdoor")(lambda: {})

    assert paths_without_rule(careless) == ["/v2.1/backdoor"]


def test_only_discovery_is_open_to_anyone():
    opened = {
        (method, path)
        for table in TABLES
        for _, path, verbs in table.paths()
        for method, route in verbs.items()
        if route.role is Role.ANYONE
    }

    assert opened == {("GET", "/"), ("GET", "/v2.1"), ("GET", "/v2.1/{project_id}")}


def test_the_admin_api_is_for_admins():
    roles = {route.role for _, _, verbs in admin.paths() for route in verbs.values()}

    assert roles == {Role.ADMIN}


def test_every_path_takes_every_verb_so_that_a_405_is_ours():
    for path, verbs in app.routes.items():
        assert set(verbs) == set(VERBS), path


def test_api_gateway_has_room_for_all_resources():
    assert len(resources(app.routes)) < MOST_RESOURCES


def test_siblings_of_a_level_share_one_variable_name():
    clashes = {p: names for p, names in variables_by_parent(app.routes).items() if len(names) > 1}

    assert clashes == {}


def test_a_clash_of_variable_names_is_found():
    assert variables_by_parent(["/servers/{id}", "/servers/{server_id}/tags"]) == {
        ("servers",): {"{id}", "{server_id}"}
    }
