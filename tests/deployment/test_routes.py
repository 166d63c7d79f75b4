"""Every path that the app registers leads to a table of routes, and API Gateway has room for all paths."""

from dataclasses import replace

from chalice.app import Chalice

from app import app
from chalicelib.api.admin.mount import ADMIN_API
from chalicelib.api.admin.table import TABLE as ADMIN_TABLE
from chalicelib.api.door import open_door
from chalicelib.api.nova.mount import COMPUTE, LEGACY_COMPUTE, ROOTS
from chalicelib.api.nova.table import DISCOVERY
from chalicelib.api.nova.table import TABLE as NOVA_TABLE
from chalicelib.api.openstack.table import VERBS
from chalicelib.model.identity import Role

MOUNTS = (ROOTS, COMPUTE, LEGACY_COMPUTE, ADMIN_API)
MOST_NOW = 60
MOST_RESOURCES = 300  # API Gateway's own limit


def paths_of_no_api(an_app):
    """Paths that Chalice serves but that lead to no table, so that no row names their role and kind."""
    return sorted(set(an_app.routes) - {path for mount in MOUNTS for path in mount.paths()})


def resources(paths):
    """API Gateway's resources: one for every path and for every part of one."""
    parts = [tuple(path.strip("/").split("/")) for path in paths]
    return {path[:depth] for path in parts for depth in range(1, len(path) + 1)} | {()}


def variables_by_parent(paths):
    found = {}
    for resource in resources(paths):
        if resource and resource[-1].startswith("{"):
            found.setdefault(resource[:-1], set()).add(resource[-1])
    return found


def test_every_path_leads_to_a_table():
    assert paths_of_no_api(app) == []


def test_a_path_that_leads_to_none_is_found():
    careless = Chalice("careless")
    careless.route("/v2.1/backdoor")(lambda: {})

    assert paths_of_no_api(careless) == ["/v2.1/backdoor"]


def test_only_discovery_is_open_to_anyone():
    opened = {str(row) for row in (*DISCOVERY, *NOVA_TABLE, *ADMIN_TABLE) if row.role is Role.ANYONE}

    assert opened == {f"{verb} {path}" for verb in VERBS for path in ("/", "/v2", "/v2/", "/v2.1", "/v2.1/")}


def test_the_admin_api_is_for_admins():
    assert {row.role for row in ADMIN_TABLE} == {Role.ADMIN}


def test_every_path_takes_every_verb_so_that_our_router_answers():
    for path, verbs in app.routes.items():
        assert set(verbs) == set(VERBS), path


def test_every_row_is_within_reach_of_its_catch_alls():
    for mount, table in ((COMPUTE, NOVA_TABLE), (ADMIN_API, ADMIN_TABLE)):
        longest = max(row.path.count("/") for row in table)

        assert longest < mount.levels  # so that a path below the longest still gets an answer of ours


def test_api_gateway_has_room_for_all_that_exists_and_for_another_service():
    another = Chalice("another")
    for mount in (*MOUNTS, replace(COMPUTE, prefix="/v3", core=("/volumes", "/volumes/detail"))):
        open_door(another, mount)

    assert len(resources(app.routes)) < MOST_NOW
    assert len(resources(another.routes)) < MOST_RESOURCES


def test_siblings_of_a_level_share_one_variable_name():
    clashes = {p: names for p, names in variables_by_parent(app.routes).items() if len(names) > 1}

    assert clashes == {}


def test_a_clash_of_variable_names_is_found():
    assert variables_by_parent(["/servers/{id}", "/servers/{server_id}/tags"]) == {
        ("servers",): {"{id}", "{server_id}"}
    }


def test_below_a_literal_path_there_are_catch_alls_so_that_api_gateway_need_not_go_back():
    deepest = "/v2.1/servers/{segment_2}/{segment_3}/{segment_4}/{segment_5}/{segment_6}"

    assert {deepest, deepest.replace("{segment_2}", "detail")} <= set(app.routes)
