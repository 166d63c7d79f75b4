"""Why is my server where it is? A tenant asks, and an operator."""

from __future__ import annotations

import json

from tests.journeys.conftest import Gateway

NO_ONES_BUSINESS = ("Pod1", "Pod2", "Pod3", "pod_id", "score", "weight", "%")


def explained(gateway: Gateway, server_id: str, user: str = "alpha", query: str = "") -> tuple[int, str]:
    """Status and raw body, since the text form isn't JSON."""
    headers = {"X-Auth-Token": gateway.cloud.token_for(user).id}
    path = f"/v2.1/servers/{server_id}/trio2o-decision{query}"
    reply = gateway.http.http.request("GET", path, headers=headers, body=b"")
    return reply.status_code, reply.body.decode()


def test_a_tenant_sees_action_zone_counts_and_reasons_and_nothing_of_pods(gateway: Gateway) -> None:
    first = gateway.create(availability_zone="az1").body["server"]["id"]
    gateway.cloud.pod(gateway.pod_holding(first)).fill()
    gateway.refresh()
    second = gateway.create(availability_zone="az1").body["server"]["id"]

    status, body = explained(gateway, second)

    assert status == 200
    view = json.loads(body)["trio2o_decision"]
    assert (view["action"], view["availability_zone"], view["pods_eligible"]) == ("update", "az1", 1)
    capacity = next(row for row in view["pods_rejected"] if row["filter"] == "capacity")
    assert capacity == {"filter": "capacity", "count": 1, "reason": "has not enough room"}
    told = explained(gateway, second, query="?format=text")[1]
    assert told.startswith("UPDATE  your new servers now go to another place")
    for secret in (*NO_ONES_BUSINESS, *(pod.pod_id for pod in gateway.pods.values())):
        assert secret not in body + told
    assert json.loads(explained(gateway, first)[1])["trio2o_decision"]["action"] == "create"


def test_anothers_server_and_one_that_never_was_are_not_found_as_by_nova(gateway: Gateway) -> None:
    server_id = gateway.create().body["server"]["id"]

    for user, asked in (("beta", server_id), ("alpha", "0b2b3c4d-0000-4000-8000-000000000000")):
        status, body = explained(gateway, asked, user)
        assert (status, list(json.loads(body))) == (404, ["itemNotFound"])
    assert explained(gateway, server_id, query="?format=xml")[0] == 400


def test_all_servers_of_a_multi_create_lead_to_its_decision(gateway: Gateway) -> None:
    gateway.create("lonely", availability_zone="az1")
    created = gateway.create("fleet", max_count=3, availability_zone="az1")
    servers = gateway.call("GET", "/v2.1/servers?name=fleet").body["servers"]

    assert len(servers) == 3
    rows = [
        gateway.call("GET", f"/v1.0/decisions?server_id={server['id']}", user="admin").body["decisions"][0]
        for server in servers
    ]
    assert len({row["decision_id"] for row in rows}) == 1
    assert rows[0]["request_id"] == created.headers["x-trio2o-request-id"]
    named = {gateway.stores.locations.get(server["id"]).decision_id for server in servers}
    assert named == {rows[0]["decision_id"]}


def test_a_multi_create_takes_no_other_server_for_its_own(gateway: Gateway) -> None:
    lonely = gateway.create("lonely", availability_zone="az1").body["server"]["id"]
    gateway.stores.locations._locations.clear()
    gateway.create("fleet", max_count=2, availability_zone="az1")

    assert gateway.stores.locations.get(lonely) is None
    assert gateway.call("GET", f"/v2.1/servers/{lonely}").status == 200
    found = gateway.stores.locations.get(lonely)
    assert (found.decision_id, found.share) == ("", None)


def test_a_zones_profile_decides_about_the_very_next_create(gateway: Gateway) -> None:
    assert gateway.create(availability_zone="az1").status == 202
    closed = {"profile": {"version": 0, "bind_watermark": 0.0, "keep_watermark": 0.001}}
    written = gateway.call("PUT", "/v1.0/profiles/zone:az1", closed, user="admin")
    assert written.status == 200, written.body

    assert gateway.create(availability_zone="az1").status == 409
    assert gateway.create(availability_zone="az2").status == 202


def test_an_operator_finds_a_create_by_server_request_or_project(gateway: Gateway) -> None:
    created = gateway.create()
    server_id, request_id = created.body["server"]["id"], created.headers["x-trio2o-request-id"]
    gateway.call("DELETE", f"/v2.1/servers/{server_id}")

    queries = (f"server_id={server_id}", f"request_id={request_id}", f"project_id={gateway.project_id()}")
    found = [
        gateway.call("GET", f"/v1.0/decisions?{query}", user="admin").body["decisions"] for query in queries
    ]

    assert found[0] == found[1] == found[2]
    assert found[0][0]["request_id"] == request_id
