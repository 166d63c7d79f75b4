"""Keypairs when requests meet each other, pods are silent, or a process dies."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import (
    Conflict,
    Forbidden,
    InvalidField,
    OutcomeUnknown,
    PodUnreachable,
    Unavailable,
)
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodRefused
from chalicelib.service.creating.keypairs import KeypairOrder
from tests.service.creating.key_pods import MARK, NO_SUCH_KEY, a_key
from tests.service.creating.keys import MADE, NAME, POD_A, USER, Keys, Killed
from tests.service.kinds.scripted_pods import TENANT


@pytest.fixture
def keys():
    return Keys()


def test_of_two_imports_at_once_one_wins_and_the_other_hears_that_the_name_is_taken(keys, monkeypatch):
    read = keys.store.get

    def read_and_lose(user_id, name):
        found = read(user_id, name)
        monkeypatch.undo()
        keys.create("rival")
        return found

    keys.create("first", name="other")  # the user is adopted by now
    monkeypatch.setattr(keys.store, "get", read_and_lose)

    with pytest.raises(Conflict, match="Key pair 'mine' already exists"):
        keys.create("late")
    assert keys.kept().key == a_key("rival")


@pytest.mark.parametrize("text", [None, "brought"])
def test_while_a_pod_makes_a_key_nobody_else_gets_its_name(keys, text):
    refused = []

    def rival():
        with pytest.raises(Conflict) as caught:
            keys.create(text)
        refused.append(caught.value)

    keys.meanwhile("POST pod-a", rival)

    made = keys.create()

    assert len(refused) == 1
    assert keys.kept().key == made.keypair.key == a_key("made-1")
    assert keys.inside_of("pod-a") == "made-1"


def test_who_dies_while_a_pod_makes_a_key_blocks_its_name_for_a_minute_and_leaves_nothing(keys):
    keys.killed_at("POST pod-a")
    with pytest.raises(Killed):
        keys.create()
    keys.another_process()

    assert (keys.inside_of("pod-a"), keys.kept().key) == ("made-1", None)
    with pytest.raises(Conflict):
        keys.create("again")
    assert keys.clean_up.run().cleaned == 0, "it may still be at work"
    keys.clock.passes(61)
    assert keys.clean_up.run().cleaned == 1
    assert keys.inside_of("pod-a") is None
    keys.create("again")


def test_a_key_that_nobody_heard_of_is_taken_back(keys):
    keys.inside.silent_after = {"POST pod-a"}

    with pytest.raises(OutcomeUnknown):
        keys.create()

    assert keys.kept().unsure_in == {"pod-a"}
    assert "POST pod-b" not in keys.inside.heard, "it isn't made twice"
    keys.inside.silent_after = set()
    keys.clean_up.run()
    assert keys.inside_of("pod-a") is None


def test_a_pod_that_was_not_reached_is_passed_over(keys):
    keys.inside.silent = {"pod-a"}

    keys.create()

    assert (keys.kept().imported_in, keys.kept().unsure_in) == ({"pod-b"}, frozenset())


def test_a_pod_that_the_project_is_in_is_asked_before_others(keys):
    keys.outside.projects.add(TENANT.identity.project_id, "pod-b")
    keys.inside.silent_after = {"pod-a"}

    keys.create()

    assert keys.kept().imported_in == {"pod-b"}


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_pods_own_trouble_is_not_the_users(keys, status):
    keys.inside.replies["POST pod-a"] = PodReply(status, MARK, b'{"forbidden": {}}')

    keys.create()

    assert keys.kept().imported_in == {"pod-b"}


def test_a_refusal_of_the_key_itself_is_the_users_and_frees_the_name(keys):
    keys.inside.replies["POST pod-a"] = PodReply(400, MARK, b'{"badRequest": {}}')

    with pytest.raises(PodRefused) as refused:
        keys.create()

    assert refused.value.answer.reply.status == 400
    assert keys.inside.heard.count("POST pod-b") == 0
    assert keys.create("own").keypair.key == a_key("own")


def test_without_a_pod_that_answers_no_key_is_made_and_the_name_is_free(keys):
    keys.inside.silent = {"pod-a", "pod-b"}

    with pytest.raises(Unavailable):
        keys.create()

    assert keys.kept().is_over
    keys.create("own")


def test_a_pods_other_key_under_a_free_name_gives_way(keys):
    keys.create("other", name="other")
    keys.put_inside("pod-a", "unseen")

    keys.create()

    assert keys.inside_of("pod-a") == "made-1"


def test_a_quota_is_asked_for_by_user_and_project(keys):
    asked = []
    few = replace(keys.keypairs, most_keypairs=lambda *ids: asked.append(ids) or 1)
    few.create(TENANT, KeypairOrder(USER, "one", "ssh", "ssh-rsa x"))

    with pytest.raises(Forbidden, match=r"Quota exceeded, too many key pairs\."):
        few.create(TENANT, KeypairOrder(USER, "two", "ssh"))

    assert set(asked) == {(USER, TENANT.identity.project_id)}
    assert "POST pod-a" not in keys.inside.heard


def test_a_quota_below_zero_is_none(keys):
    unlimited = replace(keys.keypairs, most_keypairs=lambda *ids: -1)

    assert unlimited.create(TENANT, KeypairOrder(USER, "one", "ssh", "ssh-rsa x")).keypair.name == "one"


def test_a_deleted_key_is_not_used_though_the_pod_has_it_still(keys):
    keys.create("one")
    keys.send()
    keys.keypairs.delete(TENANT, USER, NAME)

    assert keys.inside_of("pod-a") == "one"
    with pytest.raises(InvalidField, match=r"Invalid key_name provided\."):
        keys.send()


def test_a_key_that_is_deleted_while_it_is_imported_does_not_stay_in_the_pod(keys):
    keys.create("one")
    keys.meanwhile("POST pod-a", lambda: keys.keypairs.delete(TENANT, USER, NAME))

    keys.send()

    assert keys.inside_of("pod-a") == "one"
    keys.clock.passes(61)
    keys.clean_up.run()
    assert (keys.inside_of("pod-a"), keys.kept().is_over) == (None, True)


def test_a_key_that_is_deleted_and_cleaned_while_it_is_imported_does_not_stay_either(keys):
    keys.create("one")

    def delete_and_clean():
        keys.keypairs.delete(TENANT, USER, NAME)
        keys.clean_up.run()
        assert keys.kept().is_over

    keys.meanwhile("POST pod-a", delete_and_clean)
    keys.send()

    keys.clock.passes(61)
    keys.clean_up.run()
    assert keys.inside_of("pod-a") is None


def test_a_key_that_is_deleted_before_its_import_is_refused(keys):
    keys.create("one")
    keys.meanwhile("GET pod-a", lambda: keys.keypairs.delete(TENANT, USER, NAME))

    with pytest.raises(InvalidField, match="Invalid key_name"):
        keys.send()

    assert keys.inside_of("pod-a") is None


def test_a_key_whose_import_died_before_it_was_remembered_is_cleaned_up_like_others(keys):
    keys.create("one")
    keys.killed_at("POST pod-a")
    with pytest.raises(Killed):
        keys.send()
    keys.another_process()

    keys.keypairs.delete(TENANT, USER, NAME)
    keys.clean_up.run()

    assert "POST pod-a" in keys.inside.heard
    assert keys.inside_of("pod-a") is None


def test_two_creates_that_import_the_same_key_at_once_both_go_on(keys):
    keys.create("one")
    keys.meanwhile("POST pod-a", lambda: keys.put_inside("pod-a", "one"))

    assert keys.send() is MADE
    assert keys.kept().imported_in == {"pod-a"}


def test_an_import_that_dies_halfway_is_looked_at_again_before_the_key_is_used(keys):
    keys.put_inside("pod-a", "stale")
    keys.store.adopted(USER, ["pod-a", "pod-b"])
    keys.create("one")
    keys.inside.silent_after = {"DELETE pod-a"}
    with pytest.raises(PodUnreachable):
        keys.send()
    keys.put_inside("pod-a", "stale")
    keys.inside.silent_after = set()

    keys.send()

    assert keys.inside_of("pod-a") == "one"


@pytest.mark.parametrize("heard", ["GET pod-a", "POST pod-a"])
def test_a_silent_import_sends_the_create_to_another_pod(keys, heard):
    keys.create("one")
    keys.inside.silent_after = {heard}
    sent = []

    with pytest.raises(PodUnreachable) as silence:
        keys.imports.before(TENANT, POD_A, keys.kept(), lambda: sent.append(1))

    assert (silence.value.sent, sent) == (False, []), "nothing came of the create"


def test_what_a_pod_says_against_a_key_is_what_the_client_hears(keys):
    keys.create("one")
    keys.inside.replies["POST pod-a"] = full = PodReply(403, MARK, b'{"forbidden": {}}')

    assert keys.send() is full
    assert keys.kept().imported_in == frozenset()


def test_a_pod_that_keeps_denying_a_key_is_asked_twice_and_no_more(keys):
    keys.create("one")
    keys.send()
    sent = []
    denial = PodReply(400, MARK, NO_SUCH_KEY)

    reply = keys.imports.before(TENANT, POD_A, keys.kept(), lambda: sent.append(1) or denial)

    assert (reply, len(sent)) == (denial, 2)


def test_a_remembered_import_costs_no_call(keys):
    keys.create("one")
    keys.send()
    keys.inside.heard.clear()

    assert keys.send() is MADE
    assert keys.inside.heard == []


@pytest.mark.parametrize("key_type", ["ssh", "x509"])
def test_a_pod_makes_a_key_of_the_type_that_was_asked_for(keys, key_type):
    keys.keypairs.create(TENANT, KeypairOrder(USER, NAME, key_type, None))

    assert keys.inside.asked_types == [key_type]


def test_another_key_in_a_pod_is_replaced_by_the_callers_token(keys):
    keys.create("one")
    keys.put_inside("pod-a", "other")
    keys.inside.heard.clear()
    keys.inside.tokens.clear()
    keys.send()

    assert keys.inside_of("pod-a") == "one"
    assert "DELETE pod-a" in keys.inside.heard
    assert keys.inside.tokens == {TENANT.token}
