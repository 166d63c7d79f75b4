"""Keypairs speak each microversion as Nova does, refusals too; the texts are a real Nova's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib import wiring
from local.standin.ids import named_hex
from tests.journeys.test_keypairs import FINGERPRINT, KEYS, ask, user_id

CERTIFICATE_REFUSED = "Keypair data is invalid: failed to generate X509 fingerprint. Error message: "


@pytest.fixture
def mine(served):
    """A user's three keypairs: a, b and c."""
    for name in "abc":
        assert ask(served, "POST", body={"name": name, "public_key": KEYS[0]}).status == 201
    yield served
    for row in ask(served, "GET").body["keypairs"]:
        ask(served, "DELETE", f"/{row['keypair']['name']}")


def test_a_create_shows_what_its_version_knows(mine):
    plain = {"name": "x", "public_key": KEYS[0], "fingerprint": FINGERPRINT, "user_id": user_id(mine)}

    old = ask(mine, "POST", body={"name": "x", "public_key": KEYS[0]}, version="2.1")
    assert (old.status, old.body) == (200, {"keypair": plain})
    assert ask(mine, "DELETE", "/x", version="2.1").status == 202
    typed = ask(mine, "POST", body={"name": "x", "public_key": KEYS[0]}, version="2.2")
    assert (typed.status, typed.body) == (201, {"keypair": {**plain, "type": "ssh"}})
    deleted = ask(mine, "DELETE", "/x", version="2.2")
    assert (deleted.status, deleted.body) == (204, None)


def test_a_show_has_all_details(mine):
    shown = ask(mine, "GET", "/a").body["keypair"]

    assert shown.pop("created_at").endswith(".000000")
    assert 0 < shown.pop("id") < 2**31
    assert shown == {
        "name": "a",
        "public_key": KEYS[0],
        "fingerprint": FINGERPRINT,
        "user_id": user_id(mine),
        "deleted": False,
        "deleted_at": None,
        "updated_at": None,
        "type": "ssh",
    }
    assert "type" not in ask(mine, "GET", "/a", version="2.1").body["keypair"]


def names(answer):
    assert answer.status == 200, answer.body
    return [row["keypair"]["name"] for row in answer.body["keypairs"]]


def test_a_list_has_pages_from_2_35_on(mine):
    assert names(ask(mine, "GET", "?limit=1", version="2.34")) == ["a", "b", "c"]
    first = ask(mine, "GET", "?limit=2")
    assert names(first) == ["a", "b"]
    (link,) = first.body["keypairs_links"]
    assert link == {"rel": "next", "href": "http://gateway.example/v2.1/os-keypairs?limit=2&marker=b"}
    last = ask(mine, "GET", "?limit=2&marker=b")
    assert (names(last), "keypairs_links" in last.body) == (["c"], False)
    assert "keypairs_links" in ask(mine, "GET", "?limit=3").body, "as Nova says when a page is full"
    assert names(ask(mine, "GET", "?limit=0")) == []
    assert names(ask(mine, "GET", "?limit=1&limit=3&user_id=")) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("version", "query", "told"),
    [
        (
            "2.35",
            "?limit=-1",
            "Invalid input for query parameters limit. Value: -1. '-1' does not match '^[0-9]*$'",
        ),
        (
            "2.75",
            "?limit=abc",
            "Invalid input for query parameters limit. Value: abc. 'abc' does not match '^[0-9]*$'",
        ),
        ("2.90", "?marker=nope", "Marker nope could not be found."),
        ("2.75", "?foo=1&bar=2", "Additional properties are not allowed ('bar', 'foo' were unexpected)"),
        ("2.75", "/a?foo=1", "Additional properties are not allowed ('foo' was unexpected)"),
    ],
)
def test_a_bad_query_is_refused(mine, version, query, told):
    refused = ask(mine, "GET", query, version=version)

    assert (refused.status, refused.body) == (400, {"badRequest": {"code": 400, "message": told}})


@pytest.mark.parametrize("query", ["?limit=-1", "/a?foo=1"])
def test_an_older_version_does_not_heed_a_bad_query(mine, query):
    assert ask(mine, "GET", query, version="2.34").status == 200


KEYPAIR = "Invalid input for field/attribute keypair. Value: "
NAME = "Invalid input for field/attribute name. Value: "


