"""Horizon: the pages of its list of instances, forward and back, as it asks for them."""

from __future__ import annotations

import itertools
from urllib.parse import urlencode

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

EACH = 3
PAGE = 2
KEYS = ("created_at", "display_name", "uuid")


@pytest.fixture(scope="module")
def shown(fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site) -> list[str]:
    """The ids of servers in two pods, made by turns in twos, so that seconds of creation are equal."""
    ids = []
    for region in (*ground.regions[:2],) * EACH:
        operator.bind(alpha.project_id, region)
        reply = alpha.ask("POST", "/v2.1/servers", fresh.order())
        ids.append(fresh.know(alpha, reply.json()["server"]["id"]))
    for server_id in ids:
        fresh.active(alpha, server_id)
    until("the list has all", lambda: len(page(alpha, "desc", limit=100)) == len(ids))
    return ids


def page(alpha: Cloud, direction: str, marker: str = "", limit: int = PAGE + 1) -> list[str]:
    """The ids that Nova's client gets for one of Horizon's requests: one row more than the page has."""
    query = [("limit", str(limit)), ("project_id", alpha.project_id)]
    query += [("marker", marker)] if marker else []
    query += [pair for key in KEYS for pair in (("sort_key", key), ("sort_dir", direction))]
    reply = alpha.ask("GET", f"/v2.1/servers/detail?{urlencode(query)}")
    assert reply.status_code == 200, reply.text
    return [server["id"] for server in reply.json()["servers"]]


def test_next_leads_to_the_last_page(shown: list[str], alpha: Cloud) -> None:
    pages = forward(alpha)

    assert [len(each) for each in pages] == [PAGE] * EACH
    assert sorted(itertools.chain(*pages)) == sorted(shown)


def test_prev_leads_back_through_the_same_pages(shown: list[str], alpha: Cloud) -> None:
    pages = forward(alpha)
    back = [pages[-1]]
    while len(back) < len(pages):
        asked = page(alpha, "asc", marker=back[0][0])
        back.insert(0, asked[:PAGE][::-1])

    assert back == pages
    assert page(alpha, "asc", marker=back[0][0]) == []


def forward(alpha: Cloud) -> list[list[str]]:
    """All pages, as "next" leads through them: there is one more as long as the extra row comes."""
    pages: list[list[str]] = []
    more = True
    while more:
        found = page(alpha, "desc", marker=pages[-1][-1] if pages else "")
        more = len(found) > PAGE
        pages.append(found[:PAGE])
    return pages


def test_the_overview_has_limits_usage_and_zones(alpha: Cloud, shown: list[str]) -> None:
    limits = alpha.ask("GET", "/v2.1/limits?reserved=1", version="2.1").json()["limits"]["absolute"]
    usage = alpha.ask("GET", f"/v2.1/os-simple-tenant-usage/{alpha.project_id}", version="2.1").json()
    zones = alpha.ask("GET", "/v2.1/os-availability-zone", version="2.1").json()["availabilityZoneInfo"]

    assert limits["totalInstancesUsed"] == len(shown)
    assert len(usage["tenant_usage"]["server_usages"]) >= len(shown)
    assert all(zone["zoneState"]["available"] for zone in zones)
