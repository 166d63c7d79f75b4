"""Faults: the gateway refuses as the pods' own Nova does, and every answer carries its headers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import requests

from tests.openstack.cloud import Cloud
from tests.openstack.site import Site

pytestmark = pytest.mark.usefixtures("operator")

NOWHERE = str(uuid.UUID(int=7))
CASES = [
    ("GET", f"/servers/{NOWHERE}", None),
    ("GET", "/servers/not-an-id", None),
    ("DELETE", f"/servers/{NOWHERE}", None),
    ("PUT", f"/servers/{NOWHERE}", {"server": {"name": "other"}}),
    ("POST", f"/servers/{NOWHERE}/action", {"os-stop": None}),
    ("GET", f"/servers/{NOWHERE}/metadata", None),
    ("GET", "/servers?limit=-1", None),
    ("GET", "/servers?limit=many", None),
    ("GET", f"/servers?marker={NOWHERE}", None),
    ("GET", "/flavors/none-such", None),
    ("GET", f"/flavors?marker={NOWHERE}", None),
    ("POST", "/servers", {}),
    ("POST", "/servers", {"server": {"name": "nothing else"}}),
    ("POST", "/servers", {"server": {"flavorRef": "none-such", "name": "x", "networks": "none"}}),
    ("GET", "/none-such", None),
    ("GET", f"/{NOWHERE}/servers", None),
]


def fault(reply: requests.Response) -> tuple[int, str, int]:
    """A fault's status, and the name and the code in its body."""
    ((name, inside),) = reply.json().items()
    assert inside["message"]
    return reply.status_code, name, inside["code"]


def assert_carries_headers(reply: requests.Response) -> None:
    ids = {reply.headers["X-Openstack-Request-Id"], reply.headers["X-Compute-Request-Id"]}
    assert len(ids) == 1
    assert ids.pop().startswith("req-")
    version = reply.headers["X-OpenStack-Nova-API-Version"]
    assert reply.headers["OpenStack-API-Version"] == f"compute {version}"
    assert "OpenStack-API-Version" in reply.headers["Vary"]


@pytest.mark.parametrize(("method", "path", "body"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_it_is_refused_as_by_nova(method: str, path: str, body: Any, alpha: Cloud, ground: Site) -> None:
    ours = alpha.ask(method, "/v2.1" + path, body)
    theirs = alpha.ask_pod(ground.regions[0], method, path, body)

    assert_carries_headers(ours)
    if theirs.headers["Content-Type"].startswith("application/json"):
        assert fault(ours) == fault(theirs)
    assert ours.status_code == theirs.status_code


def test_an_unknown_zone_is_400(alpha: Cloud) -> None:
    server = {"name": "x", "flavorRef": "x", "networks": "none", "availability_zone": "none-such"}

    reply = alpha.ask("POST", "/v2.1/servers", {"server": server})

    assert fault(reply) == (400, "badRequest", 400)


@pytest.mark.parametrize("token", ["", "no-token-of-keystones"])
def test_nobody_gets_in_without_a_token(token: str, alpha: Cloud) -> None:
    reply = requests.get(f"{alpha.url}/v2.1/servers", headers={"X-Auth-Token": token}, timeout=10)

    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"].startswith("Keystone uri=")
    assert_carries_headers(reply)


def test_a_body_that_is_no_json_is_400(alpha: Cloud) -> None:
    reply = requests.post(
        f"{alpha.url}/v2.1/servers",
        data=b'{"server": ',
        headers={"X-Auth-Token": alpha.token, "Content-Type": "application/json"},
        timeout=10,
    )

    assert fault(reply) == (400, "badRequest", 400)


def test_answers_that_are_no_faults_carry_the_headers_too(alpha: Cloud) -> None:
    for path in ("/servers", "/servers/detail", "/flavors", "/os-availability-zone", "/images"):
        reply = alpha.ask("GET", "/v2.1" + path, version="2.1")

        assert reply.status_code == 200, path
        assert_carries_headers(reply)
