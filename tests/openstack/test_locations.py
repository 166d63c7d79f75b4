"""Locations on real pods: they end with servers that a pod lost, and operators list and change them."""

from __future__ import annotations

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until


def test_a_server_that_is_deleted_in_its_pod_ends_its_location_by_the_second_refresh(
    fresh: Servers, beta: Cloud, operator: AdminApi
) -> None:
    server_id = fresh.boot(beta)["id"]
    (region,) = fresh.holders(server_id)
    assert beta.ask_pod(region, "DELETE", f"/servers/{server_id}").status_code == 204
    until(f"server {server_id} is gone in {region}", lambda: not fresh.holders(server_id))
    for _ in range(2):
        operator.refresh(region)

    location = operator.read(f"/locations/{server_id}")["location"]
    assert (location["ended_at"] is not None, location["deleted"]) == (True, False)
    assert beta.ask("GET", f"/v2.1/servers/{server_id}").status_code == 404


def test_a_running_servers_marker_is_in_no_answer_and_taken_off_in_its_pod(
    fresh: Servers, beta: Cloud, operator: AdminApi
) -> None:
    server = fresh.boot(beta)
    (region,) = fresh.holders(server["id"])
    assert "trio2o:" not in str(server)

    def is_off() -> bool:
        operator.refresh(region)
        in_pod = beta.ask_pod(region, "GET", f"/servers/{server['id']}").json()["server"]
        return "trio2o:" not in str((in_pod["tags"], in_pod["metadata"]))

    until(f"server {server['id']} has no marker in {region}", is_off)


def test_locations_are_listed_moved_and_ended_by_an_operator(
    fresh: Servers, beta: Cloud, operator: AdminApi, ground: Site
) -> None:
    server_id = fresh.boot(beta)["id"]
    (region,) = fresh.holders(server_id)
    elsewhere = next(other for other in ground.regions if other != region)
    listed = operator.read(f"/locations?project_id={beta.project_id}&limit=1000")["locations"]
    assert server_id in [row["id"] for row in listed]

    to = {"pod_id": operator.pods[elsewhere]["pod_id"], "reason": "a test says so"}
    moved = operator.do(f"/locations/{server_id}/move", to)["location"]
    assert (moved["pod_name"], moved["changed_by_hand"]["reason"]) == (elsewhere, "a test says so")
    back = {"pod_id": operator.pods[region]["pod_id"], "reason": "it was there"}
    operator.do(f"/locations/{server_id}/move", back)
    ended = operator.admin.ask("DELETE", f"/v1.0/locations/{server_id}?reason=lost", version="").json()[
        "location"
    ]
    assert ended["ended_at"] is not None

    def lives_again() -> bool:
        assert beta.ask("GET", f"/v2.1/servers/{server_id}").status_code == 200
        return operator.read(f"/locations/{server_id}")["location"]["ended_at"] is None

    until(f"the location of {server_id} lives again, as the server is there", lives_again)
