import json
from datetime import timedelta
from threading import Thread

import pytest

from chalicelib.adapters.keystone.tokens import MAX_TOKEN_LENGTH, KeystoneTokenValidator
from chalicelib.adapters.openstack.wire import WireError
from chalicelib.model.errors import Forbidden, KeystoneUnavailable, Unauthenticated
from chalicelib.model.identity import Identity, Role
from chalicelib.model.pod_request import PodReply
from tests.builders import NOW


def a_token(minutes=60, **fields):
    """A member's token for a project as Keystone describes it; it expires in an hour."""
    return {
        "user": {"id": "u1", "name": "alice", "domain": {"id": "default"}},
        "project": {"id": "p1", "name": "alpha", "domain": {"id": "default"}},
        "roles": [{"id": "1", "name": "Member"}, {"id": "2", "name": "reader"}],
        "expires_at": f"{NOW + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}.000000Z",
        **fields,
    }


def without(name, **fields):
    return {key: value for key, value in a_token(**fields).items() if key != name}


class Keystone:
    """Stands for the wire to a Keystone that always gives the same answer."""

    def __init__(self, answer=None, status=200):
        self.answer, self.status, self.asked = answer or {"token": a_token()}, status, []

    def call(self, method, url, headers, **limits):
        self.asked.append((method, url, dict(headers)))
        if isinstance(self.answer, Exception):
            raise self.answer
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return PodReply(self.status, {}, body)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def validator(keystone, clock=None, **limits):
    return KeystoneTokenValidator(keystone, "http://keystone/v3/", clock or Clock(), **limits)


def test_a_project_scoped_token_is_its_owners():
    identity = validator(Keystone()).validate("token")
    expires_at = NOW + timedelta(hours=1)
    assert identity == Identity("u1", "p1", frozenset({"member", "reader"}), expires_at)
    assert identity.role is Role.MEMBER


def test_the_token_is_validated_with_itself():
    keystone = Keystone()
    validator(keystone).validate("token")
    ((method, url, headers),) = keystone.asked
    assert (method, url) == ("GET", "http://keystone/v3/auth/tokens?nocatalog")
    assert headers["X-Auth-Token"] == headers["X-Subject-Token"] == "token"


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_token_that_keystone_doesnt_know_is_unauthenticated(status):
    with pytest.raises(Unauthenticated):
        validator(Keystone({"error": {}}, status)).validate("token")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_a_proxy_in_front_of_keystone_says_is_nothing_about_a_token(status):
    with pytest.raises(KeystoneUnavailable):
        validator(Keystone(b"<html>", status)).validate("token")


def test_an_expired_token_is_unauthenticated_whatever_keystone_says():
    with pytest.raises(Unauthenticated, match="expired"):
        validator(Keystone({"token": a_token(minutes=0)})).validate("token")


def test_an_unscoped_token_is_unauthenticated():
    with pytest.raises(Unauthenticated, match="scope"):
        validator(Keystone({"token": without("project")})).validate("token")


@pytest.mark.parametrize("scope", [{"domain": {"id": "default"}}, {"system": {"all": True}}])
def test_a_token_of_a_domain_or_the_system_is_forbidden(scope):
    with pytest.raises(Forbidden, match="scope it to a project"):
        validator(Keystone({"token": {**without("project"), **scope}})).validate("token")


def test_a_token_with_access_rules_is_forbidden_and_one_without_is_fine():
    rules = [{"path": "/v2.1/servers", "method": "GET", "service": "compute"}]
    keystone = Keystone({"token": a_token(application_credential={"id": "a", "access_rules": rules})})
    with pytest.raises(Forbidden, match="access rules"):
        validator(keystone).validate("token")
    assert keystone.asked[0][2]["OpenStack-Identity-Access-Rules"]

    plain = Keystone({"token": a_token(application_credential={"id": "a", "restricted": True})})
    assert validator(plain).validate("token").user_id == "u1"


