"""A pod gets the key that a create or a rebuild names; what is remembered of it is what is so there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.errors import GenerationConflict, InvalidField, PodUnreachable
from chalicelib.model.keypair import Keypair
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodRefused
from chalicelib.service.creating.keypair_imports import WRITE_ATTEMPTS
from tests.builders import NOW
from tests.service.creating.key_pods import MARK, NO_SUCH_KEY, a_key
from tests.service.creating.keys import MADE, NAME, POD_A, POD_B, USER, Keys
from tests.service.kinds.scripted_pods import TENANT

FULL = PodReply(403, MARK, b'{"forbidden": {}}')


@pytest.fixture
def keys():
    """A user's key, which no pod has yet."""
    keys = Keys()
    keys.create("one")
    keys.inside.heard.clear()
    return keys


def ensure(keys, pod=POD_A, name=NAME):
    keys.imports.ensure(TENANT, pod, name)
    return keys.inside.heard


def test_a_rebuild_gives_the_pod_the_key_that_it_lacks(keys):
    assert ensure(keys) == ["GET pod-a", "POST pod-a"]
    assert keys.inside_of("pod-a") == "one"
    assert keys.kept().imported_in == {"pod-a"}
    assert keys.kept().unsure_in == frozenset()
    assert keys.inside.tokens == {TENANT.token}


def test_a_rebuild_looks_into_the_pod_though_it_is_remembered(keys):
    ensure(keys)
    del keys.inside.keys["pod-a"][USER, NAME]
    keys.inside.heard.clear()

    assert ensure(keys) == ["GET pod-a", "POST pod-a"]
    assert keys.inside_of("pod-a") == "one"


def test_a_pod_that_has_the_key_keeps_it_and_that_is_remembered(keys):
    keys.put_inside("pod-b", "one")

    assert ensure(keys, POD_B) == ["GET pod-b"]
    assert keys.kept().imported_in == {"pod-b"}


def test_a_rebuild_without_a_key_asks_for_none(keys):
    assert keys.imports.wanted(TENANT, "") is None
    assert ensure(keys, name="") == []


@pytest.mark.parametrize("name", ["unknown", "deleted"])
def test_a_rebuild_with_a_key_that_the_caller_lacks_is_refused_in_novas_words(keys, name):
    keys.store.put(Keypair(USER, "deleted", NOW, unsure_in=frozenset({"pod-a"}), clean_at=NOW))

    with pytest.raises(InvalidField) as refused:
        ensure(keys, name=name)

    assert (refused.value.field, str(refused.value)) == ("key_name", "Invalid key_name provided.")
    assert not any(heard.startswith("POST") for heard in keys.inside.heard)


def test_a_pod_that_does_not_take_the_key_refuses_the_rebuild(keys):
    keys.inside.replies["POST pod-a"] = FULL

    with pytest.raises(PodRefused) as refused:
        ensure(keys)

    assert (refused.value.answer.pod, refused.value.answer.reply) == (POD_A, FULL)


def test_a_pod_that_is_silent_about_keys_was_not_sent_the_rebuild(keys):
    keys.inside.silent_after = {"POST pod-a"}

    with pytest.raises(PodUnreachable, match="timed out") as silence:
        ensure(keys)

    assert (silence.value.pod_id, silence.value.sent) == ("pod-a", False)
    kept = keys.kept()
    assert (kept.unsure_in, kept.clean_at) == ({"pod-a"}, NOW + timedelta(seconds=60)), "it may have the key"


@pytest.mark.parametrize("status", [400, 409])
def test_a_pods_refusal_of_a_key_that_it_lacks_is_the_answer(keys, status):
    keys.inside.replies["POST pod-a"] = refusal = PodReply(status, MARK, b'{"conflictingRequest": {}}')

    assert keys.send() is refusal
    assert keys.kept().imported_in == frozenset()


def test_a_conflict_about_another_key_of_the_name_is_no_import(keys):
    keys.meanwhile("POST pod-a", lambda: keys.put_inside("pod-a", "another"))

    assert keys.send().status == 409
    assert keys.kept().unsure_in == {"pod-a"}
    assert keys.inside.heard == ["GET pod-a", "POST pod-a", "GET pod-a"]
    assert keys.inside.tokens == {TENANT.token}


