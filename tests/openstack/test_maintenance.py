"""Maintenance of real pods: cordon, window, drain plan, drain job and its undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site

RATE = 600


@pytest.fixture
def bound(fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site) -> Iterator[dict[str, Any]]:
    """The binding of the project to the first pod; the pod is enabled again when the test ends."""
    region = ground.regions[0]
    binding = operator.bind(alpha.project_id, region)
    with ExitStack() as undo:
        undo.callback(operator.change, region, state="enabled", windows=[])
        yield binding


def diverted(fresh: Servers, alpha: Cloud, operator: AdminApi, bound: dict[str, Any], ground: Site) -> str:
    """Check that the next server is diverted to the second pod; returns the sentence that says why."""
    server = fresh.boot(alpha)

    assert fresh.holders(server["id"]) == [ground.regions[1]]
    assert operator.bindings(alpha.project_id) == [bound]
    (decision,) = operator.last_decisions(alpha.project_id)
    (rejected,) = decision["rejected"]
    assert decision["action"] == "divert"
    return str(rejected["rejections"][0]["sentence"])


def test_a_cordon_is_in_force_for_the_very_next_create(
    bound: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site
) -> None:
    fresh.boot(alpha)  # the gateway now has a snapshot from before the cordon
    operator.do_to_pod(ground.regions[0], "cordon")

    assert "cordoned" in diverted(fresh, alpha, operator, bound, ground)

    operator.do_to_pod(ground.regions[0], "uncordon")
    assert fresh.holders(fresh.boot(alpha)["id"]) == [ground.regions[0]]


def test_a_window_diverts_while_it_is_open(
    bound: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site
) -> None:
    begun = datetime.now(UTC) - timedelta(minutes=1)
    window = {
        "start": begun.strftime("%Y-%m-%dT%H:%MZ"),
        "end": (begun + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%MZ"),
    }
    operator.change(ground.regions[0], windows=[window])

    assert "maintenance" in diverted(fresh, alpha, operator, bound, ground)


def test_a_drain_moves_the_binding_and_its_undoing_moves_it_back(
    bound: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site
) -> None:
    home, other = ground.regions[:2]
    stays = fresh.boot(alpha)
    plan = operator.drain_plan(home)
    (planned,) = [row for row in plan if row["binding_id"] == bound["id"]]
    assert planned["to_pod_name"] == other
    moving = len([row for row in plan if row["to_pod_name"]])  # other scenarios' projects are bound too

    job = operator.do_to_pod(home, "drain", {"rate_per_minute": RATE})["job"]
    drained = operator.finished(job["job_id"])

    (moved,) = operator.bindings(alpha.project_id)
    assert operator.region_of(moved["pod_id"]) == other
    assert moved["generation"] == bound["generation"] + 1
    assert f"drain of {home}, job {job['job_id']}" in operator.history(moved)[-1]["reason"]
    assert drained["progress"]["moved"] == moving
    assert fresh.holders(fresh.boot(alpha)["id"]) == [other]
    assert fresh.holders(stays["id"]) == [home]  # servers stay where they are

    operator.do(f"/jobs/{job['job_id']}/undo")
    assert operator.finished(job["job_id"])["progress"]["returned"] == moving
    (returned,) = operator.bindings(alpha.project_id)
    assert operator.region_of(returned["pod_id"]) == home
    assert returned["generation"] == moved["generation"] + 1
    assert fresh.holders(fresh.boot(alpha)["id"]) == [home]
