"""Paging: one list over several pods, in pages without a gap or a duplicate."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

EACH = 2
ENOUGH = 20


@pytest.fixture(scope="module")
def spread(fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site) -> dict[str, list[str]]:
    """The ids of some servers in each of two pods, by region."""
    held: dict[str, list[str]] = {}
    for region in ground.regions[:2]:
        operator.bind(alpha.project_id, region)
        held[region] = [fresh.boot(alpha)["id"] for _ in range(EACH)]
    return held


def every_id(spread: dict[str, list[str]]) -> list[str]:
    return sorted(server_id for ids in spread.values() for server_id in ids)


def pages(alpha: Cloud, query: str) -> list[list[dict[str, Any]]]:
    """All pages of a list, found by following the links to the next page."""
    found, url = [], f"/v2.1/servers/detail?{query}"
    while url:
        assert len(found) < ENOUGH, "the next links lead on and on"
        body = alpha.ask("GET", url).json()
        found.append(body["servers"])
        links = body.get("servers_links", [])
        assert all(link["href"].startswith(alpha.url) for link in links)
        url = links[0]["href"].removeprefix(alpha.url) if links else ""
    return found


def test_each_pod_holds_what_its_binding_sent_there(spread: dict[str, list[str]], fresh: Servers) -> None:
    for region, ids in spread.items():
        assert [fresh.holders(server_id) for server_id in ids] == [[region]] * EACH


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_sdk_pages_through_all_pods(limit: int, spread: dict[str, list[str]], alpha: Cloud) -> None:
    listed = [server.id for server in islice(alpha.sdk().compute.servers(limit=limit), ENOUGH)]

    assert sorted(listed) == every_id(spread)
    assert listed == [server.id for server in alpha.sdk().compute.servers()]


@pytest.mark.parametrize("limit", [1, 3])
def test_next_links_lead_through_all_pods(limit: int, spread: dict[str, list[str]], alpha: Cloud) -> None:
    found = pages(alpha, f"limit={limit}")

    assert all(len(page) <= limit for page in found)
    assert sorted(server["id"] for page in found for server in page) == every_id(spread)


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_keep_the_order_asked_for(direction: str, spread: dict[str, list[str]], alpha: Cloud) -> None:
    found = pages(alpha, f"limit=1&sort_key=uuid&sort_dir={direction}")

    in_order = sorted(every_id(spread), reverse=direction == "desc")
    assert [server["id"] for page in found for server in page] == in_order


def test_an_order_that_pods_see_differently_loses_nothing(spread: dict[str, list[str]], alpha: Cloud) -> None:
    found = pages(alpha, "limit=1&sort_key=display_name&sort_dir=desc")

    assert sorted(server["id"] for page in found for server in page) == every_id(spread)


def test_a_filter_reaches_every_pod(spread: dict[str, list[str]], alpha: Cloud, fresh: Servers) -> None:
    running = alpha.ask("GET", f"/v2.1/servers?status=ACTIVE&name={fresh.prefix}").json()["servers"]
    stopped = alpha.ask("GET", f"/v2.1/servers?status=SHUTOFF&name={fresh.prefix}").json()["servers"]

    assert sorted(server["id"] for server in running) == every_id(spread)
    assert stopped == []


def test_the_page_after_the_last_is_empty(spread: dict[str, list[str]], alpha: Cloud) -> None:
    last = pages(alpha, "limit=1000")[-1][-1]["id"]

    reply = alpha.ask("GET", f"/v2.1/servers?limit=1&marker={last}")

    assert reply.status_code == 200
    assert reply.json() == {"servers": []}


def test_times_of_changes_select_in_every_pod(spread: dict[str, list[str]], alpha: Cloud) -> None:
    servers = alpha.ask("GET", "/v2.1/servers/detail").json()["servers"]
    times = sorted(server["updated"] for server in servers)

    def listed(query: str) -> set[str]:
        return {server["id"] for page in pages(alpha, f"limit=50&{query}") for server in page}

    assert listed(f"changes-since={times[0]}") >= set(every_id(spread))
    assert listed(f"changes-before={times[-1]}") >= set(every_id(spread))
    assert listed("changes-before=2020-01-01T00:00:00Z") == set()


def test_operators_list_the_deleted_servers_of_every_pod(
    spread: dict[str, list[str]],
    fresh: Servers,
    alpha: Cloud,
    admin: Cloud,
    operator: AdminApi,
    ground: Site,
) -> None:
    gone = set()
    for region in ground.regions[:2]:
        operator.bind(alpha.project_id, region)
        server = fresh.boot(alpha)
        fresh.delete(server["id"])
        gone.add(server["id"])

    path = f"/v2.1/servers/detail?deleted=1&name={fresh.prefix}"
    listed = {
        server["id"]: server["status"]
        for server in admin.ask("GET", f"{path}&all_tenants=1").json()["servers"]
    }

    assert {server_id: listed.get(server_id) for server_id in gone} == dict.fromkeys(gone, "DELETED")
    assert listed.keys().isdisjoint(every_id(spread))
    assert gone.isdisjoint(server["id"] for server in alpha.ask("GET", path).json()["servers"])


def test_a_server_that_was_gone_before_we_knew_it_is_a_marker(
    spread: dict[str, list[str]], fresh: Servers, alpha: Cloud, ground: Site
) -> None:
    region, order = ground.regions[1], fresh.order()
    gone = alpha.ask_pod(region, "POST", "/servers", order).json()["server"]["id"]
    path = f"/servers/{gone}"
    until("it is there", lambda: alpha.ask_pod(region, "GET", path).json()["server"]["status"] == "ACTIVE")
    alpha.ask_pod(region, "DELETE", path)
    until("it is gone", lambda: alpha.ask_pod(region, "GET", path).status_code == 404)
    first = min(row["created"] for row in alpha.ask("GET", "/v2.1/servers/detail").json()["servers"])
    query = f"changes-since={first}&limit=50"

    whole = [server["id"] for page in pages(alpha, query) for server in page]
    after = alpha.ask("GET", f"/v2.1/servers/detail?{query}&marker={gone}").json()["servers"]

    assert [server["id"] for server in after] == whole[whole.index(gone) + 1 :][:50]
