"""Odd input: whatever a client sends, it gets an answer in its API's words, and never a 500."""

from __future__ import annotations

import json

import pytest

from app import app
from chalicelib.api.admin.table import TABLE as ADMIN
from chalicelib.api.json_body import MOST_LEVELS
from chalicelib.api.nova.table import TABLE as NOVA
from chalicelib.api.openstack.faults import MOST_BODY_BYTES
from tests.journeys.conftest import IMAGE, Answer, Gateway, path_of
from tests.journeys.ways_in import by_lambda

HALF = b"\\ud800"


def nested(levels: int) -> bytes:
    """Lists and objects inside each other; with its own value, ``levels`` of them."""
    return b'[{"a":' * (levels // 2) + b"1" + b"}]" * (levels // 2)


def a_create(metadata: bytes = b'"b"', **server: object) -> bytes:
    order = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, "availability_zone": "az1", **server}
    return b'{"server": {"metadata": {"a": %s}, %s' % (metadata, json.dumps({**order}).encode()[1:]) + b"}"


BODIES = {
    "deep": nested(MOST_LEVELS + 2),
    "deeper than can be written": nested(962),
    "deeper than can be read": nested(200_000),
    "deep in a create": a_create(nested(962)),
    "half of a pair": b'{"server": {"name": "%s"}, "pod": {"pod_name": "%s"}}' % (HALF, HALF),
    "half of a pair in a key": b'{"%s": 1}' % HALF,
    "half of a pair in a create": a_create(b'"\\udfff"'),
    "half of a pair as bytes": b'{"server": {"name": "\xed\xa0\x80"}}',
    "infinite": b'{"server": 1e999}',
    "long number": b'{"server": %s}' % (b"9" * 5000),
    "no number": b'{"server": NaN}',
    "no UTF-8": b'{"server": "\xff"}',
    "UTF-16": json.dumps({"server": {}}).encode("utf-16"),
    "not JSON": b"{",
    "null": b"null",
    "text": b'"text"',
}


def is_a_fault(answer: Answer) -> bool:
    """Whether it is an error in the form of one of our APIs."""
    if not 400 <= answer.status < 500 or not isinstance(answer.body, dict) or len(answer.body) != 1:
        return False
    (inside,) = answer.body.values()
    return bool(inside["code"] == answer.status and inside["message"])


def test_a_keypair_with_a_name_that_no_store_takes_is_refused(served: Gateway) -> None:
    created = served.create(key_name="x" * 1100)
    rebuild = {"rebuild": {"imageRef": IMAGE, "key_name": "x" * 1100}}
    server_id = served.create().body["server"]["id"]
    rebuilt = served.call(
        "POST", f"/v2.1/servers/{server_id}/action", rebuild, X_OpenStack_Nova_API_Version="2.54"
    )

    assert [answer.status for answer in (created, rebuilt)] == [400, 400]
    assert "is too long" in created.body["badRequest"]["message"]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_odd_body_is_a_fault_of_every_route_and_reaches_no_pod(served: Gateway, body: bytes) -> None:
    server_id = served.create(availability_zone="az2").body["server"]["id"]
    odd = [b for name, b in BODIES.items() if "deep" in name or ("half" in name and "bytes" not in name)]
    wrong = []
    for prefix, table in (("/v2.1", NOVA), ("/v1.0", ADMIN)):
        for row in table:
            if row.method in ("GET", "HEAD") or (row.method == "DELETE" and body not in odd):
                continue  # which have no body to read
            answer = served.call(row.method, path_of(row, prefix, server_id), body, user="admin")
            if not (is_a_fault(answer) or (prefix == "/v1.0" and answer.status == 404)):
                wrong.append((str(row), answer.status, answer.body))

    assert [w[:2] for w in wrong] == [], wrong


REFS = [
    "/",
    "detail",
    "flavors/detail",
    ".",
    "..",
    "a/..",
    "",
    "1?x",
    "1#x",
    "1/",
    "%2e%2e",
    "\n",
    " ",
    "x" * 300,
]


@pytest.mark.parametrize("ref", REFS)
def test_a_flavor_that_can_not_be_is_novas_400_and_no_pod_is_asked(served: Gateway, ref: str) -> None:
    asked = {name: len(pod.journal.entries()) for name, pod in served.cloud.pods.items()}

    answer = served.create(flavorRef=ref)

    assert answer.status == 400
    assert "could not be found" in answer.body["badRequest"]["message"] or not ref
    assert asked == {name: len(pod.journal.entries()) for name, pod in served.cloud.pods.items()}


@pytest.mark.parametrize("version", ["2." + "9" * 5000, "9" * 5000, "9" * 5000 + ".1", "2.٣"])
@pytest.mark.parametrize("header", ["OpenStack-API-Version", "X-OpenStack-Nova-API-Version"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_absurd_microversion_is_the_clients_mistake(
    served: Gateway, version: str, header: str, method: str
) -> None:
    named = f"compute {version}" if header.startswith("Open") else version

    answer = served.call(method, "/v2.1/servers", **{header: named})

    assert (answer.status, list(answer.body)) == (400, ["badRequest"])


@pytest.mark.parametrize("digits", ["9" * 17, "9" * 1000, "9" * 5000])
def test_an_absurd_number_in_an_operators_query_is_a_400(served: Gateway, digits: str) -> None:
    for path in ("pods?limit=", "decisions?limit=", "profiles/default?version="):
        assert served.call("GET", f"/v1.0/{path}{digits}", user="admin").status == 400


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v2.1/servers/%ed%a0%80", {}),
        ("/v2.1/servers/\ud800", {}),
        ("/v2.1/servers?name=%ff", {}),
        ("/v2.1/servers?%ff=1", {}),
        ("/v2.1/servers", {"Accept": "\ud800"}),
        ("/v2.1/servers", {"OpenStack-API-Version": "compute \ud800"}),
        ("/v1.0/pods/%ed%a0%80", {}),
        ("/v1.0/bindings/%ff", {}),
        ("/v1.0/pods?az_name=%ff", {}),
        ("/v1.0/pods?%ff=1", {}),
    ],
)
def test_text_that_is_not_unicode_is_a_400(served: Gateway, path: str, headers: dict[str, str]) -> None:
    token = {"X-Auth-Token": served.cloud.token_for("admin").id}

    with by_lambda(app) as send:
        said = send("GET", path, {**token, **headers}, "")

    assert said.status == 400
    assert list(json.loads(said.body)) == [{"/v2.1": "badRequest", "/v1.0": "error"}[path[:5]]]


@pytest.mark.parametrize(
    "path",
    [
        "/os-keypairs?user_id={}",
        "/os-keypairs/mine?user_id={}",
        "/limits?tenant_id={}",
        "/os-quota-sets/p?user_id={}",
        "/os-quota-sets/p/detail?user_id={}",
        "/trio2o-decisions?request_id={}",
    ],
)
def test_what_no_store_takes_as_a_key_is_refused(served: Gateway, path: str) -> None:
    answer = served.call(
        "GET", "/v2.1" + path.format("x" * 2100), user="admin", X_OpenStack_Nova_API_Version="2.10"
    )

    assert (answer.status, is_a_fault(answer)) == (400, True)


@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/servers/{id}/action"])
def test_a_body_larger_than_nova_takes_is_refused_in_json(gateway: Gateway, path: str) -> None:
    server_id = gateway.create().body["server"]["id"]

    answer = gateway.call("POST", path.format(id=server_id), {"server": {"name": "x" * MOST_BODY_BYTES}})

    assert answer.status == 413
    assert answer.body == {"overLimit": {"code": 413, "message": "Request is too large."}}
