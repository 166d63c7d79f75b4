"""Who is let in, and what the others are told."""

from __future__ import annotations

import pytest

from local.standin.identity import Token
from tests.journeys.conftest import IMAGE, Gateway

SERVERS = "/v2.1/servers"


@pytest.mark.parametrize("token", ["", "made-up", "x" * 20_000, "bad\ttoken"])
def test_without_a_valid_token_a_client_is_sent_to_keystone(gateway: Gateway, token: str) -> None:
    answer = gateway.call("GET", SERVERS, user="", **({"X-Auth-Token": token} if token else {}))

    assert answer.status == 401
    assert answer.body["error"]["code"] == 401
    assert answer.body["error"]["title"] == "Unauthorized"
    assert answer.headers["www-authenticate"].startswith('Keystone uri="http')


def test_a_reader_reads_and_a_member_writes_and_only_an_admin_administers(gateway: Gateway) -> None:
    server_id = gateway.create().body["server"]["id"]

    assert gateway.call("GET", SERVERS, user="alpha-reader").status == 200
    for method, path in (
        ("POST", SERVERS),
        ("DELETE", f"{SERVERS}/{server_id}"),
        ("POST", f"{SERVERS}/{server_id}/action"),
    ):
        refused = gateway.call(method, path, {"os-stop": None}, user="alpha-reader")
        assert (refused.status, list(refused.body)) == (403, ["forbidden"])
    for user in ("alpha", "alpha-reader"):
        refused = gateway.call("GET", "/v1.0/pods", user=user)
        assert (refused.status, refused.body["error"]["code"]) == (403, 403)


def test_only_a_token_of_a_project_will_do(gateway: Gateway) -> None:
    cloud = gateway.cloud
    now = cloud.clock.now()
    alpha = cloud.keystone.find_user("alpha")
    assert alpha is not None
    unscoped = cloud.keystone.issue(Token("", alpha.id, ("password",), (), now, now, ""))

    answer = gateway.call("GET", SERVERS, user="", **{"X-Auth-Token": unscoped.id})

    assert answer.status in (401, 403)


def test_when_keystone_is_down_nobody_is_called_unauthorized(gateway: Gateway) -> None:
    token = gateway.cloud.token_for("beta").id
    gateway.cloud.keystone_site.kill()

    answer = gateway.call("GET", SERVERS, user="", **{"X-Auth-Token": token})

    assert (answer.status, list(answer.body)) == (503, ["serviceUnavailable"])
    assert answer.headers["retry-after"]


def test_the_project_in_the_url_is_the_tokens_own(gateway: Gateway) -> None:
    own, other = gateway.project_id("alpha"), gateway.project_id("beta")

    assert gateway.call("GET", f"/v2.1/{own}/servers").status == 200
    refused = gateway.call("GET", f"/v2.1/{other}/servers")
    assert (refused.status, list(refused.body)) == (400, ["badRequest"])
    assert "doesn't match" in refused.body["badRequest"]["message"]


def test_identity_headers_of_a_client_never_reach_a_pod(gateway: Gateway) -> None:
    server_id = gateway.create().body["server"]["id"]
    pod = gateway.cloud.pod(gateway.pod_holding(server_id))
    pod.journal.clear()

    forged = {"X-Service-Token": "s", "X-Roles": "admin", "X-Project-Id": "p", "Cookie": "c=1"}
    assert gateway.call("GET", f"{SERVERS}/{server_id}", **forged).status == 200

    (received,) = pod.journal.entries("GET", f"/servers/{server_id}$")
    assert {"x-service-token", "x-roles", "x-project-id", "cookie"}.isdisjoint(
        name.lower() for name in received.headers
    )


def test_secrets_never_reach_the_log_or_the_stores(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    token = gateway.cloud.token_for("alpha").id
    order = {
        "name": "x",
        "flavorRef": "1",
        "imageRef": IMAGE,
        "user_data": "c2VjcmV0LWRhdGE=",
        "adminPass": "Gehe1m",
    }

    answer = gateway.call("POST", SERVERS, {"server": order}, user="", **{"X-Auth-Token": token})

    assert answer.status == 202
    seen = capsys.readouterr()
    log = seen.out + seen.err
    assert answer.headers["x-trio2o-request-id"] in log
    kept = repr(vars(gateway.stores.decisions)) + repr(vars(gateway.stores.locations))
    for secret in (token, "c2VjcmV0LWRhdGE=", "Gehe1m", answer.body["server"]["adminPass"]):
        assert secret not in log
        assert secret not in kept
