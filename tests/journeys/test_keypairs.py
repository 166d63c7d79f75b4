"""Keypairs are a user's in all pods: made once, imported where a server needs them, gone everywhere."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.request import Request, urlopen

import pytest

from chalicelib import wiring
from local.standin.script import Trouble
from tests.journeys.conftest import IMAGE

KEYS = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFlr3hSFZxUklShiIZsRe9Nwatn4aXQFlGgQyGdwVCGE me@host",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEqggv7NcDoe+tjzy3qiMwwN0zOeki1LtZKnNMETXHj/ me@home",
)
FINGERPRINT = "07:27:26:56:2d:48:bb:e5:04:cb:9a:92:cf:9c:c2:0a"


def ask(gateway, method, path="", body=None, user="alpha", version="2.90"):
    asked = {"keypair": body} if body is not None else None
    headers = {"OpenStack_API_Version": f"compute {version}"}
    return gateway.call(method, f"/v2.1/os-keypairs{path}", asked, user=user, **headers)


def user_id(gateway, name="alpha"):
    return gateway.cloud.token_for(name).user_id


def inside(gateway, pod_name, name="mine", user="alpha"):
    """The key that a pod really has under a name."""
    return gateway.cloud.pods[pod_name].nova.keypairs.get((user_id(gateway, user), name))


def give_to_pod(gateway, pod_name, name, key, user="alpha"):
    """Import a key into a pod directly, as a user did before us or behind our back."""
    pod = gateway.cloud.pods[pod_name]
    request = json.dumps({"keypair": {"name": name, "public_key": key}}).encode()
    token = gateway.cloud.token_for(user).id
    headers = {"X-Auth-Token": token, "Content-Type": "application/json"}
    answer = urlopen(Request(f"{pod.endpoints['compute']}/os-keypairs", request, headers, method="POST"))
    assert answer.status == 200


def clean_up(gateway):
    return wiring.services().keypair_clean_up.run()


def asked_about_keys(gateway):
    """What the pods were asked about keypairs, as ``POST Pod1``."""
    entries = [
        (name, e) for name, pod in gateway.cloud.pods.items() for e in pod.journal.entries(path="os-keypairs")
    ]
    return [f"{entry.method} {name}" for name, entry in sorted(entries, key=lambda each: each[1].at)]


def forget_what_was_asked(gateway):
    for pod in gateway.cloud.pods.values():
        pod.journal.clear()


def test_an_imported_key_needs_no_pod_and_has_novas_fingerprint(gateway):
    for pod in gateway.cloud.pods.values():
        pod.kill()

    made = ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})

    assert made.status == 201
    assert made.body["keypair"] == {
        "name": "mine",
        "public_key": KEYS[0],
        "fingerprint": FINGERPRINT,
        "type": "ssh",
        "user_id": user_id(gateway),
    }
    assert ask(gateway, "GET", "/mine").body["keypair"]["fingerprint"] == FINGERPRINT


def test_a_keypair_without_a_public_key_is_made_by_one_pod_and_its_private_half_is_not_kept(gateway):
    made = ask(gateway, "POST", body={"name": "mine"})

    private_key = made.body["keypair"]["private_key"]
    assert made.status == 201
    assert "PRIVATE KEY" in private_key
    assert [name for name in gateway.cloud.pods if inside(gateway, name)] == ["Pod1"]
    shown = ask(gateway, "GET", "/mine").body["keypair"]
    assert shown["public_key"] == inside(gateway, "Pod1")["public_key"]
    assert "private_key" not in shown
    assert private_key not in repr(gateway.stores.keypairs.of_user(user_id(gateway)))
    assert "PRIVATE" not in str(vars(gateway.stores.keypairs))


@pytest.mark.parametrize("key_type", ["ssh", "x509"])
def test_a_made_keypair_is_imported_elsewhere_with_its_type(gateway, key_type):
    ask(gateway, "POST", body={"name": "mine", "type": key_type})

    assert gateway.create(availability_zone="az2", key_name="mine").status == 202

    first, other = inside(gateway, "Pod1"), inside(gateway, "Pod3")
    assert (other["type"], other["fingerprint"]) == (key_type, first["fingerprint"])


def test_a_server_gets_the_key_in_whichever_pod_it_is_made_and_the_pod_is_asked_once(gateway):
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})
    forget_what_was_asked(gateway)

    for zone in ("az1", "az2", "az2"):
        created = gateway.create(availability_zone=zone, key_name="mine")
        assert created.status == 202, created.body
        shown = gateway.call("GET", f"/v2.1/servers/{created.body['server']['id']}").body["server"]
        assert shown["key_name"] == "mine"

    holders = [name for name in gateway.cloud.pods if inside(gateway, name)]
    assert len(holders) == 2
    assert sorted(asked_about_keys(gateway)) == sorted(
        f"{verb} {name}" for name in holders for verb in ("GET", "POST")
    )


def test_a_create_with_an_unknown_key_is_refused_in_novas_words_and_binds_nothing(gateway):
    refused = gateway.create(key_name="nobody's")

    assert (refused.status, refused.body["badRequest"]["message"]) == (400, "Invalid key_name provided.")
    assert gateway.stores.decisions.list() == []


def test_a_renamed_twin_is_replaced_where_a_server_needs_it(gateway):
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})
    gateway.create(availability_zone="az2", key_name="mine")
    ask(gateway, "DELETE", "/mine")
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[1]})

    assert gateway.create(availability_zone="az2", key_name="mine").status == 202

    assert inside(gateway, "Pod3")["public_key"] == KEYS[1]
    assert clean_up(gateway).cleaned == 0, "nothing is left to clean"
    assert inside(gateway, "Pod3")["public_key"] == KEYS[1]


def test_a_deleted_keypair_is_gone_at_once_and_from_the_pods_after_the_clean_up(gateway):
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})
    for zone in ("az1", "az2"):
        gateway.create(availability_zone=zone, key_name="mine")

    assert ask(gateway, "DELETE", "/mine").status == 204

    assert ask(gateway, "GET", "/mine").status == 404
    assert ask(gateway, "GET").body == {"keypairs": []}
    assert ask(gateway, "DELETE", "/mine").status == 404
    assert gateway.create(key_name="mine").status == 400, "though a pod still has it"
    assert clean_up(gateway).cleaned == 1
    assert not any(inside(gateway, name) for name in gateway.cloud.pods)


def test_a_pod_that_is_down_is_cleaned_when_it_is_back(gateway):
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})
    gateway.create(availability_zone="az2", key_name="mine")
    gateway.cloud.pod("Pod3").kill()
    ask(gateway, "DELETE", "/mine")

    assert (clean_up(gateway).postponed, bool(inside(gateway, "Pod3"))) == (1, True)
    assert clean_up(gateway).postponed == 0, "it isn't tried all the time"
    kept = gateway.stores.keypairs.get(user_id(gateway), "mine")
    gateway.stores.keypairs.put(replace(kept, clean_at=kept.created_at))
    gateway.cloud.pod("Pod3").start()
    assert clean_up(gateway).cleaned == 1
    assert inside(gateway, "Pod3") is None


def test_a_pod_that_lost_a_key_gets_it_again_while_the_create_waits(gateway):
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})
    gateway.create(availability_zone="az2", key_name="mine")
    gateway.cloud.pods["Pod3"].nova.keypairs.clear()

    assert gateway.create(availability_zone="az2", key_name="mine").status == 202
    assert inside(gateway, "Pod3")["public_key"] == KEYS[0]


def test_a_pod_that_can_not_be_given_the_key_is_passed_over(gateway):
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})
    first = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])
    gateway.cloud.pod(first).trouble(Trouble(path="os-keypairs", when="after", reset=True, times=100))

    created = gateway.create(availability_zone="az1", key_name="mine")

    assert created.status == 202, created.body
    assert gateway.pod_holding(created.body["server"]["id"]) != first


def test_a_rebuild_gets_the_key_that_it_names(gateway):
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})
    server_id = gateway.create(availability_zone="az2").body["server"]["id"]

    def rebuild(key_name, version="2.90"):
        body = {"rebuild": {"imageRef": IMAGE, "key_name": key_name}}
        return gateway.call(
            "POST", f"/v2.1/servers/{server_id}/action", body, OpenStack_API_Version=f"compute {version}"
        )

    assert rebuild("mine").status == 202
    assert inside(gateway, "Pod3")["public_key"] == KEYS[0]
    gateway.cloud.pods["Pod3"].nova.keypairs.clear()
    assert rebuild("mine").body["server"]["key_name"] == "mine"
    refused = rebuild("other")
    assert (refused.status, refused.body["badRequest"]["message"]) == (400, "Invalid key_name provided.")
    assert rebuild(None).body["server"]["key_name"] is None


def test_what_a_user_had_in_the_pods_before_is_listed_shown_and_used(gateway):
    give_to_pod(gateway, "Pod2", "old", KEYS[0])
    give_to_pod(gateway, "Pod3", "older", KEYS[1])

    assert gateway.create(availability_zone="az2", key_name="old").status == 202
    assert ask(gateway, "GET", "/older").body["keypair"]["public_key"] == KEYS[1]
    listed = [row["keypair"]["name"] for row in ask(gateway, "GET").body["keypairs"]]
    assert listed == ["old", "older"]
    assert inside(gateway, "Pod3", "old")["public_key"] == KEYS[0]
    taken = ask(gateway, "POST", body={"name": "old", "public_key": KEYS[1]})
    assert taken.status == 409


def test_a_first_list_adopts_and_later_ones_ask_nobody(gateway):
    give_to_pod(gateway, "Pod2", "old", KEYS[0])
    ask(gateway, "GET")
    forget_what_was_asked(gateway)

    assert len(ask(gateway, "GET").body["keypairs"]) == 1
    assert ask(gateway, "GET", "/none").status == 404
    assert asked_about_keys(gateway) == []


def test_of_two_pods_with_different_keys_the_older_ones_counts_and_none_is_destroyed_unasked(gateway):
    give_to_pod(gateway, "Pod2", "mine", KEYS[0])
    give_to_pod(gateway, "Pod3", "mine", KEYS[1])

    assert ask(gateway, "GET", "/mine").body["keypair"]["public_key"] == KEYS[0]
    assert inside(gateway, "Pod3")["public_key"] == KEYS[1]
    gateway.create(availability_zone="az2", key_name="mine")
    assert inside(gateway, "Pod3")["public_key"] == KEYS[0]


def test_while_a_pod_is_down_that_may_have_keypairs_nobody_hears_that_there_is_none(gateway):
    give_to_pod(gateway, "Pod3", "old", KEYS[0])
    gateway.cloud.pod("Pod3").kill()

    listed = ask(gateway, "GET")
    assert (listed.body, listed.headers["x-trio2o-partial"]) == ({"keypairs": []}, "az2")
    assert ask(gateway, "GET", "/old").status == 503
    assert gateway.create(key_name="old").status == 503
    gateway.cloud.pod("Pod3").start()
    assert ask(gateway, "GET", "/old").status == 200
    assert "x-trio2o-partial" not in ask(gateway, "GET").headers


def test_a_pod_that_still_has_a_deleted_key_makes_a_new_one_all_the_same(gateway):
    first = ask(gateway, "POST", body={"name": "mine"}).body["keypair"]
    ask(gateway, "DELETE", "/mine")

    again = ask(gateway, "POST", body={"name": "mine"})

    assert again.status == 201
    assert again.body["keypair"]["fingerprint"] != first["fingerprint"]
    assert inside(gateway, "Pod1")["fingerprint"] == again.body["keypair"]["fingerprint"]
    clean_up(gateway)
    assert inside(gateway, "Pod1")["fingerprint"] == again.body["keypair"]["fingerprint"]


def test_a_key_that_a_pod_may_have_made_is_not_made_twice_and_is_cleaned_up(gateway):
    gateway.cloud.pod("Pod1").trouble(Trouble(path="os-keypairs", method="POST", when="after", reset=True))

    answer = ask(gateway, "POST", body={"name": "mine"})

    assert answer.status == 504
    assert [name for name in gateway.cloud.pods if inside(gateway, name)] == ["Pod1"]
    assert ask(gateway, "GET", "/mine").status == 404
    assert clean_up(gateway).cleaned == 1
    assert inside(gateway, "Pod1") is None


def test_a_pods_full_quota_of_keypairs_is_that_pods_own(gateway):
    gateway.cloud.pods["Pod1"].nova.quota.key_pairs = 0

    assert ask(gateway, "POST", body={"name": "mine"}).status == 201
    assert [name for name in gateway.cloud.pods if inside(gateway, name)] == ["Pod2"]


def test_keypairs_are_a_users_own_but_for_admins(gateway):
    ask(gateway, "POST", body={"name": "mine", "public_key": KEYS[0]})
    owner = user_id(gateway)

    for method, path, rule in (("GET", "", "index"), ("GET", "/mine", "show"), ("DELETE", "/mine", "delete")):
        refused = ask(gateway, method, f"{path}?user_id={owner}", user="beta")
        told = f"Policy doesn't allow os_compute_api:os-keypairs:{rule} to be performed."
        assert (refused.status, refused.body["forbidden"]["message"]) == (403, told)
    refused = ask(gateway, "POST", body={"name": "x", "user_id": owner}, user="beta")
    assert refused.status == 403
    assert ask(gateway, "GET", "/mine", user="beta").status == 404
    assert ask(gateway, "GET", f"/mine?user_id={owner}", user="admin").status == 200
    assert ask(gateway, "GET", f"/mine?user_id={owner}", user="admin", version="2.9").status == 404
    made = ask(gateway, "POST", body={"name": "theirs", "user_id": owner}, user="admin")
    assert (made.status, made.body["keypair"]["user_id"]) == (201, owner)
    assert [r["keypair"]["name"] for r in ask(gateway, "GET").body["keypairs"]] == ["mine", "theirs"]
    assert ask(gateway, "DELETE", f"/theirs?user_id={owner}", user="admin").status == 204


def test_a_reader_may_have_keypairs_as_in_nova(gateway):
    made = ask(gateway, "POST", body={"name": "mine"}, user="alpha-reader")

    assert made.status == 201
    assert ask(gateway, "DELETE", "/mine", user="alpha-reader").status == 204
