"""Odd input: whatever a client sends, it gets an answer in its API's words, and never a 500."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import app
from chalicelib.api.admin.table import TABLE as ADMIN
from chalicelib.api.json_body import MOST_LEVELS
from chalicelib.api.nova.table import TABLE as NOVA
from chalicelib.api.openstack.table import Row
from chalicelib.model.pod_table import READERS
from tests.journeys.conftest import IMAGE, Answer, Gateway, registered
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


@pytest.fixture(scope="module")
def served() -> Iterator[Gateway]:
    """A gateway with one server, which these tests share since they should change nothing."""
    with registered() as gateway:
        gateway.refresh()
        yield gateway


def path_of(row: Row, prefix: str, segment: str) -> str:
    return prefix + re.sub(r"{\w+}", segment, row.path)


def is_a_fault(answer: Answer) -> bool:
    """Whether it is an error in the form of one of our APIs."""
    if not 400 <= answer.status < 500 or not isinstance(answer.body, dict) or len(answer.body) != 1:
        return False
    (inside,) = answer.body.values()
    return bool(inside["code"] == answer.status and inside["message"])


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

    assert wrong == []


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


@pytest.mark.parametrize("digits", ["9" * 9, "9" * 1000, "9" * 5000])
def test_an_absurd_number_in_an_operators_query_is_a_400(served: Gateway, digits: str) -> None:
    for path in ("pods?limit=", "decisions?limit=", "profiles/default?version="):
        assert served.call("GET", f"/v1.0/{path}{digits}", user="admin").status == 400


ODD_TEXT = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(["\ud800", "a\udfff"])
ODD_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**4299, -(10**40), 2**63])
    | st.floats()
    | ODD_TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(ODD_TEXT, inside, max_size=3),
    max_leaves=6,
)
SERVER_FIELDS = [
    "name",
    "flavorRef",
    "imageRef",
    "availability_zone",
    "min_count",
    "max_count",
    "networks",
    "block_device_mapping_v2",
    "block_device_mapping",
    "metadata",
    "user_data",
    "os:scheduler_hints",
]
QUERY = ["limit", "marker", "name", "sort_key", "sort_dir", "all_tenants", "at", "format"]
HEADERS = ["Accept", "Host", "OpenStack-API-Version", "X-Forwarded-Proto", "X-Auth-Token"]
HINTS = ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")


def is_answered(answer: Answer) -> bool:
    return answer.status < 500


@settings(max_examples=150)
@given(fields=st.dictionaries(st.sampled_from(SERVER_FIELDS), ODD_VALUES, max_size=3), hints=ODD_VALUES)
def test_no_create_is_a_500(served: Gateway, fields: dict[str, Any], hints: Any) -> None:
    order = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, **fields}
    body = json.dumps({"server": order, **dict.fromkeys(HINTS, hints)}).encode()

    assert is_answered(served.call("POST", "/v2.1/servers", body))


@settings(max_examples=150)
@given(
    row=st.sampled_from([row for row in ADMIN if row.method in ("POST", "PUT", "DELETE")]),
    outer=st.sampled_from(["pod", "pod_binding", "profile", "decision", None]),
    fields=st.dictionaries(st.sampled_from(sorted(READERS)) | ODD_TEXT, ODD_VALUES, max_size=4),
)
def test_no_operators_body_is_a_500(served: Gateway, row: Row, outer: str | None, fields: Any) -> None:
    body = json.dumps({outer: fields} if outer else fields).encode()
    segment = "default" if "profile_name" in row.path else "none"

    assert is_answered(served.call(row.method, path_of(row, "/v1.0", segment), body, user="admin"))


@settings(max_examples=200)
@given(
    where=st.sampled_from([("/v2.1", row) for row in NOVA] + [("/v1.0", row) for row in ADMIN]),
    segment=ODD_TEXT.filter(bool) | st.just("\ud800"),
    query=st.dictionaries(
        ODD_TEXT | st.sampled_from(QUERY),
        ODD_TEXT,
        max_size=2,
    ),
    headers=st.dictionaries(st.sampled_from(HEADERS), ODD_TEXT),
    body=ODD_TEXT,
)
def test_no_odd_text_breaks_off_an_answer(
    served: Gateway,
    where: tuple[str, Row],
    segment: str,
    query: dict[str, str],
    headers: dict[str, str],
    body: str,
) -> None:
    prefix, row = where
    token = served.cloud.token_for("admin").id
    pairs = "&".join(f"{encoded(key)}={encoded(value)}" for key, value in query.items())
    path = f"{path_of(row, prefix, encoded(segment))}?{pairs}"

    with by_lambda(app) as send:
        said = send(row.method, path, {"X-Auth-Token": token, **headers}, body)

    assert said.status < 500


def encoded(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


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