@pytest.mark.parametrize(
    ("version", "body", "told"),
    [
        ("2.1", {}, "'keypair' is a required property"),
        ("2.1", [], "[] is not of type 'object'"),
        ("2.1", {"keypair": []}, f"{KEYPAIR}[]. [] is not of type 'object'"),
        ("2.1", {"keypair": {}}, f"{KEYPAIR}{{}}. 'name' is a required property"),
        ("2.1", {"keypair": {"name": 5}}, f"{NAME}5. 5 is not of type 'string'"),
        ("2.1", {"keypair": {"name": ""}}, f"{NAME}. '' should be non-empty"),
        (
            "2.1",
            {"keypair": {"name": " lead"}},
            "An invalid 'name' value was provided. The name must be: printable characters. "
            "Can not start or end with whitespace.",
        ),
        ("2.1", {"keypair": {"name": "key/"}}, rf"{NAME}key/. 'key/' does not match '^[_\\- a-zA-Z0-9]+$'"),
        ("2.91", {"keypair": {"name": "a.b"}}, rf"{NAME}a.b. 'a.b' does not match '^[_\\- a-zA-Z0-9]+$'"),
        (
            "2.92",
            {"keypair": {"name": "a.b!", "public_key": "x"}},
            rf"{NAME}a.b!. 'a.b!' does not match '^[_\\-\\@\\. a-zA-Z0-9]+$'",
        ),
        ("2.1", {"keypair": {"name": "k" * 256}}, f"{NAME}{'k' * 256}. '{'k' * 256}' is too long"),
        (
            "2.92",
            {"keypair": {"name": "a.b@c"}},
            f"{KEYPAIR}{{'name': 'a.b@c'}}. 'public_key' is a required property",
        ),
        (
            "2.92",
            {"keypair": {"name": "a.b", "public_key": "x"}},
            "Keypair data is invalid: failed to generate fingerprint",
        ),
        (
            "2.10",
            {"keypair": {"name": "ab", "type": "dsa"}},
            "Invalid input for field/attribute type. Value: dsa. 'dsa' is not one of ['ssh', 'x509']",
        ),
        (
            "2.1",
            {"keypair": {"name": "ab", "type": "ssh"}},
            f"{KEYPAIR}{{'name': 'ab', 'type': 'ssh'}}. "
            "Additional properties are not allowed ('type' was unexpected)",
        ),
        (
            "2.1",
            {"keypair": {"name": "ab", "public_key": None}},
            "Invalid input for field/attribute public_key. Value: None. None is not of type 'string'",
        ),
        (
            "2.1",
            {"keypair": {"name": "ab"}, "x": 1},
            "Additional properties are not allowed ('x' was unexpected)",
        ),
        (
            "2.10",
            {"keypair": {"name": "ab", "user_id": 7}},
            "Invalid input for field/attribute user_id. Value: 7. 7 is not of type 'string'",
        ),
    ],
)
def test_a_bad_keypair_is_refused_in_novas_words(served, version, body, told):
    refused = served.call("POST", "/v2.1/os-keypairs", body, OpenStack_API_Version=f"compute {version}")

    assert (refused.status, refused.body) == (400, {"badRequest": {"code": 400, "message": told}})


def test_what_is_no_certificate_is_no_x509_key(served):
    refused = ask(served, "POST", body={"name": "ab", "public_key": KEYS[0], "type": "x509"})

    assert refused.status == 400
    assert refused.body["badRequest"]["message"].startswith(CERTIFICATE_REFUSED)


def test_nobody_else_and_nothing_else_is_found(mine):
    for method in ("GET", "DELETE"):
        missing = ask(mine, method, "/nope")
        told = f"Keypair nope not found for user {user_id(mine)}"
        assert (missing.status, missing.body["itemNotFound"]["message"]) == (404, told)
    taken = ask(mine, "POST", body={"name": "a", "public_key": KEYS[1]})
    assert (taken.status, taken.body["conflictingRequest"]["message"]) == (
        409,
        "Key pair 'a' already exists.",
    )
    stranger = ask(mine, "GET", f"/a?user_id={named_hex('nobody')}", user="admin")
    assert stranger.status == 404


def test_a_user_may_have_so_many_and_no_more(mine, monkeypatch):
    keypairs = wiring.services().keypairs
    asked = []

    def three(*ids):
        asked.append(ids)
        return 3

    fewer = replace(wiring.services(), keypairs=replace(keypairs, most_keypairs=three))
    monkeypatch.setattr(wiring, "services", lambda: fewer)

    refused = ask(mine, "POST", body={"name": "x", "public_key": KEYS[0]})

    assert (refused.status, refused.body["forbidden"]["message"]) == (
        403,
        "Quota exceeded, too many key pairs.",
    )
    assert asked == [(user_id(mine), mine.project_id())]


def test_the_legacy_api_forgives_what_it_does_not_know(served):
    made = served.call(
        "POST", "/v2/os-keypairs", {"keypair": {"name": " x ", "public_key": KEYS[0], "extra": 1}}
    )

    assert (made.status, made.body["keypair"]["name"]) == (200, "x")
    assert served.call("DELETE", "/v2/os-keypairs/x").status == 202
