"""Capacity under load: of many creates at once, exactly as many succeed as the pods have room for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

ROOM = 3  # instances of each pod
CREATES = 14
CLAIM_SECONDS = 360.0  # until the claims of another scenario's servers have ended


def servers_in(operator: AdminApi, region: str) -> tuple[int, int]:
    """How many servers a pod has by a report that is read now, and how many are claimed besides."""
    operator.refresh(region)
    instances = operator.capacity(region)["resources"]["instances"]
    return int(instances["used"]), int(instances["claimed"])


@pytest.fixture
def small(operator: AdminApi, ground: Site, fresh: Servers) -> Iterator[tuple[str, ...]]:
    """Every pod is empty and has room for ``ROOM`` servers, to the last of which its projects can use it."""
    fresh.clear()
    with ExitStack() as undo:
        for region in ground.regions:
            undo.callback(
                operator.change, region, max_instances=None, bind_watermark=None, keep_watermark=None
            )
            operator.change(region, max_instances=ROOM, bind_watermark=0.99, keep_watermark=1.0)
            # A report counts servers only where they are limited, and Nova frees their room a moment late.
            until(f"{region} is empty", lambda r=region: servers_in(operator, r) == (0, 0), CLAIM_SECONDS)
        yield ground.regions


def test_many_creates_at_once_fill_the_pods_and_never_overfill_one(
    small: tuple[str, ...], fresh: Servers, alpha: Cloud, beta: Cloud, operator: AdminApi
) -> None:
    # Only a project that is bound to a pod may take its last room, so each of the first two pods gets one.
    for owner, region in zip((alpha, beta), small, strict=False):
        operator.bind(owner.project_id, region)

    def create(owner: Cloud) -> int:
        reply = owner.ask("POST", "/v2.1/servers", fresh.order())
        if reply.status_code == 202:
            fresh.know(owner, reply.json()["server"]["id"])
        return reply.status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = Counter(threads.map(create, [alpha, beta] * (CREATES // 2)))

    held = {region: fresh.count_in(region) for region in small}
    assert set(statuses) == {202, 409}, statuses
    assert statuses[202] == sum(held.values())
    assert max(held.values()) <= ROOM, held

    def full() -> bool:
        # A server that was on its way to a host while the pod was observed counts twice until the next time.
        if any(servers_in(operator, region)[1] for region in small):
            return False
        return not any(create(owner) == 202 for owner in (alpha, beta))

    until("no create finds room", full)
    held = {region: fresh.count_in(region) for region in small}
    assert [held[region] for region in small[:2]] == [ROOM, ROOM], held
    assert max(held.values()) <= ROOM, held


def test_a_report_that_includes_a_server_ends_its_claim_and_one_without_it_frees_its_room(
    small: tuple[str, ...], fresh: Servers, alpha: Cloud, operator: AdminApi
) -> None:
    operator.bind(alpha.project_id, small[0])
    server = fresh.boot(alpha)
    assert fresh.holders(server["id"]) == [small[0]]

    assert servers_in(operator, small[0]) == (1, 0)
    assert operator.capacity(small[0])["resources"]["instances"]["free"] == ROOM - 1
    fresh.delete(server["id"])
    until("its room is free", lambda: servers_in(operator, small[0]) == (0, 0))
    assert operator.capacity(small[0])["resources"]["instances"]["free"] == ROOM


def test_one_server_after_the_other_finds_room_in_pods_that_hold_few(
    small: tuple[str, ...], fresh: Servers, alpha: Cloud
) -> None:
    # More of them than all pods together hold, while no claim grows old enough to end by itself.
    for _ in range(2 * ROOM * len(small) + 1):
        fresh.delete(fresh.boot(alpha)["id"])
