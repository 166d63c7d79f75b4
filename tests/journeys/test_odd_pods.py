"""What one pod or store that misbehaves must not do to a client."""

from __future__ import annotations

import json

import pytest

from chalicelib.model.pod_request import PodReply, PodRequest
from local.standin.script import Trouble
from tests.journeys.conftest import Gateway
from tests.journeys.test_servers import ids_of


@pytest.fixture
def spread(gateway: Gateway) -> list[str]:
    """Four servers over two zones."""
    return [
        gateway.create(f"vm{number}", availability_zone=f"az{number % 2 + 1}").body["server"]["id"]
        for number in range(4)
    ]


def trouble(gateway: Gateway, name: str, **fields: object) -> None:
    gateway.cloud.pod(name).trouble(Trouble(**{"times": 1000, **fields}))  # type: ignore[arg-type]


def test_a_server_that_was_made_is_never_answered_with_an_error(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("AccessDenied")

    monkeypatch.setattr(gateway.stores.locations, "remember", refuse)

    answer = gateway.create()

    assert answer.status == 202
    assert gateway.pod_holding(answer.body["server"]["id"])


def test_all_servers_of_a_multi_create_are_remembered(gateway: Gateway) -> None:
    assert gateway.create("many", min_count=3, max_count=3, availability_zone="az2").status == 202
    gateway.cloud.pod("Pod3").kill()

    listed = gateway.call("GET", "/v2.1/servers/detail").body["servers"]

    assert [server["status"] for server in listed] == ["UNKNOWN"] * 3
    assert sorted(server["name"] for server in listed) == ["many-1", "many-2", "many-3"]


def test_a_found_server_is_remembered_with_its_own_name_and_age(gateway: Gateway, spread: list[str]) -> None:
    listed = gateway.call("GET", "/v2.1/servers/detail").body["servers"]
    (shown,) = (server for server in listed if server["id"] == spread[0])
    gateway.stores.locations._locations.pop(spread[0])  # type: ignore[attr-defined]

    gateway.call("GET", f"/v2.1/servers/{spread[0]}")

    found = gateway.stores.locations.get(spread[0])
    assert found is not None
    assert (found.name, found.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")) == ("vm0", shown["created"])


def test_an_action_that_may_have_arrived_is_not_asked_for_again(gateway: Gateway, spread: list[str]) -> None:
    trouble(gateway, gateway.pod_holding(spread[0]), path="/action$", when="after", reset=True)

    answer = gateway.call("POST", f"/v2.1/servers/{spread[0]}/action", {"createImage": {"name": "i"}})

    assert answer.status == 504
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_a_proxy_says_to_a_create_or_an_action_is_no_invitation_to_do_it_again(
    gateway: Gateway, spread: list[str], status: int
) -> None:
    page = {"status": status, "body": b"<html>", "headers": {"Retry-After": "1"}, "when": "after"}
    for name in gateway.cloud.pods:
        for method in ("POST", "PUT", "DELETE"):
            trouble(gateway, name, method=method, **page)

    before = len(gateway.cloud.pod("Pod3").servers())
    created = gateway.create(availability_zone="az2")
    assert len(gateway.cloud.pod("Pod3").servers()) == before + 1
    changed = [
        gateway.call("POST", f"/v2.1/servers/{spread[0]}/action", {"createImage": {"name": "i"}}),
        gateway.call("PUT", f"/v2.1/servers/{spread[0]}", {"server": {"name": "x"}}),
        gateway.call("DELETE", f"/v2.1/servers/{spread[0]}"),
    ]

    assert created.status == 202  # found by its marker
    for answer in changed:
        assert (answer.status, list(answer.body)) == (504, ["computeFault"])
        assert "retry-after" not in answer.headers
    balance = gateway.stores.claims.read(gateway.pods["Pod3"].pod_id)
    assert balance is not None
    assert balance.claimed.vcpus == len(gateway.cloud.pod("Pod3").servers())


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_proxys_refusal_is_never_a_clients(gateway: Gateway, spread: list[str], status: int) -> None:
    trouble(gateway, gateway.pod_holding(spread[0]), status=status, body=b"<html>")

    for method in ("GET", "DELETE"):
        answer = gateway.call(method, f"/v2.1/servers/{spread[0]}")
        assert (answer.status, list(answer.body)) == (503, ["serviceUnavailable"])
    gateway.cloud.pod(gateway.pod_holding(spread[0])).recover()
    assert gateway.call("GET", f"/v2.1/servers/{spread[0]}").status == 200


def test_novas_own_503_to_a_create_is_the_clients_and_gives_the_room_back(gateway: Gateway) -> None:
    said = {"serviceUnavailable": {"code": 503, "message": "The Keystone service is unavailable."}}
    mark = {"x-openstack-request-id": "req-9"}
    trouble(gateway, "Pod3", method="POST", status=503, body=said, headers=mark)

    answer = gateway.create(availability_zone="az2")

    assert (answer.status, answer.body) == (503, said)
    balance = gateway.stores.claims.read(gateway.pods["Pod3"].pod_id)
    assert balance is not None
    assert balance.claimed.vcpus == 0


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_a_pod_that_answers_for_itself_leaves_the_others_lists_alone(
    gateway: Gateway, spread: list[str], status: int
) -> None:
    trouble(gateway, "Pod3", path="/servers", status=status, body={"x": 1})

    assert sorted(ids_of(gateway.call("GET", "/v2.1/servers"))) == sorted(spread)


@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/flavors", "/v2.1/flavors/detail"])
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"servers": [{}], "flavors": [{}]}'])
def test_a_pod_that_talks_nonsense_leaves_lists_alone(gateway: Gateway, path: str, body: bytes) -> None:
    trouble(gateway, "Pod3", path="/(servers|flavors)", status=200, body=body)

    answer = gateway.call("GET", path)

    assert answer.status == 200
    assert path.endswith("servers") or answer.body["flavors"]


def test_paging_goes_on_behind_a_load_balancer_that_answers_for_a_dead_pod(
    gateway: Gateway, spread: list[str]
) -> None:
    trouble(gateway, "Pod3", path="/servers", status=503, body=b"<html>")
    found: list[str] = []
    while page := ids_of(
        gateway.call("GET", "/v2.1/servers?limit=1" + (f"&marker={found[-1]}" if found else ""))
    ):
        found += page
        assert len(found) == len(set(found)), "a page repeats what an earlier one had"

    assert sorted(found) == sorted(spread)


def test_without_a_zone_a_dead_pod_diverts_and_makes_no_second_binding(gateway: Gateway) -> None:
    first = gateway.pod_holding(gateway.create().body["server"]["id"])
    gateway.cloud.pod(first).kill()
    for name in gateway.cloud.pods:
        if gateway.pods[name].az_name == gateway.pods[first].az_name and name != first:
            gateway.cloud.pod(name).kill()

    answer = gateway.create()

    assert answer.status == 202, answer.body
    bindings = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    assert [binding["pod_id"] for binding in bindings] == [gateway.pods[first].pod_id]
    kept = gateway.call("GET", "/v1.0/decisions", user="admin").body["decisions"]
    *attempts, created = [(decision["action"], decision["attempt"]) for decision in kept]
    assert created == ("create", 1)
    # All are of one moment, and the last attempt is the first of the list.
    assert [attempt for _, attempt in attempts] == [*range(len(attempts), 0, -1)]
    assert attempts[0][0] == "divert"
    request = gateway.call("GET", f"/v1.0/decisions?request_id={kept[0]['request_id']}", user="admin").body
    assert [decision["decision_id"] for decision in request["decisions"]] == [
        decision["decision_id"] for decision in kept[:-1]
    ]


@pytest.mark.parametrize("digits", ["9" * 5000, "٣"])
def test_absurd_numbers_are_the_clients_mistake(gateway: Gateway, digits: str) -> None:
    for path in (f"/v2.1/servers?limit={digits}", f"/v2.1/flavors?limit={digits}"):
        assert gateway.call("GET", path).status == 400
    assert gateway.call("GET", f"/v1.0/pods?limit={digits}", user="admin").status == 400
    assert gateway.create(max_count=digits).status == 400


def test_a_zone_of_null_asks_for_none(gateway: Gateway) -> None:
    server_id = gateway.create(availability_zone=None).body["server"]["id"]

    pod = gateway.cloud.pod(gateway.pod_holding(server_id))
    (received,) = pod.journal.entries("POST", "/servers$")
    assert "availability_zone" not in json.loads(received.body)["server"]


def test_what_another_pod_holds_is_neither_listed_twice_nor_taken_over(
    gateway: Gateway, spread: list[str]
) -> None:
    theirs = next(server_id for server_id in spread if gateway.pod_holding(server_id) != "Pod3")
    (row,) = (
        row for row in gateway.call("GET", "/v2.1/servers/detail").body["servers"] if row["id"] == theirs
    )
    claimed = {"servers": [{**row, "name": "h0stile"}]}
    trouble(gateway, "Pod3", path="/servers", status=200, body=claimed)

    for path in ("/v2.1/servers", "/v2.1/servers/detail"):
        listed = gateway.call("GET", path).body["servers"]
        assert [row["name"] for row in listed if row["id"] == theirs] == [row["name"]]
    assert gateway.pod_holding(theirs) != "Pod3"
    assert gateway.call("GET", f"/v2.1/servers/{theirs}").body["server"]["name"] == row["name"]


def test_a_pod_that_says_it_speaks_no_known_version_takes_none_from_all_clients(gateway: Gateway) -> None:
    document = {"version": {"id": "v2.1", "min_version": "2.500", "version": "2.500"}}
    trouble(gateway, "Pod3", path="/compute/v2.1/?$", status=200, body=document)

    gateway.refresh()

    asked = {"OpenStack-API-Version": "compute 2.90"}
    assert gateway.call("GET", "/v2.1/servers", **asked).status == 200


def test_what_travels_is_not_shown_by_mistake() -> None:
    request = PodRequest("POST", "/servers", body=b"hunter2", token="gAAAA")
    assert "hunter2" not in repr(request)
    assert "gAAAA" not in repr(request)
    assert "hunter2" not in repr(PodReply(202, {}, b"hunter2"))
