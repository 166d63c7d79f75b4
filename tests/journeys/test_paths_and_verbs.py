"""Unknown paths, wrong verbs, HEAD, OPTIONS: answered as Nova answers them, on AWS and locally alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from chalice.app import Chalice

from app import app
from chalicelib.api.nova.routes import gone
from tests.journeys.conftest import Gateway
from tests.journeys.ways_in import Said, WayIn, by_lambda, by_local_server

PROJECT, OTHER = "{project_id}", "0" * 32
WRITES = "POST PUT DELETE PATCH"
ALL = f"GET HEAD OPTIONS {WRITES}"
ALL_BUT_OPTIONS = f"GET HEAD {WRITES}"

# Measured on Nova 34 with a member's token and without one: the status, and the only key of the body.
#
# Where Nova's router finds nothing, its WSGI library answers 404 with a page of its own, in text, HTML or
# JSON as ``Accept`` asks. We answer the same status with Nova's fault, which is what clients read. Such a
# page names no version, and Nova's answer to OPTIONS has no request id; all of our answers have both.
MEASURED = (
    # path, verbs, with a token, without one
    ("/", ALL, "200 versions", "200 versions"),
    ("/v2.1", ALL, "200 version", "200 version"),
    ("/v2.1/", ALL, "200 version", "200 version"),
    (f"/v2.1/{PROJECT}", WRITES, "404 itemNotFound", "401 error"),
    (f"/v2.1/{PROJECT}", "OPTIONS", "200", "200"),
    (f"/v2.1/{PROJECT}/", "GET", "200 version", None),
    (f"/v2.1/{PROJECT}/", WRITES, "404 itemNotFound", "401 error"),
    ("/v2.1/none-such", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/none-such", "OPTIONS", "200", "200"),
    ("/v2.1/os-unknown", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/os-unknown/", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/os-unknown/a/b/c/d/e", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    (f"/v2.1/{PROJECT}/os-unknown", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    (f"/v2.1/{OTHER}/os-unknown", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    (f"/v2.1/{OTHER}/servers", "GET POST", "400 badRequest", "401 error"),
    (f"/v2.1/{OTHER}/servers", "HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    (f"/v2.1/{OTHER}/os-cells", "GET", "400 badRequest", "401 error"),
    ("/v2.1/0-0/servers", "GET", "400 badRequest", "401 error"),
    ("/v2.1/nonhex/servers", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    (f"/v2.1/{PROJECT}/{PROJECT}/servers", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers", "GET", "200 servers", "401 error"),
    ("/v2.1/%73ervers", "GET", "200 servers", "401 error"),
    ("/v2.1/servers", "HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/servers", "OPTIONS", "200", "200"),
    ("/v2.1/servers/", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    (f"/v2.1/{PROJECT}/servers/", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers.json", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers/detail", "HEAD POST DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/servers/detail/x", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers/servers", "GET HEAD POST DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/servers/x/", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers/x/action", "GET HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/servers/x/unknown", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers/x/unknown/k", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers/x/unknown/k/v", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers/x/unknown/k/v/w", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/servers/x/unknown", "OPTIONS", "200", "200"),
    ("/v2.1/flavors", "HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/flavors/1/unknown", f"HEAD {WRITES}", "404 itemNotFound", "401 error"),
    ("/v2.1/images", f"HEAD {WRITES}", "404 itemNotFound", "401 error"),
    ("/v2.1/images/x", "HEAD POST PUT PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/images/x/metadata", "HEAD DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/images/x/metadata/k", "HEAD POST PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/extensions", "GET", "200 extensions", "401 error"),
    ("/v2.1/extensions", f"HEAD {WRITES}", "404 itemNotFound", "401 error"),
    ("/v2.1/extensions/x", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/os-networks", "HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/os-security-groups", "GET", "200 security_groups", "401 error"),
    ("/v2.1/os-security-groups", "HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/os-security-group-rules", "GET HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/os-floating-ip-pools", f"HEAD {WRITES}", "404 itemNotFound", "401 error"),
    ("/v2.1/os-volumes", "GET", "200 volumes", "401 error"),
    ("/v2.1/os-volumes/x", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/os-volumes/detail", "GET", "200 volumes", "401 error"),
    ("/v2.1/os-volumes/detail", "HEAD POST PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/os-volumes_boot", "GET", "200 servers", "401 error"),
    ("/v2.1/os-volumes_boot", "HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/os-console-auth-tokens", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/os-console-auth-tokens/x", "GET", "400 badRequest", "401 error"),
    ("/v2.1/os-baremetal-nodes", "GET", "403 forbidden", "401 error"),
    ("/v2.1/os-baremetal-nodes/x", "GET", "403 forbidden", "401 error"),
    ("/v2.1/servers/x/tags", "GET HEAD POST PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    ("/v2.1/servers/x/topology", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/versions", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/versions/v2.1", "GET", "200 version", "401 error"),
    ("/v2.1/versions/v2.1", f"HEAD {WRITES}", "404 itemNotFound", "401 error"),
    ("/v2.1/versions/x", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/os-availability-zone", f"HEAD {WRITES}", "404 itemNotFound", "401 error"),
    ("/v2.1/os-availability-zone/foo", ALL_BUT_OPTIONS, "404 itemNotFound", "401 error"),
    ("/v2.1/os-cells", "HEAD PUT DELETE PATCH", "404 itemNotFound", "401 error"),
    # Removed from Nova; the actions were measured with a body that names one.
    ("/v2.1/os-agents", "GET POST", "410 computeFault", "401 error"),
    ("/v2.1/os-agents/x", "PUT DELETE", "410 computeFault", "401 error"),
    ("/v2.1/os-cells", "GET POST", "410 computeFault", "401 error"),
    ("/v2.1/os-cells/capacities", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-cells/detail", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-cells/info", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-cells/sync_instances", "POST", "410 computeFault", "401 error"),
    ("/v2.1/os-cells/x", "GET PUT DELETE", "410 computeFault", "401 error"),
    ("/v2.1/os-cells/x/capacities", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-certificates", "POST", "410 computeFault", "401 error"),
    ("/v2.1/os-certificates/x", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-cloudpipe", "GET POST", "410 computeFault", "401 error"),
    ("/v2.1/os-cloudpipe/x", "PUT", "410 computeFault", "401 error"),
    ("/v2.1/os-fixed-ips/x", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-fixed-ips/x/action", "POST", "410 computeFault", "401 error"),
    ("/v2.1/os-floating-ip-dns", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-floating-ip-dns/x", "PUT DELETE", "410 computeFault", "401 error"),
    ("/v2.1/os-floating-ip-dns/x/entries/x", "GET PUT DELETE", "410 computeFault", "401 error"),
    ("/v2.1/os-floating-ips-bulk", "GET POST", "410 computeFault", "401 error"),
    ("/v2.1/os-floating-ips-bulk/x", "GET PUT", "410 computeFault", "401 error"),
    ("/v2.1/os-fping", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-fping/x", "GET", "410 computeFault", "401 error"),
    ("/v2.1/os-networks", "POST", "410 computeFault", "401 error"),
    ("/v2.1/os-networks/add", "POST", "410 computeFault", "401 error"),
    ("/v2.1/os-networks/x", "DELETE", "410 computeFault", "401 error"),
    ("/v2.1/os-networks/x/action", "POST", "410 computeFault", "401 error"),
    ("/v2.1/os-security-group-default-rules", "GET POST", "410 computeFault", "401 error"),
    ("/v2.1/os-security-group-default-rules/x", "GET DELETE", "410 computeFault", "401 error"),
    ("/v2.1/os-tenant-networks", "POST", "410 computeFault", "401 error"),
    ("/v2.1/os-tenant-networks/x", "DELETE", "410 computeFault", "401 error"),
    ("/v2.1/servers/x/consoles", "GET POST", "410 computeFault", "401 error"),
    ("/v2.1/servers/x/consoles/x", "GET DELETE", "410 computeFault", "401 error"),
    ("/v2.1/servers/x/os-virtual-interfaces", "GET", "410 computeFault", "401 error"),
)

# Where we answer otherwise than Nova, and why.
DIFFERENT = (
    # Gophercloud asks the service catalogue's URL, which holds the project's id, before it has a token.
    # Others look by HEAD whether it is there. Nova: 404 and 401.
    (f"/v2.1/{PROJECT}", "GET HEAD", "200 version", "200 version"),
    (f"/v2.1/{PROJECT}/", "GET HEAD", "200 version", "200 version"),
    # A path outside of our APIs never reaches us: API Gateway answers. Nova: 300 with its versions.
    ("/v3", ALL, "404 itemNotFound", "404 itemNotFound"),
    # The same for a path with more segments than API Gateway has levels of resources. Nova: 404 and 401.
    ("/v2.1/os-unknown/a/b/c/d/e/f/g", ALL, "404 itemNotFound", "404 itemNotFound"),
)


@pytest.mark.parametrize("way", [by_lambda, by_local_server])
def test_paths_and_verbs_are_answered_as_nova_answers_them(
    gateway: Gateway, way: Callable[[Chalice], AbstractContextManager[WayIn]]
) -> None:
    token, project_id = gateway.cloud.token_for("alpha").id, gateway.project_id()
    wrong = []
    with way(app) as send:
        for path, verbs, with_token, without in (*MEASURED, *DIFFERENT):
            for verb in verbs.split():
                for headers, expected in (({"X-Auth-Token": token}, with_token), ({}, without)):
                    said = send(verb, path.replace(PROJECT, project_id), headers, "")
                    if expected is not None and (problem := _problem(verb, said, expected)):
                        wrong.append(f"{verb} {path}: {problem}")

    assert wrong == []


def _problem(verb: str, said: Said, expected: str) -> str:
    status, _, key = expected.partition(" ")
    wanted = [] if verb == "HEAD" or not key else [key]
    found = list(json.loads(said.body)) if said.body else []
    challenged = "www-authenticate" in said.headers
    if (said.status, found, "allow" in said.headers) != (int(status), wanted, False):
        return f"{said.status} {found}, not {expected}"
    return "" if challenged == (status == "401") else "a 401 and no other sends to Keystone"


def test_what_nova_has_removed_is_gone_in_its_words(gateway: Gateway) -> None:
    answer = gateway.call("GET", "/v2.1/os-cells")

    message = "This resource is no longer available. No forwarding address is given."
    assert answer.body == {"computeFault": {"code": 410, "message": message}}


def test_what_is_gone_was_measured() -> None:
    measured = {(path, verb) for path, verbs, said, _ in MEASURED if "410" in said for verb in verbs.split()}

    assert {("/v2.1" + re.sub(r"{\w+}", "x", row.path), row.method) for row in gone.ROWS} == measured


def test_another_verb_of_a_lists_path_concerns_the_server_of_that_name(gateway: Gateway) -> None:
    answer = gateway.call("DELETE", "/v2.1/servers/detail")

    assert answer.body["itemNotFound"]["message"] == "Instance detail could not be found."


def test_an_unknown_version_matters_only_where_there_is_a_route(gateway: Gateway) -> None:
    version = {"OpenStack-API-Version": "compute 9.9"}

    assert gateway.call("GET", "/v2.1/none-such", **version).status == 404
    assert gateway.call("GET", f"/v2.1/{OTHER}/servers", **version).status == 406


@pytest.mark.parametrize("verb", ["PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_a_wrong_verb_of_the_admin_api_is_405_with_what_is_served(gateway: Gateway, verb: str) -> None:
    answer = gateway.call(verb, "/v1.0/pods", user="admin")

    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
    assert (answer.body is None) == (verb == "HEAD")


def test_an_unknown_path_of_the_admin_api_is_its_own_404_for_admins_alone(gateway: Gateway) -> None:
    answer = gateway.call("POST", "/v1.0/nothing?here=1", user="admin", Authorization="Basic abc")

    assert (answer.status, answer.body["error"]["title"]) == (404, "Not Found")
    assert gateway.call("GET", "/v1.0/nothing").status == 403
    assert gateway.call("GET", "/v1.0/nothing", user="").status == 401


def test_a_slash_at_the_end_makes_no_difference_to_the_admin_api(gateway: Gateway) -> None:
    assert gateway.call("GET", "/v1.0/pods/", user="admin").status == 200