@pytest.mark.parametrize("text", ["one", "another"])
def test_a_pod_that_has_lost_the_key_gets_it_again_and_the_create_too(keys, text):
    keys.send()
    keys.put_inside("pod-a", text)
    if text == "one":
        del keys.inside.keys["pod-a"][USER, NAME]
    answers = [PodReply(400, MARK, NO_SUCH_KEY), MADE]

    reply = keys.imports.before(TENANT, POD_A, keys.kept(), lambda: answers.pop(0))

    assert (reply, answers, keys.inside_of("pod-a")) == (MADE, [], "one")
    assert keys.inside.tokens == {TENANT.token}
    assert keys.inside.tokens == {TENANT.token}


def test_a_pod_that_has_lost_the_key_and_does_not_take_it_again_says_why(keys):
    keys.send()
    del keys.inside.keys["pod-a"][USER, NAME]
    keys.inside.replies["POST pod-a"] = FULL
    answers = [PodReply(400, MARK, NO_SUCH_KEY)]

    assert keys.imports.before(TENANT, POD_A, keys.kept(), lambda: answers.pop(0)) is FULL


@pytest.mark.parametrize(
    "reply", [PodReply(400, MARK, b'{"badRequest": {}}'), PodReply(404, MARK, NO_SUCH_KEY)]
)
def test_what_a_pod_says_of_anything_else_is_the_answer(keys, reply):
    keys.send()
    keys.inside.heard.clear()

    assert keys.send(reply=reply) is reply
    assert keys.inside.heard == []


@pytest.mark.parametrize("keypair", [None, Keypair(USER, NAME, NOW)])
def test_a_create_without_a_key_is_sent_as_it_is(keys, keypair):
    assert keys.imports.before(TENANT, POD_A, keypair, lambda: MADE) is MADE
    assert keys.inside.heard == []


def overtaken(keys, times):
    """The keys, where somebody else writes the keypair first, so often."""
    put, left = keys.store.put, [times]

    def put_after_a_rival(keypair):
        if left[0]:
            left[0] -= 1
            stored = keys.kept()
            put(replace(stored, number=stored.number + 1))
        return put(keypair)

    keys.store.put = put_after_a_rival


def test_what_is_remembered_is_not_lost_to_other_writers(keys):
    overtaken(keys, WRITE_ATTEMPTS - 1)

    assert keys.send() is MADE
    assert keys.kept().imported_in == {"pod-a"}


def test_an_import_that_is_overtaken_at_each_try_gives_up_before_the_pod_gets_anything(keys):
    overtaken(keys, WRITE_ATTEMPTS)

    with pytest.raises(GenerationConflict):
        keys.send()
    assert keys.inside.heard == ["GET pod-a"]


def test_a_pod_is_suspected_before_it_gets_the_key(keys):
    seen = []
    keys.meanwhile("POST pod-a", lambda: seen.append((keys.kept().unsure_in, keys.kept().clean_at)))

    keys.send()

    assert seen == [({"pod-a"}, NOW + timedelta(seconds=60))]


def test_a_key_that_was_given_to_another_name_meanwhile_leaves_the_pod_suspected(keys):
    keys.meanwhile("POST pod-a", lambda: keys.store.put(replace(keys.kept(), key=a_key("new"))))

    keys.send()

    kept = keys.kept()
    assert (kept.imported_in, kept.unsure_in, kept.clean_at) == (
        frozenset(),
        {"pod-a"},
        NOW + timedelta(seconds=60),
    )


def test_a_key_whose_row_is_gone_meanwhile_leaves_a_row_that_says_where_to_look(keys):
    keys.meanwhile("POST pod-a", keys.store._keypairs.clear)
    keys.clock.passes(5)

    keys.send()

    now = keys.clock.now
    clean_at = now + timedelta(seconds=60)
    assert keys.kept() == Keypair(
        USER, NAME, now, unsure_in=frozenset({"pod-a"}), clean_at=clean_at, generation=1
    )
