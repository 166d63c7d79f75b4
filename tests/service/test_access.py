import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import Forbidden, KeystoneUnavailable, Unauthenticated
from chalicelib.model.identity import Caller, Identity, Role
from chalicelib.service.access import Access
from tests.builders import NOW, SetClock


class Tokens:
    """A validator that knows tokens by the role they carry."""

    def __init__(self, error=None):
        self.error = error

    def validate(self, token):
        if self.error:
            raise self.error
        return Identity("u1", "p1", frozenset({token}), NOW)


@pytest.mark.parametrize(
    ("role", "enough_for"),
    [
        ("reader", {Role.READER}),
        ("member", {Role.READER, Role.MEMBER}),
        ("admin", {Role.READER, Role.MEMBER, Role.ADMIN}),
        ("load-balancer_member", set()),
    ],
)
def test_a_role_includes_those_below_it_and_no_other(role, enough_for):
    access = Access(Tokens())
    for wanted in (Role.READER, Role.MEMBER, Role.ADMIN):
        if wanted in enough_for:
            assert access.caller(role, "req-1", wanted).identity.user_id == "u1"
        else:
            with pytest.raises(Forbidden, match=wanted.name.lower()):
                access.caller(role, "req-1", wanted)


def test_a_caller_carries_the_token_the_request_and_its_deadline_but_shows_no_token():
    deadline = Deadline.after(5.0, SetClock())
    caller = Access(Tokens()).caller("member", "req-1", Role.READER, deadline)
    assert caller == Caller(Identity("u1", "p1", frozenset({"member"}), NOW), "member", "req-1", deadline)
    assert "token" not in repr(caller).replace("req-1", "")


def test_without_a_token_keystone_isnt_asked():
    with pytest.raises(Unauthenticated):
        Access(Tokens(KeystoneUnavailable("asked"))).caller("", "req-1", Role.READER)


@pytest.mark.parametrize(
    "error", [Unauthenticated("unknown"), Forbidden("scope"), KeystoneUnavailable("down")]
)
def test_what_keystone_says_is_passed_on(error):
    with pytest.raises(type(error)):
        Access(Tokens(error)).caller("t", "req-1", Role.READER)
