"""What every keypair store does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.errors import GenerationConflict
from chalicelib.model.keypair import Keypair, PublicKey
from tests.builders import NOW

LATER = NOW + timedelta(minutes=1)
KEY = PublicKey("ssh", "ssh-ed25519 AAAA me", "0a:0b")
FULL = Keypair(
    "user-1",
    "my key",
    NOW,
    number=7,
    key=KEY,
    imported_in=frozenset({"pod-a", "pod-b"}),
    unsure_in=frozenset({"pod-c"}),
    clean_at=LATER,
)
RESERVED = Keypair(
    "user-1", "reserved", NOW, unsure_in=frozenset({"pod-a"}), clean_at=NOW, reserved_until=LATER
)


def test_a_name_that_was_never_given_has_no_keypair(stores):
    assert stores.keypairs.get("user-1", "my key") is None
    assert stores.keypairs.of_user("user-1") == []


@pytest.mark.parametrize("keypair", [FULL, RESERVED, Keypair("user-1", "ended", NOW)])
def test_a_keypair_is_read_as_it_was_written(stores, keypair):
    written = stores.keypairs.put(keypair)

    assert written == replace(keypair, generation=1)
    assert stores.keypairs.get("user-1", keypair.name) == written
    assert stores.keypairs.of_user("user-1") == [written]


def test_a_users_keypairs_are_sorted_by_name_and_are_no_others(stores):
    for user_id, name in (("user-1", "b"), ("user-1", "B"), ("user-1", "a"), ("user-2", "c")):
        stores.keypairs.put(Keypair(user_id, name, NOW))
    stores.keypairs.adopted("user-1", ["pod-a"])

    assert [keypair.name for keypair in stores.keypairs.of_user("user-1")] == ["B", "a", "b"]


@pytest.mark.parametrize("written", [0, 2])
def test_of_two_who_write_a_name_at_once_one_wins(stores, written):
    read = FULL
    for _ in range(written):
        read = stores.keypairs.put(read)
    winner = stores.keypairs.put(read)

    with pytest.raises(GenerationConflict):
        stores.keypairs.put(replace(read, key=None))
    assert stores.keypairs.get("user-1", "my key") == winner


def test_what_is_to_be_cleaned_by_now_is_due_the_oldest_first(stores):
    for name, minutes in (("second", -1), ("first", -2), ("third", 0), ("later", 1)):
        due_at = NOW + timedelta(minutes=minutes)
        stores.keypairs.put(Keypair("user-1", name, NOW, unsure_in=frozenset({"p"}), clean_at=due_at))
    clean = stores.keypairs.put(replace(FULL, name="clean"))
    stores.keypairs.put(replace(clean, unsure_in=frozenset(), clean_at=None))

    assert [keypair.name for keypair in stores.keypairs.due(NOW, 10)] == ["first", "second", "third"]
    assert [keypair.name for keypair in stores.keypairs.due(NOW, 2)] == ["first", "second"]


def test_the_pods_that_were_asked_about_a_user_add_up(stores):
    assert stores.keypairs.adopted_from("user-1") == frozenset()

    stores.keypairs.adopted("user-1", ["pod-a"])
    stores.keypairs.adopted("user-1", ["pod-b", "pod-a"])

    assert stores.keypairs.adopted_from("user-1") == {"pod-a", "pod-b"}
    assert stores.keypairs.adopted_from("user-2") == frozenset()
