"""Every row with odd segments in its path, odd queries, media types and encodings: never a 5xx of ours."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from chalicelib.api.admin.table import TABLE as ADMIN
from chalicelib.api.nova.table import TABLE as NOVA
from chalicelib.api.openstack.kinds import GONE
from chalicelib.api.openstack.table import Row
from tests.journeys.conftest import Gateway
from tests.journeys.failing import failed, path_to, version_of
from tests.journeys.rules_of_rows import VARIABLES
from tests.journeys.sample_bodies import WRITING, sample_of

EVERY = [("/v2.1", row) for row in NOVA if row.kind is not GONE] + [("/v1.0", row) for row in ADMIN]
SEGMENTS = {
    "slash": "a%2fb",
    "dots and slash": "..%2f..%2fadmin",
    "NUL": "%00",
    "line": "a%0d%0aX-Header: 1",
    "no UTF-8": "%ff%fe",
    "question": "a%3fb=c%23d",
    "long": "x" * 3000,
    "number": "9" * 400,
}
KEYS = (
    "limit",
    "offset",
    "marker",
    "sort_key",
    "sort_dir",
    "changes-since",
    "changes-before",
    "all_tenants",
    "name",
    "user_id",
    "tenant_id",
    "detailed",
    "start",
    "end",
    "at",
    "format",
    "version",
    "rate_per_minute",
    "request_id",
)
VALUES = ("", "-1", "9" * 400, "%00", "%ff", "[", "%f0%9f%92%a5", "null")
WORST = ("9" * 5000, "%ff")
READING = [(prefix, row) for prefix, row in EVERY if row.method == "GET"]

pytestmark = pytest.mark.usefixtures("strict_pods")


@pytest.mark.parametrize("segment", SEGMENTS.values(), ids=SEGMENTS)
def test_no_odd_segment_is_a_fault_of_ours(served: Gateway, segment: str) -> None:
    for prefix, row in EVERY:
        variables = VARIABLES.findall(row.path)
        for place in range(len(variables)):
            filled = iter("x" if other != place else segment for other in range(len(variables)))
            path = prefix + VARIABLES.sub(lambda _, filled=filled: next(filled), row.path)
            body = {row.actions[0].name: {}} if row.actions else {}
            answer = served.call(row.method, path, body, user="admin", OpenStack_API_Version=version_of(row))

            assert not failed(answer), (answer, path)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value[:12]}({len(value)})")
def test_no_odd_query_is_a_fault_of_ours(served: Gateway, value: str) -> None:
    alike = "&".join(f"{key}={value}" for key in KEYS)
    for prefix, row in READING:
        for query in (alike, f"limit=1&limit={value}&{value}={value}&&="):
            ask(served, prefix, row, query)


@pytest.mark.parametrize("key", KEYS)
def test_no_odd_value_of_one_key_is_a_fault_of_ours(served: Gateway, key: str) -> None:
    for prefix, row in READING:
        if "{" not in row.path or row.path.startswith("/os-quota"):
            for value in WORST:
                ask(served, prefix, row, f"{key}={value}")


def ask(served: Gateway, prefix: str, row: Row, query: str) -> None:
    path = f"{path_to(served, prefix, row)}?{query}"
    answer = served.call(row.method, path, user="admin", OpenStack_API_Version=version_of(row))

    assert not failed(answer), (answer, path[:300])


BOMB = gzip.compress(b"[" * 10_000_000)
MEDIA = {
    "gzip": ({"Content-Encoding": "gzip"}, gzip.compress),
    "a bomb": ({"Content-Encoding": "gzip"}, lambda raw: BOMB),
    "an unknown encoding": ({"Content-Encoding": "br, x-none"}, bytes),
    "another charset": ({"Content-Type": "application/json; charset=utf-16"}, bytes),
    "UTF-16": ({}, lambda raw: raw.decode().encode("utf-16")),
    "UTF-32": ({}, lambda raw: raw.decode().encode("utf-32-le")),
    "a byte order mark": ({}, lambda raw: b"\xef\xbb\xbf" + raw),
    "a form": ({"Content-Type": "multipart/form-data; boundary=x"}, bytes),
    "XML": ({"Content-Type": "text/xml"}, lambda raw: b"<?xml version='1.0'?><a/>"),
    "an odd type": ({"Content-Type": "\u202e/;;;="}, bytes),
    "two values": ({}, lambda raw: raw + raw),
    "cut short": ({}, lambda raw: raw[: len(raw) // 2]),
    "bytes": ({}, lambda raw: bytes(range(256))),
}


@pytest.mark.parametrize(("headers", "change"), MEDIA.values(), ids=MEDIA)
def test_no_odd_encoding_is_a_fault_of_ours(served: Gateway, headers: Any, change: Any) -> None:
    for prefix, row in WRITING:
        raw = change(json.dumps(sample_of(row)).encode())
        given = {
            "OpenStack_API_Version": version_of(row),
            **{k.replace("-", "_"): v for k, v in headers.items()},
        }
        answer = served.call(row.method, path_to(served, prefix, row), raw, user="admin", **given)

        assert not failed(answer), (str(row), answer)
