"""Keypairs: what is written of each, and which pods are asked for it, by whose token."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import Conflict, Forbidden, KeypairNotFound, Unavailable
from chalicelib.model.keypair import Keypair, PublicKey, number_of
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodRefused
from chalicelib.service.asking.fan_out import Answers
from chalicelib.service.creating.keypairs import KeypairOrder, MadeKeypair
from tests.builders import NOW
from tests.service.creating.key_pods import MARK, a_key
from tests.service.creating.keys import NAME, POD_A, POD_B, USER, Keys
from tests.service.kinds.scripted_pods import TENANT

FIRST_NUMBER = number_of("id-1")
MINUTE = timedelta(seconds=60)


@pytest.fixture
def keys():
    return Keys()


def a_keypair(**fields):
    """The first keypair that is made, as it is stored first."""
    return Keypair(USER, NAME, **{"created_at": NOW, "number": FIRST_NUMBER, "generation": 1, **fields})


def test_a_key_that_a_client_brings_is_stored_with_its_fingerprint_and_in_no_pod_yet(keys):
    service = replace(keys.keypairs, fingerprint=lambda kind, text: f"{kind} of {text}")

    made = service.create(TENANT, KeypairOrder(USER, NAME, "x509", "a certificate"))

    key = PublicKey("x509", "a certificate", "x509 of a certificate")
    assert made == MadeKeypair(a_keypair(key=key))
    assert keys.kept() == a_keypair(key=key)


def test_a_key_that_a_pod_makes_is_stored_once_it_is_there_and_its_private_half_nowhere(keys):
    meanwhile = []

    def ten_seconds():
        meanwhile.append(keys.kept())
        keys.clock.passes(10)

    keys.meanwhile("POST pod-a", ten_seconds)

    made = keys.create()

    assert meanwhile == [
        a_keypair(unsure_in=frozenset({"pod-a", "pod-b"}), clean_at=NOW + MINUTE, reserved_until=NOW + MINUTE)
    ]
    then = NOW + timedelta(seconds=10)
    stored = a_keypair(key=a_key("made-1"), created_at=then, imported_in=frozenset({"pod-a"}), generation=2)
    assert (made.keypair, made.private_key, keys.kept()) == (stored, "secret", stored)


@pytest.mark.parametrize("text", [None, "brought"])
def test_what_the_pods_have_already_is_adopted_before_a_name_is_given_and_counts(keys, text):
    keys.put_inside("pod-b", "theirs")

    with pytest.raises(Conflict, match=r"Key pair 'mine' already exists\."):
        keys.create(text)
    full = replace(keys.keypairs, most_keypairs=lambda *_: 1)
    with pytest.raises(Forbidden):
        full.create(TENANT, KeypairOrder(USER, "another", "ssh", "ssh-rsa x"))

    assert keys.kept() == a_keypair(key=a_key("theirs"), imported_in=frozenset({"pod-b"}))


def test_who_may_have_no_keypair_gets_none(keys):
    none = replace(keys.keypairs, most_keypairs=lambda *_: 0)

    with pytest.raises(Forbidden, match="too many key pairs"):
        none.create(TENANT, KeypairOrder(USER, NAME, "ssh", "ssh-rsa x"))


def test_a_name_that_nobody_has_is_told_in_novas_words(keys):
    with pytest.raises(KeypairNotFound) as missing:
        keys.keypairs.show(TENANT, USER, NAME)

    assert str(missing.value) == f"Keypair mine not found for user {USER}"


def test_another_user_has_names_of_his_own(keys):
    keys.create("one")
    keys.keypairs.create(TENANT, KeypairOrder("another", NAME, "ssh", "ssh-rsa two"))

    assert [row.key for row in keys.keypairs.of_user(TENANT, "another").rows] == [a_key("two")]
    keys.keypairs.delete(TENANT, "another", NAME)
    assert keys.keypairs.of_user(TENANT, "another").rows == []
    assert keys.keypairs.show(TENANT, USER, NAME).key == a_key("one")


def test_a_deleted_keypair_is_without_a_key_from_now_on_and_its_pods_are_to_be_cleaned(keys):
    keys.create("one")
    keys.send()
    keys.clock.passes(5)

    keys.keypairs.delete(TENANT, USER, NAME)

    then, generation = NOW + timedelta(seconds=5), keys.kept().generation
    assert keys.kept() == a_keypair(
        created_at=then, unsure_in=frozenset({"pod-a"}), clean_at=then, generation=generation
    )


def test_a_new_key_of_a_name_leaves_the_pods_in_doubt_that_may_have_an_old_one(keys):
    keys.store.put(Keypair(USER, NAME, NOW).suspected_in("pod-b", NOW))

    keys.create()

    assert (keys.kept().imported_in, keys.kept().unsure_in) == ({"pod-a"}, {"pod-b"})


def test_a_key_that_no_pod_makes_leaves_in_doubt_only_what_was_so_before(keys):
    keys.store.put(Keypair(USER, NAME, NOW).suspected_in("pod-b", NOW))
    keys.inside.silent = {"pod-a", "pod-b"}
    keys.clock.passes(5)

    with pytest.raises(Unavailable):
        keys.create()

    assert (keys.kept().unsure_in, keys.kept().created_at) == ({"pod-b"}, NOW + timedelta(seconds=5))


def test_a_pod_that_is_closed_to_the_project_makes_no_key_for_it(keys):
    closed = replace(POD_A, denied_project_ids=frozenset({TENANT.identity.project_id}))
    keys.outside.pods.update(POD_A, closed)

    keys.create()

    assert (keys.kept().imported_in, keys.inside.heard.count("POST pod-a")) == ({"pod-b"}, 0)


def test_a_pod_that_refuses_is_not_left_in_doubt(keys):
    keys.inside.replies["POST pod-a"] = PodReply(403, MARK, b'{"forbidden": {}}')

    keys.create()

    assert (keys.kept().imported_in, keys.kept().unsure_in) == ({"pod-b"}, frozenset())


def test_if_all_pods_refuse_the_last_ones_answer_is_the_clients(keys):
    last = PodReply(403, MARK, b'{"forbidden": {"last": 1}}')
    keys.inside.replies |= {"POST pod-a": PodReply(503, MARK, b'{"aFault": {}}'), "POST pod-b": last}

    with pytest.raises(PodRefused) as refused:
        keys.create()

    assert (refused.value.answer.pod, refused.value.answer.reply) == (POD_B, last)


def test_a_pod_that_denies_the_gateways_token_is_no_answer_to_the_client(keys):
    denial = PodReply(401, MARK, b'{"unauthorized": {}}')
    keys.inside.replies |= {"POST pod-a": denial, "POST pod-b": denial}

    with pytest.raises(Unavailable, match="No pod that could make a keypair answers now"):
        keys.create()


@pytest.mark.parametrize("key_type", ["ssh", "x509"])
def test_a_pods_unseen_key_gives_way_by_the_callers_token_and_the_new_one_is_of_the_type_asked_for(
    keys, key_type
):
    keys.store.adopted(USER, ["pod-a", "pod-b"])
    keys.put_inside("pod-a", "unseen")

    keys.keypairs.create(TENANT, KeypairOrder(USER, NAME, key_type))

    assert keys.inside.heard == ["POST pod-a", "DELETE pod-a", "POST pod-a"]
    assert keys.inside.asked_types == [key_type, key_type]
    assert keys.inside.tokens == {TENANT.token}


def test_pods_are_asked_once_those_that_answered_and_in_the_time_that_the_caller_has(keys):
    waits, answering = [], {"pod-b"}

    class Patient:
        def ask(self, pods, question, deadline_seconds):
            waits.append(([pod.pod_id for pod in pods], deadline_seconds))
            given = tuple((pod, question(pod)) for pod in pods if pod.pod_id in answering)
            return Answers(given, tuple(pod for pod in pods if pod.pod_id not in answering))

    adoption = replace(keys.keypairs.adoption, fan_out=Patient(), deadline_seconds=4.0)
    hurried = replace(TENANT, deadline=Deadline.after(3.0, keys.clock))

    assert adoption.adopt(TENANT, USER) == (POD_A,)
    assert keys.store.adopted_from(USER) == {"pod-b"}
    answering.add("pod-a")
    assert adoption.adopt(hurried, USER) == ()
    assert adoption.adopt(TENANT, USER) == ()
    assert waits == [(["pod-a", "pod-b"], 4.0), (["pod-a"], 3.0)]


def test_a_pod_that_is_closed_to_the_project_is_not_asked_what_a_user_has(keys):
    keys.put_inside("pod-a", "theirs")
    closed = replace(POD_A, denied_project_ids=frozenset({TENANT.identity.project_id}))
    keys.outside.pods.update(POD_A, closed)

    assert keys.keypairs.of_user(TENANT, USER).rows == []
    assert "GET pod-a" not in keys.inside.heard


def test_two_keys_of_one_name_are_told_apart_and_the_oldest_pods_counts(keys):
    keys.put_inside("pod-a", "one")
    keys.put_inside("pod-b", "two")

    assert keys.keypairs.show(TENANT, USER, NAME) == a_keypair(
        key=a_key("one"), imported_in=frozenset({"pod-a"})
    )


def test_a_silent_pod_says_which_name_can_not_be_looked_up(keys):
    keys.inside.silent = {"pod-b"}

    with pytest.raises(Unavailable, match="Keypair mine can't be looked up now"):
        keys.keypairs.show(TENANT, USER, NAME)
    assert keys.keypairs.of_user(TENANT, USER).partial == ["az1"]
    keys.inside.silent = set()
    with pytest.raises(KeypairNotFound):
        keys.keypairs.show(TENANT, USER, NAME)
