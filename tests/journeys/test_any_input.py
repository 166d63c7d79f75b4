"""Any input: odd values and texts of all kinds, thrown at every route, never give a 500."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from app import app
from chalicelib.api.admin.table import TABLE as ADMIN
from chalicelib.api.nova.table import TABLE as NOVA
from chalicelib.api.openstack.table import Row
from chalicelib.model.pod_table import READERS
from tests.journeys.conftest import IMAGE, Gateway, path_of
from tests.journeys.ways_in import by_lambda

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
HEADERS = ["Accept", "Host", "Idempotency-Key", "OpenStack-API-Version", "X-Forwarded-Proto", "X-Auth-Token"]
HINTS = ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")


@settings(max_examples=150)
@given(fields=st.dictionaries(st.sampled_from(SERVER_FIELDS), ODD_VALUES, max_size=3), hints=ODD_VALUES)
def test_no_create_is_a_500(served: Gateway, fields: dict[str, Any], hints: Any) -> None:
    order = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, **fields}
    body = json.dumps({"server": order, **dict.fromkeys(HINTS, hints)}).encode()

    assert served.call("POST", "/v2.1/servers", body).status < 500


@settings(max_examples=150)
@given(
    row=st.sampled_from([row for row in ADMIN if row.method in ("POST", "PUT", "DELETE")]),
    outer=st.sampled_from(["pod", "pod_binding", "profile", "decision", None]),
    fields=st.dictionaries(st.sampled_from(sorted(READERS)) | ODD_TEXT, ODD_VALUES, max_size=4),
)
def test_no_operators_body_is_a_500(served: Gateway, row: Row, outer: str | None, fields: Any) -> None:
    body = json.dumps({outer: fields} if outer else fields).encode()
    segment = "default" if "profile_name" in row.path else "none"

    assert served.call(row.method, path_of(row, "/v1.0", segment), body, user="admin").status < 500


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
