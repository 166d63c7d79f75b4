"""Keypair adoption: what a user's pods had before us, listed once, whatever they say."""

import json
from itertools import count

import pytest

from chalicelib.model.errors import KeypairNotFound, Unavailable
from chalicelib.model.keypair import Keypair
from chalicelib.model.pod_request import PodReply
from tests.builders import NOW
from tests.service.creating.key_pods import MARK, a_key
from tests.service.creating.keys import NAME, USER, Keys
from tests.service.kinds.scripted_pods import TENANT


@pytest.fixture
def keys():
    return Keys()


def test_a_users_keypairs_are_adopted_page_by_page_and_once(keys):
    for number in range(3):
        keys.inside.keys["pod-b"][USER, f"key-{number}"] = a_key(str(number))
    keys.inside.keys["pod-b"]["somebody", "theirs"] = a_key("theirs")

    assert [row.name for row in keys.keypairs.of_user(TENANT, USER).rows] == ["key-0", "key-1", "key-2"]
    keys.inside.heard.clear()
    keys.keypairs.of_user(TENANT, USER)
    with pytest.raises(KeypairNotFound):
        keys.keypairs.show(TENANT, USER, "no")
    assert keys.inside.heard == []


def test_what_a_create_names_is_adopted_by_its_callers_token(keys):
    keys.put_inside("pod-b", "one")

    assert keys.imports.wanted(TENANT, NAME).key == a_key("one")
    assert keys.inside.tokens == {TENANT.token}


def listed(**fields):
    told = {"name": "n", "public_key": "ssh-rsa x", "fingerprint": "f", "type": "ssh", **fields}
    return json.dumps({"keypairs": [{"keypair": told}]}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"{}",
        b'{"keypairs": [{}]}',
        listed(name=1),
        listed(name="x" * 256),
        listed(name="\ud800"),
        listed(public_key="x" * 65_536),
        listed(fingerprint="\udfff"),
        listed(type={"a": 1}),
    ],
)
def test_a_list_that_is_none_is_no_answer(keys, body):
    keys.inside.replies["GET pod-a"] = PodReply(200, MARK, body)

    assert keys.keypairs.of_user(TENANT, USER).partial == ["az1"]
    with pytest.raises(Unavailable):
        keys.keypairs.show(TENANT, USER, NAME)


def test_a_list_without_an_end_ends(keys):
    numbers = count()

    def always_another(heard):
        keys.inside.replies["GET pod-a"] = PodReply(200, MARK, listed(name=f"key-{next(numbers)}"))

    keys.inside.before = always_another

    assert keys.keypairs.of_user(TENANT, USER).partial == ["az1"]


def test_a_name_that_is_known_already_is_not_adopted(keys):
    keys.inside.silent = {"pod-a"}
    keys.create("ours")
    keys.inside.silent = set()
    keys.put_inside("pod-a", "theirs")

    (row,) = keys.keypairs.of_user(TENANT, USER).rows
    assert row.key == a_key("ours")
    assert keys.inside_of("pod-a") == "theirs"


def test_a_key_that_two_pods_have_is_known_to_be_in_both(keys):
    keys.put_inside("pod-a", "one")
    keys.put_inside("pod-b", "one")

    assert keys.keypairs.show(TENANT, USER, NAME).imported_in == {"pod-a", "pod-b"}


def test_a_name_without_a_key_is_not_asked_for_again(keys):
    keys.store.put(Keypair(USER, NAME, NOW))

    with pytest.raises(KeypairNotFound):
        keys.keypairs.show(TENANT, USER, NAME)
    assert keys.inside.heard == []