@pytest.mark.parametrize("rules", [[], {}, "", 0, False, "GET /v2.1/servers", [None]])
def test_access_rules_that_allow_nothing_or_that_we_can_not_read_let_nobody_in(rules):
    keystone = Keystone({"token": a_token(application_credential={"id": "a", "access_rules": rules})})
    with pytest.raises(Forbidden, match="access rules"):
        validator(keystone).validate("token")


@pytest.mark.parametrize("credential", [["access_rules"], "restricted", 1])
def test_a_credential_that_we_can_not_read_lets_nobody_in(credential):
    with pytest.raises(Forbidden):
        validator(Keystone({"token": a_token(application_credential=credential)})).validate("token")


@pytest.mark.parametrize("scope", [{"domain": {"id": "default"}}, {"system": {"all": True}}])
def test_a_scope_beside_a_projects_lets_nobody_in(scope):
    with pytest.raises(Forbidden, match="scope it to a project"):
        validator(Keystone({"token": {**a_token(), **scope}})).validate("token")


@pytest.mark.parametrize("status", [301, 429, 500, 503])
def test_a_keystone_in_trouble_is_unavailable(status):
    with pytest.raises(KeystoneUnavailable):
        validator(Keystone(status=status)).validate("token")


def test_a_keystone_that_doesnt_answer_is_unavailable():
    with pytest.raises(KeystoneUnavailable):
        validator(Keystone(WireError("refused", sent=False))).validate("token")


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        {"x": 1},
        {"token": []},
        {"token": without("user")},
        {"token": without("expires_at")},
        {"token": a_token(expires_at="soon")},
        {"token": a_token(roles=[1])},
    ],
)
def test_an_answer_that_is_no_token_is_no_reason_to_let_anyone_in(answer):
    with pytest.raises(KeystoneUnavailable):
        validator(Keystone(answer)).validate("token")


@pytest.mark.parametrize(
    "text", ["", "a\r\nX-Role: admin", "a b", "a\x00", "é", "a" * (MAX_TOKEN_LENGTH + 1)]
)
def test_text_that_can_be_no_token_never_reaches_keystone(text):
    keystone = Keystone()
    with pytest.raises(Unauthenticated):
        validator(keystone).validate(text)
    assert keystone.asked == []


def test_a_validated_token_is_not_asked_about_for_a_minute():
    keystone, clock = Keystone(), Clock()
    known = validator(keystone, clock)
    known.validate("token")
    clock.now += timedelta(seconds=59)
    known.validate("token")
    assert len(keystone.asked) == 1
    clock.now += timedelta(seconds=1)
    known.validate("token")
    assert len(keystone.asked) == 2


def test_a_token_is_kept_no_longer_than_it_lives():
    keystone, clock = Keystone({"token": a_token(minutes=0.5)}), Clock()
    known = validator(keystone, clock)
    known.validate("token")
    clock.now += timedelta(seconds=30)
    with pytest.raises(Unauthenticated):
        known.validate("token")


def test_a_refusal_is_forgotten_at_once():
    keystone = Keystone({"error": {}}, 404)
    known = validator(keystone)
    with pytest.raises(Unauthenticated):
        known.validate("token")
    keystone.answer, keystone.status = {"token": a_token()}, 200
    assert known.validate("token").user_id == "u1"


def test_one_token_doesnt_open_the_door_for_another():
    keystone = Keystone()
    known = validator(keystone)
    known.validate("token")
    keystone.status = 404
    with pytest.raises(Unauthenticated):
        known.validate("token2")


def test_the_least_lately_used_token_leaves_a_full_cache():
    keystone = Keystone()
    known = validator(keystone, cache_size=2)
    for token in ("a", "b", "a", "c", "a", "b"):
        known.validate(token)
    assert [headers["X-Auth-Token"] for _, _, headers in keystone.asked] == ["a", "b", "c", "b"]


def test_many_threads_share_a_full_cache():
    known = validator(Keystone(), cache_size=3)
    wrong = []

    def validate():
        try:
            for number in range(300):
                known.validate(f"token-{number % 7}")
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=validate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(known._kept) <= 3


def test_a_validator_shows_and_keeps_no_token():
    known = validator(Keystone())
    known.validate("gAAAA-the-token")
    assert "the-token" not in repr(known) + repr(vars(known)["_kept"])
