"""Lists, shows and what is forwarded, over several pods."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import requests

from tests.journeys.conftest import BASE, IMAGE, Answer, Gateway


@pytest.fixture
def spread(gateway: Gateway) -> list[str]:
    """Six servers over two zones, oldest first."""
    return [
        gateway.create(f"vm{number}", availability_zone=f"az{number % 2 + 1}").body["server"]["id"]
        for number in range(6)
    ]


def ids_of(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [server["id"] for server in answer.body["servers"]]


def walk(gateway: Gateway, path: str) -> list[str]:
    """Follow the next links to the end."""
    found: list[str] = []
    while path:
        answer = gateway.call("GET", path)
        found += ids_of(answer)
        assert len(found) == len(set(found)), "a page repeats what an earlier one had"
        links = answer.body.get("servers_links", [])
        assert all(link["href"].startswith(f"{BASE}/v2.1/servers") for link in links)
        path = links[0]["href"].removeprefix(BASE) if links else ""
    return found


def test_one_list_holds_the_servers_of_all_pods(gateway: Gateway, spread: list[str]) -> None:
    assert sorted(ids_of(gateway.call("GET", "/v2.1/servers"))) == sorted(spread)
    details = gateway.call("GET", "/v2.1/servers/detail").body["servers"]
    assert {s["OS-EXT-AZ:availability_zone"] for s in details} <= {"az1", "az2"}


@pytest.mark.parametrize("limit", [1, 2, 4, 6, 100])
@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/servers/detail"])
def test_pages_have_no_gap_and_no_duplicate(
    gateway: Gateway, spread: list[str], limit: int, path: str
) -> None:
    assert sorted(walk(gateway, f"{path}?limit={limit}")) == sorted(spread)


@pytest.mark.parametrize("order", ["sort_key=display_name&sort_dir=asc", "sort_key=instance_type_id"])
def test_pages_in_another_order_have_no_gap_and_no_duplicate(
    gateway: Gateway, spread: list[str], order: str
) -> None:
    whole = ids_of(gateway.call("GET", f"/v2.1/servers?{order}"))
    assert sorted(whole) == sorted(spread)
    assert walk(gateway, f"/v2.1/servers?limit=2&{order}") == whole


@pytest.mark.parametrize("keys", ["", "&sort_key=created_at&sort_key=display_name&sort_key=uuid"])
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_the_page_before_is_the_exact_reverse_as_horizon_asks_for_it(
    gateway: Gateway, spread: list[str], limit: int, keys: str
) -> None:
    directions = max(1, keys.count("sort_key"))
    forward, back = (
        f"limit={limit}{keys}&sort_dir=desc",
        f"limit={limit}{keys}" + "&sort_dir=asc" * directions,
    )
    pages, found = [], ids_of(gateway.call("GET", f"/v2.1/servers?{forward}"))
    while found:
        pages.append(found)
        found = ids_of(gateway.call("GET", f"/v2.1/servers?{forward}&marker={found[-1]}"))

    assert sorted(each for page in pages for each in page) == sorted(spread)
    for before, page in pairwise(pages):
        project = gateway.project_id()
        answer = gateway.call("GET", f"/v2.1/servers?{back}&marker={page[0]}&project_id={project}")
        assert ids_of(answer) == before[::-1]


def test_a_marker_may_be_any_servers_id_and_the_page_after_the_last_is_empty(
    gateway: Gateway, spread: list[str]
) -> None:
    whole = ids_of(gateway.call("GET", "/v2.1/servers"))
    assert ids_of(gateway.call("GET", f"/v2.1/servers?marker={whole[1]}")) == whole[2:]
    assert ids_of(gateway.call("GET", f"/v2.1/servers?limit=2&marker={whole[-1]}")) == []
    unknown = gateway.call("GET", "/v2.1/servers?marker=nothing")
    assert (unknown.status, list(unknown.body)) == (400, ["badRequest"])


@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/servers/detail"])
def test_a_walk_goes_on_after_the_last_server_of_its_page_was_deleted(
    gateway: Gateway, spread: list[str], path: str
) -> None:
    whole = ids_of(gateway.call("GET", path))
    marker = ids_of(gateway.call("GET", f"{path}?limit=3"))[-1]
    assert gateway.call("DELETE", f"/v2.1/servers/{marker}").status == 204

    assert ids_of(gateway.call("GET", f"{path}?limit=9&marker={marker}")) == whole[3:]


def test_filters_pass_through(gateway: Gateway, spread: list[str]) -> None:
    assert ids_of(gateway.call("GET", "/v2.1/servers?name=vm3")) == [spread[3]]


def test_a_pod_that_is_down_leaves_unknown_stubs_and_the_answer_says_so(
    gateway: Gateway, spread: list[str]
) -> None:
    down = gateway.pod_holding(spread[0])
    in_it = {server_id for server_id in spread if gateway.pod_holding(server_id) == down}
    zone = gateway.pods[down].az_name
    gateway.cloud.pod(down).kill()

    answer = gateway.call("GET", "/v2.1/servers/detail")

    shown = {server["id"]: server for server in answer.body["servers"]}
    assert set(shown) == set(spread)
    assert {i for i, server in shown.items() if server["status"] == "UNKNOWN"} == in_it
    assert answer.headers["x-trio2o-partial"] == zone
    assert sorted(walk(gateway, "/v2.1/servers?limit=2")) == sorted(spread)
    located = gateway.call("GET", f"/v2.1/servers/{spread[0]}")
    assert (located.status, list(located.body)) == (503, ["serviceUnavailable"])
    assert located.headers["retry-after"]
    assert down not in str(located.body)


@pytest.mark.parametrize(
    ("selection", "shown"),
    [("project_id={project}", 6), ("name=vm", 6), ("name=VM0", 1), ("changes-since=2020-01-01T00:00:00Z", 6)],
)
def test_a_selection_that_a_location_answers_keeps_the_stubs(
    gateway: Gateway, spread: list[str], selection: str, shown: int
) -> None:
    gateway.cloud.pod(gateway.pod_holding(spread[0])).kill()

    answer = gateway.call("GET", f"/v2.1/servers?{selection.format(project=gateway.project_id())}")

    assert len(ids_of(answer)) == shown
    assert answer.headers["x-trio2o-partial"]


@pytest.mark.parametrize("selection", ["status=ACTIVE", "flavor=1", "name=vm.*", "sort_key=vm_state"])
def test_what_a_location_does_not_answer_leaves_the_stubs_out_and_the_answer_says_so(
    gateway: Gateway, spread: list[str], selection: str
) -> None:
    down = gateway.pod_holding(spread[0])
    up = {server_id for server_id in spread if gateway.pod_holding(server_id) != down}
    gateway.cloud.pod(down).kill()

    answer = gateway.call("GET", f"/v2.1/servers?{selection}")

    assert set(ids_of(answer)) == up
    assert answer.headers["x-trio2o-partial"] == gateway.pods[down].az_name


def test_an_order_by_name_goes_over_all_pods(gateway: Gateway) -> None:
    for number, name in enumerate(("d", "A", "c", "B")):
        assert gateway.create(name, availability_zone=f"az{number // 2 + 1}").status == 202

    listed = gateway.call("GET", "/v2.1/servers?sort_key=display_name&sort_dir=asc").body["servers"]

    assert [server["name"] for server in listed] == ["A", "B", "c", "d"]


def test_a_tenant_sees_nothing_of_another(gateway: Gateway, spread: list[str]) -> None:
    gateway.create("betas", user="beta")

    assert set(spread).isdisjoint(ids_of(gateway.call("GET", "/v2.1/servers", user="beta")))
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/action"),
        ("GET", "/metadata"),
        ("GET", "/os-interface/x"),
    ):
        answer = gateway.call(method, f"/v2.1/servers/{spread[0]}{path}", user="beta")
        assert (answer.status, list(answer.body)) == (404, ["itemNotFound"]), path
    every = ids_of(gateway.call("GET", "/v2.1/servers?all_tenants=1", user="admin"))
    assert set(spread) < set(every)
    assert gateway.call("GET", f"/v2.1/servers/{spread[0]}", user="admin").status == 200


def test_for_another_tenants_server_its_pod_is_not_even_asked(gateway: Gateway, spread: list[str]) -> None:
    pod = gateway.cloud.pod(gateway.pod_holding(spread[0]))
    pod.journal.clear()

    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/action"), ("GET", "/metadata")):
        assert gateway.call(method, f"/v2.1/servers/{spread[0]}{path}", user="beta").status == 404

    assert pod.journal.entries(path=spread[0]) == []


def test_actions_and_parts_go_to_the_servers_pod(gateway: Gateway, spread: list[str]) -> None:
    path = f"/v2.1/servers/{spread[0]}"
    assert gateway.call("POST", f"{path}/action", {"os-stop": None}).status == 202
    assert gateway.call("GET", path).body["server"]["status"] == "SHUTOFF"
    assert gateway.call("PUT", f"{path}/metadata", {"metadata": {"a": "1"}}).status == 200
    assert gateway.call("GET", f"{path}/metadata/a").body == {"meta": {"a": "1"}}
    assert gateway.call("PUT", path, {"server": {"name": "renamed"}}).body["server"]["name"] == "renamed"


def test_a_deleted_server_is_gone_and_leaves_no_stub(gateway: Gateway, spread: list[str]) -> None:
    pod = gateway.pod_holding(spread[0])
    deleted = gateway.call("DELETE", f"/v2.1/servers/{spread[0]}")
    assert (deleted.status, deleted.body) == (204, None)
    assert gateway.call("GET", f"/v2.1/servers/{spread[0]}").status == 404

    gateway.cloud.pod(pod).kill()
    assert spread[0] not in ids_of(gateway.call("GET", "/v2.1/servers"))


def test_a_server_deleted_without_waiting_leaves_no_stub_either(gateway: Gateway, spread: list[str]) -> None:
    pod = gateway.pod_holding(spread[0])
    assert gateway.call("DELETE", f"/v2.1/servers/{spread[0]}").status == 204

    gateway.cloud.pod(pod).kill()

    assert spread[0] not in ids_of(gateway.call("GET", "/v2.1/servers"))


def test_a_server_whose_location_was_lost_is_found_again(gateway: Gateway, spread: list[str]) -> None:
    lost: Any = gateway.stores.locations
    lost._locations.pop(spread[0])

    assert gateway.call("GET", f"/v2.1/servers/{spread[0]}").status == 200
    assert lost.get(spread[0]).pod_id == gateway.pods[gateway.pod_holding(spread[0])].pod_id


def test_an_unknown_server_is_404_only_when_every_pod_said_so(gateway: Gateway, spread: list[str]) -> None:
    path = "/v2.1/servers/00000000-0000-4000-8000-000000000000"
    assert gateway.call("GET", path).status == 404
    assert gateway.call("GET", "/v2.1/servers/vm0").status == 404

    gateway.cloud.pod(gateway.pod_holding(spread[0])).kill()
    assert gateway.call("GET", path).status == 503


@pytest.mark.parametrize("server_id", ["x", "x" * 900, "%20"])
def test_an_id_that_is_no_uuid_is_a_404_and_asks_no_store(
    gateway: Gateway, server_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(gateway.stores.locations, "get", asked.append)

    answer = gateway.call("GET", f"/v2.1/servers/{server_id}")

    assert (answer.status, asked) == (404, [])


def test_a_server_that_was_made_in_a_pod_behind_our_back_is_served_after_a_refresh(gateway: Gateway) -> None:
    pod = gateway.cloud.pod("Pod2")
    token = gateway.cloud.token_for("beta").id
    order = {"server": {"name": "theirs", "flavorRef": "1", "imageRef": IMAGE}}
    made = requests.post(
        f"{pod.endpoints['compute']}/servers", json=order, headers={"X-Auth-Token": token}, timeout=10
    )
    server_id = made.json()["server"]["id"]
    assert gateway.call("GET", "/v2.1/servers", user="beta").body["servers"] == []

    gateway.refresh()

    listed = gateway.call("GET", "/v2.1/servers", user="beta").body["servers"]
    assert [server["id"] for server in listed] == [server_id]
    shown = gateway.call("GET", f"/v2.1/servers/{server_id}", user="beta")
    assert (shown.status, shown.body["server"]["name"]) == (200, "theirs")
    assert gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"] == []
