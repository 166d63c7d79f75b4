"""Binding: it is created, kept, and moved when its pod is full; decision and history say why."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

CLASSES = {"vcpus": "VCPU", "ram_mb": "MEMORY_MB", "disk_gb": "DISK_GB"}


def in_placement(admin: Cloud, region: str) -> dict[str, tuple[int, int]]:
    """Usable total and use of each resource, summed over the pod's hosts as its Placement has them."""

    def ask(path: str) -> dict[str, Any]:
        return dict(admin.ask_pod(region, "GET", path, service="placement", version="").json())

    sums = dict.fromkeys(CLASSES, (0, 0))
    for provider in ask("/resource_providers")["resource_providers"]:
        base = f"/resource_providers/{provider['uuid']}"
        inventories, usages = ask(f"{base}/inventories")["inventories"], ask(f"{base}/usages")["usages"]
        for ours, theirs in CLASSES.items():
            if theirs in inventories:
                has = inventories[theirs]
                room = int((has["total"] - has["reserved"]) * has["allocation_ratio"])
                sums[ours] = sums[ours][0] + room, sums[ours][1] + usages[theirs]
    return sums


def reported(report: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {name: (report["resources"][name]["total"], report["resources"][name]["used"]) for name in CLASSES}


@pytest.fixture(scope="module")
def first(fresh: Servers, alpha: Cloud) -> dict[str, Any]:
    """The project's first server; the project wasn't bound before."""
    return fresh.boot(alpha)


@pytest.fixture(scope="module")
def bound(first: dict[str, Any], operator: AdminApi, alpha: Cloud) -> dict[str, Any]:
    (binding,) = operator.bindings(alpha.project_id)
    return binding


@pytest.fixture(scope="module")
def moved(
    bound: dict[str, Any],
    fresh: Servers,
    alpha: Cloud,
    operator: AdminApi,
    undo: ExitStack,
    needs: Callable[..., None],
) -> dict[str, Any]:
    """The binding after its pod was filled and one more server was created."""
    needs("POD_FILL", "POD_RESTORE")
    region = operator.region_of(bound["pod_id"])
    undo.callback(operator.restore, region)
    operator.fill(region)
    server = fresh.boot(alpha)
    (binding,) = operator.bindings(alpha.project_id)
    return {**binding, "server_id": server["id"]}


def test_the_first_create_binds_the_project(
    first: dict[str, Any], bound: dict[str, Any], fresh: Servers, operator: AdminApi
) -> None:
    last = operator.history(bound)[-1]

    assert fresh.holders(first["id"]) == [operator.region_of(bound["pod_id"])]
    assert (last["action"], last["generation"]) == ("created", bound["generation"])


def test_the_refresh_sees_what_placement_sees(
    first: dict[str, Any], ground: Site, operator: AdminApi, admin: Cloud
) -> None:
    for region in ground.regions:
        until(
            f"the report of {region} is Placement's",
            lambda r=region: reported(operator.refresh(r)) == in_placement(admin, r),
        )
        assert reported(operator.capacity(region))["vcpus"][0] > 0


def test_the_clock_refreshes_unasked(operator: AdminApi, ground: Site) -> None:
    before = operator.capacity(ground.regions[0])["reported_at"]

    until("a newer report", lambda: operator.capacity(ground.regions[0])["reported_at"] > before)


def test_the_next_create_keeps_the_binding(
    bound: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi
) -> None:
    second = fresh.boot(alpha)

    assert fresh.holders(second["id"]) == [operator.region_of(bound["pod_id"])]
    assert operator.bindings(alpha.project_id) == [bound]
    (decision,) = operator.last_decisions(alpha.project_id)
    assert decision["action"] == "keep"


def test_a_full_pod_sends_the_next_create_to_the_other(
    bound: dict[str, Any], moved: dict[str, Any], fresh: Servers, operator: AdminApi
) -> None:
    assert moved["pod_id"] != bound["pod_id"]
    assert moved["generation"] == bound["generation"] + 1
    assert fresh.holders(moved["server_id"]) == [operator.region_of(moved["pod_id"])]


def test_the_history_says_why_the_binding_moved(
    bound: dict[str, Any], moved: dict[str, Any], operator: AdminApi, alpha: Cloud
) -> None:
    last = operator.history(moved)[-1]

    assert (last["action"], last["previous_pod_id"], last["pod_id"]) == (
        "updated",
        bound["pod_id"],
        moved["pod_id"],
    )
    (decision,) = operator.last_decisions(alpha.project_id)
    (rejected,) = decision["rejected"]
    (rejection,) = rejected["rejections"]
    assert (rejected["pod_id"], rejection["filter"]) == (bound["pod_id"], "capacity")
    assert rejection["sentence"] in last["reason"]


def test_servers_stay_where_they_are_when_the_binding_moves(
    first: dict[str, Any], bound: dict[str, Any], moved: dict[str, Any], fresh: Servers, operator: AdminApi
) -> None:
    assert fresh.holders(first["id"]) == [operator.region_of(bound["pod_id"])]


def test_a_pod_with_room_again_does_not_pull_the_binding_back(
    bound: dict[str, Any], moved: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi
) -> None:
    operator.restore(operator.region_of(bound["pod_id"]))

    third = fresh.boot(alpha)

    assert fresh.holders(third["id"]) == [operator.region_of(moved["pod_id"])]
    assert operator.bindings(alpha.project_id)[0]["generation"] == moved["generation"]
