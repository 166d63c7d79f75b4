"""A round of the keypairs' clean-up: how many it takes, how long it goes on, and whose names have ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.keypair import Keypair
from chalicelib.service.operating.keypair_clean_up import MOST_AT_ONCE, ROUND_SECONDS, CleanedUp
from tests.builders import NOW, a_hybrid_pod
from tests.service.creating.key_pods import a_key
from tests.service.operating.test_keypair_clean_up import NAME, USER, Cleaning


def test_a_round_takes_so_many_of_those_that_are_due_at_its_start():
    world, asked = Cleaning(), []
    due = world.store.due
    world.store.due = lambda *wanted: asked.append(wanted) or due(*wanted)

    world.run()

    assert asked == [(NOW, MOST_AT_ONCE)]


@pytest.mark.parametrize(("seconds", "cleaned"), [(ROUND_SECONDS, 2), (ROUND_SECONDS + 0.1, 1)])
def test_a_round_begins_nothing_more_once_its_time_is_over(seconds, cleaned):
    world = Cleaning()
    later = NOW + timedelta(seconds=1)
    world.store.put(Keypair(USER, "second", NOW, unsure_in=frozenset({"pod-b"}), clean_at=later))
    world.clock.passes(1)

    def first_takes_long(heard):
        world.inside.before = lambda heard: None
        world.clock.passes(seconds)

    world.inside.before = first_takes_long

    assert world.run() == CleanedUp(cleaned, 0)


def reserved_in(world):
    """A name that somebody reserved while a pod made a key; then he died."""
    world.store.put(Keypair(USER, "reserved", NOW).reserved(NOW, 7, frozenset({"pod-b"})))
    world.clock.passes(60)


def test_a_name_whose_reservation_is_over_has_ended_once_its_pods_are_clean():
    world = Cleaning()
    reserved_in(world)

    assert world.run() == CleanedUp(2, 0)
    assert world.store.get(USER, "reserved").is_over


def test_a_name_whose_reservation_is_over_is_free_while_its_pod_is_silent():
    world = Cleaning()
    reserved_in(world)
    world.inside.silent = {"pod-b"}

    world.run()

    kept, now = world.store.get(USER, "reserved"), world.clock.now
    pause = timedelta(minutes=1)
    expected = Keypair(USER, "reserved", now, number=7, unsure_in=frozenset({"pod-b"}), clean_at=now + pause)
    assert kept == replace(expected, generation=kept.generation)
    assert not kept.is_taken(now)


def test_a_name_with_a_key_keeps_it_through_a_round():
    world = Cleaning()
    kept = Keypair(USER, "used", NOW, 3, a_key("new"), unsure_in=frozenset({"pod-b"}), clean_at=NOW)
    world.store.put(kept)

    assert world.run() == CleanedUp(2, 0)
    assert world.store.get(USER, "used") == replace(kept, unsure_in=frozenset(), clean_at=None, generation=2)


def test_a_pod_with_a_keystone_of_its_own_is_passed_over_since_it_knows_other_users():
    world = Cleaning(pods=())
    world.outside.pods.create(a_hybrid_pod("hybrid"))
    both = frozenset({"hybrid", "pod-b"})
    world.store.put(
        Keypair(USER, NAME, NOW, unsure_in=both, clean_at=NOW, generation=world.kept().generation)
    )

    assert world.run() == CleanedUp(1, 0)
    assert world.inside.heard == ["GET pod-b"]
    assert world.kept().is_over
