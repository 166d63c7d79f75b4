"""An outage: only the servers of a killed pod are out of reach; all others are as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import NEWEST, Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

VERSION = ("--os-compute-api-version", NEWEST)
PARTIAL = "X-Trio2o-Partial"
ENOUGH = 20


@dataclass
class Outage:
    """A killed pod, a server in it, the binding to it, and ``end``, which starts it again."""

    region: str
    held: dict[str, Any]
    elsewhere: dict[str, Any]
    binding: dict[str, Any]
    end: Callable[[], None]


@pytest.fixture(scope="module")
def outage(
    fresh: Servers,
    alpha: Cloud,
    operator: AdminApi,
    ground: Site,
    needs: Callable[..., None],
) -> Iterator[Outage]:
    """Kill the second pod, since clients use the image service of the first one."""
    needs("POD_KILL", "POD_START")
    sound, doomed = ground.regions[:2]
    operator.bind(alpha.project_id, sound)
    elsewhere = fresh.boot(alpha)
    binding = operator.bind(alpha.project_id, doomed)
    held = fresh.boot(alpha)
    with ExitStack() as undo:
        undo.callback(ground.run, "POD_START", doomed)
        ground.run("POD_KILL", doomed)
        yield Outage(doomed, held, elsewhere, binding, undo.close)


@pytest.fixture(scope="module")
def diverted(outage: Outage, fresh: Servers, alpha: Cloud) -> dict[str, Any]:
    """A server that was created while the bound pod was down."""
    return fresh.boot(alpha)


@pytest.fixture(scope="module")
def ended(outage: Outage, diverted: dict[str, Any], operator: AdminApi) -> Outage:
    """The outage after its end: the pod is healthy again."""
    outage.end()
    until(f"{outage.region} is healthy", lambda: not operator.refresh(outage.region)["error"])
    return outage


def statuses(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["id"]: row["status"] for row in rows}


def test_a_create_goes_elsewhere_and_the_binding_stays(
    outage: Outage, diverted: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site
) -> None:
    place = alpha.ask_pod(ground.regions[0], "GET", f"/servers/{diverted['id']}")

    assert place.status_code == 200
    assert operator.bindings(alpha.project_id) == [outage.binding]


def test_the_decision_says_that_it_diverted(
    outage: Outage, diverted: dict[str, Any], alpha: Cloud, operator: AdminApi
) -> None:
    made = operator.last_decisions(alpha.project_id)

    (diverting,) = [decision for decision in made if decision["action"] == "divert"]
    (rejected,) = diverting["rejected"]
    assert rejected["pod_id"] == outage.binding["pod_id"]
    assert [rejection["filter"] for rejection in rejected["rejections"]] == ["retry"]


def test_lists_still_answer_and_show_its_servers_as_unknown(
    outage: Outage, diverted: dict[str, Any], alpha: Cloud, ground: Site
) -> None:
    reply = alpha.ask("GET", "/v2.1/servers/detail")

    assert reply.status_code == 200
    assert statuses(reply.json()["servers"]) == {
        outage.held["id"]: "UNKNOWN",
        outage.elsewhere["id"]: "ACTIVE",
        diverted["id"]: "ACTIVE",
    }
    assert reply.headers[PARTIAL] == ground.zones[outage.region]


def test_the_command_lists_its_servers_as_unknown(
    outage: Outage, diverted: dict[str, Any], alpha: Cloud
) -> None:
    rows = {row["ID"]: row for row in alpha.cli("server", "list", "-f", "json")}

    assert rows[outage.held["id"]]["Status"] == "UNKNOWN"
    assert rows[outage.held["id"]]["Name"] == outage.held["name"]
    assert rows[diverted["id"]]["Status"] == "ACTIVE"


@pytest.mark.parametrize("limit", [1, 2])
def test_pages_have_no_gap_while_it_is_down(
    limit: int, outage: Outage, diverted: dict[str, Any], alpha: Cloud
) -> None:
    listed = [server.id for server in islice(alpha.sdk().compute.servers(limit=limit), ENOUGH)]

    assert sorted(listed) == sorted([outage.held["id"], outage.elsewhere["id"], diverted["id"]])


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_its_servers_are_out_of_reach_and_not_gone(method: str, outage: Outage, alpha: Cloud) -> None:
    reply = alpha.ask(method, f"/v2.1/servers/{outage.held['id']}")

    assert reply.status_code == 503
    assert reply.json()["serviceUnavailable"]["code"] == 503
    assert int(reply.headers["Retry-After"]) > 0


def test_the_command_does_not_take_its_servers_for_gone(outage: Outage, alpha: Cloud) -> None:
    shown = alpha.command(*VERSION, "server", "show", outage.held["id"])

    assert shown.returncode != 0
    assert "503" in shown.stderr


def test_other_pods_servers_are_not_touched_by_it(outage: Outage, alpha: Cloud) -> None:
    reply = alpha.ask("GET", f"/v2.1/servers/{outage.elsewhere['id']}")

    assert reply.json()["server"]["status"] == "ACTIVE"


def test_its_last_report_stays_and_says_what_is_wrong(outage: Outage, operator: AdminApi) -> None:
    def troubled() -> dict[str, Any] | None:
        report = operator.capacity(outage.region)
        return report if report["error"] else None

    report = until("the clock notices the outage", troubled) or {}

    assert report["unreachable_since"]
    assert report["resources"]["vcpus"]["total"] > 0


def test_when_it_is_back_all_is_back(ended: Outage, diverted: dict[str, Any], alpha: Cloud) -> None:
    reply = alpha.ask("GET", "/v2.1/servers/detail")

    assert statuses(reply.json()["servers"]) == dict.fromkeys(
        [ended.held["id"], ended.elsewhere["id"], diverted["id"]], "ACTIVE"
    )
    assert PARTIAL not in reply.headers
    assert alpha.ask("GET", f"/v2.1/servers/{ended.held['id']}").status_code == 200


def test_when_it_is_back_creates_go_there_again(
    ended: Outage, fresh: Servers, alpha: Cloud, operator: AdminApi
) -> None:
    server = fresh.boot(alpha)

    assert fresh.holders(server["id"]) == [ended.region]
    assert operator.bindings(alpha.project_id) == [ended.binding]
