"""Servers that the gateway lost sight of, by HTTP: a list finds them, the refresh and the reconciler do."""

from __future__ import annotations

from chalicelib import wiring


def forget_all(gateway) -> None:
    """Leave the stores as a process does that was killed once the pod had the create."""
    gateway.stores.locations._locations.clear()


def test_a_server_whose_create_was_killed_is_located_by_the_next_list(gateway):
    server_id = gateway.create().body["server"]["id"]
    forget_all(gateway)

    assert gateway.stores.locations.get(server_id) is None
    listed = gateway.call("GET", "/v2.1/servers").body["servers"]
    assert [row["id"] for row in listed] == [server_id]
    assert (
        gateway.stores.locations.get(server_id).pod_id == gateway.pods[gateway.pod_holding(server_id)].pod_id
    )


def test_a_server_that_is_deleted_in_its_pod_ends_its_location_by_the_second_refresh(gateway):
    server_id = gateway.create().body["server"]["id"]
    state = gateway.cloud.pods[gateway.pod_holding(server_id)]
    delete_behind_our_back(gateway, state, server_id)
    for _ in range(2):
        gateway.refresh()

    assert gateway.stores.locations.get(server_id).ended_at is not None
    assert gateway.call("GET", f"/v2.1/servers/{server_id}").status == 404


def delete_behind_our_back(gateway, pod, server_id) -> None:
    with pod.nova.lock:
        pod.nova.delete(pod.nova.servers[server_id])


def test_a_marker_is_off_a_server_once_its_create_is_done(gateway):
    server_id = gateway.create().body["server"]["id"]
    for _ in range(2):
        gateway.refresh()
    wiring.services().reconciling.run()

    (server,) = [s for pod in gateway.cloud.pods.values() for s in pod.servers() if s.id == server_id]
    assert (list(server.tags), dict(server.metadata)) == ([], {})
