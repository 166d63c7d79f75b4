"""Large answers: nothing leaves the app that Lambda couldn't carry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app import app
from chalicelib import wiring
from chalicelib.api import sending
from chalicelib.model.pod_request import PodReply, PodRequest
from tests.builders import NOW, a_pod
from tests.journeys.ways_in import by_lambda
from tests.service.desk import Desk
from tests.service.kinds.scripted_pods import ScriptedPods, reply

LAMBDAS_LIMIT = 6_291_556
BASE = "http://gateway.example/api"
ROWS = 1000


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


class LargePod:
    """A pod with a thousand servers and flavors, each with a name of up to 8 kB."""

    def __init__(self, filling: str) -> None:
        made = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.rows = [{"id": uuid(n), "name": filling, "created": made} for n in range(ROWS, 0, -1)]

    def __call__(self, request: PodRequest) -> PodReply:
        url = urlsplit(request.path)
        _, noun, *rest = url.path.split("/")
        if rest[1:] == ["action"]:
            return reply({"output": '"' * 4_000_000})
        if rest and rest != ["detail"]:
            return reply({"server": next(row for row in self.rows if row["id"] == rest[0])})
        query = parse_qs(url.query)
        ids = [row["id"] for row in self.rows]
        start = ids.index(query["marker"][0]) + 1 if "marker" in query else 0
        page = self.rows[start : start + ROWS]
        return reply({noun: page})


@pytest.fixture(params=["x" * 8000, '"' * 4000, "é" * 1500, "😀" * 700], ids=["plain", "quotes", "é", "😀"])
def filling(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(filling: str) -> Iterator[Desk]:
    served = Desk(a_pod("pod-a", "az1"), client=ScriptedPods(pod_a=LargePod(filling)))
    served.projects.add("admin-project", "pod-a")
    wiring.use(served.services)
    yield served
    wiring.use(None)


def ask(url: str, method: str = "GET", token: str = "member") -> SimpleNamespace:
    """One request by the way of Lambda, whose runtime writes the whole answer within its limit."""
    headers = {"x-auth-token": token, "host": "gateway.example"}
    with by_lambda(app) as send:
        said = send(method, url.removeprefix(BASE), headers, "")
    whole = {"statusCode": said.status, "headers": dict(said.headers), "body": said.body}
    assert len(json.dumps(whole)) < LAMBDAS_LIMIT
    return SimpleNamespace(status=said.status, body=json.loads(said.body))


@pytest.mark.parametrize("path", ["servers/detail", "flavors/detail", "servers", "flavors"])
def test_a_page_that_lambda_could_not_carry_is_cut_and_its_links_lead_to_all(desk: Desk, path: str) -> None:
    found, sizes, url, noun = [], [], f"/v2.1/{path}", path.partition("/")[0]
    while url:
        body = ask(url).body
        found += [row["id"] for row in body[noun]]
        sizes.append(len(body[noun]))
        url = next((link["href"] for link in body.get(f"{noun}_links", ())), "")

    in_order = [uuid(n) for n in range(1, ROWS + 1)]
    assert found == (in_order[::-1] if noun == "servers" else in_order)
    assert 1 < len(sizes) <= 3


def test_an_answer_that_cannot_be_cut_is_a_fault_that_says_so(desk: Desk) -> None:
    answer = ask(f"/v2.1/servers/{uuid(1)}/action", "POST")

    assert answer.status == 413
    assert answer.body["overLimit"]["code"] == 413
    assert "more than 6 MB" in answer.body["overLimit"]["message"]


def test_so_is_one_of_the_admin_api_in_its_own_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_BYTES", 200)

    answer = ask("/v1.0/pods", token="operator")

    assert (answer.status, answer.body["error"]["title"]) == (413, "Request Entity Too Large")
    assert "more than 6 MB" in answer.body["error"]["message"]


@pytest.mark.parametrize("text", ["", "plain", 'a "quoted" \\ one', "é", "😀", "\n"])
def test_a_body_is_measured_as_lambdas_runtime_writes_it(text: str) -> None:
    around = len(json.dumps({"body": ""})) - 2

    assert sending.carried_bytes(text) == len(json.dumps({"body": text})) - around
    assert sending.carried_bytes(text) <= 12 * len(text) + 2


def test_rows_fit_to_the_last_byte_and_one_always_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Any] = [{"id": n} for n in range(5)]
    each = sending.carried_bytes(sending.text_of(rows[0]))
    for room, fitting in ((3 * each, 3), (3 * each - 1, 2), (0, 1), (9 * each, 5)):
        monkeypatch.setattr(sending, "MOST_BYTES", sending.carried_bytes("around") + room)
        assert sending.how_many_fit(rows, "around") == fitting
