"""The clean-up of keypairs may run twice and die anywhere, and never takes a key that a name has now."""

from datetime import timedelta

import pytest

from chalicelib.model.errors import InvalidField, NoCredential
from chalicelib.model.keypair import Keypair
from chalicelib.service.operating.keypair_clean_up import MOST_AT_ONCE, ROUND_SECONDS, CleanedUp
from tests.builders import NOW, a_pod
from tests.service.creating.key_pods import KeyPods, a_key
from tests.service.desk import World
from tests.service.operating.dying import Died, Killer

USER, NAME = "user-1", "mine"


class Cleaning(World):
    """Two pods that have something under a name which isn't known to be right."""

    def __init__(self, key=None, pods=("pod-a",), inside="old"):
        self.inside = KeyPods()
        super().__init__(a_pod("pod-a"), a_pod("pod-b"), client=self.inside)
        self.store, self.run = self.outside.keypairs, self.services.keypair_clean_up.run
        for pod_id in pods:
            self.inside.keys[pod_id][USER, NAME] = a_key(inside)
        self.store.put(Keypair(USER, NAME, NOW, key=key, unsure_in=frozenset(pods), clean_at=NOW))

    def kept(self):
        return self.store.get(USER, NAME)

    def holders(self):
        return [pod_id for pod_id, keys in self.inside.keys.items() if (USER, NAME) in keys]


def test_pods_are_asked_with_their_own_credential_and_lose_a_deleted_key():
    world = Cleaning(pods=("pod-a", "pod-b"))
    tokens = []
    send = world.inside.send
    world.inside.send = lambda pod, request: tokens.append(request.token) or send(pod, request)

    assert world.run() == CleanedUp(1, 0)
    assert (world.holders(), world.kept().is_over) == ([], True)
    assert set(tokens) == {""}
    assert world.run() == CleanedUp(0, 0)


@pytest.mark.parametrize("now", ["cleaned", "gone", "at work"])
def test_what_is_no_longer_due_is_left_to_who_did_it(now):
    world = Cleaning()
    due = world.kept()
    world.store.due = lambda before, limit: [due]
    later = {"cleaned": due.gone_from("pod-a"), "at work": due.postponed(NOW)}
    if now == "gone":
        world.store.get = lambda user_id, name: None
    else:
        world.store.put(later[now])

    assert world.run() == CleanedUp(1, 0)
    assert world.inside.heard == []


def test_a_name_that_has_another_key_now_loses_the_old_one():
    world = Cleaning(key=a_key("new"))

    world.run()

    assert (world.holders(), world.kept().key, world.kept().unsure_in) == ([], a_key("new"), frozenset())


def test_a_key_that_belongs_there_stays_and_is_remembered():
    world = Cleaning(key=a_key("new"), inside="new")

    world.run()

    assert (world.holders(), world.kept().imported_in) == (["pod-a"], {"pod-a"})
    assert "DELETE pod-a" not in world.inside.heard


def test_a_name_that_is_given_again_meanwhile_is_left_alone():
    world = Cleaning()

    def given_again(heard):
        world.inside.before = lambda heard: None
        world.store.put(world.kept().given(a_key("new"), NOW, 7))

    world.inside.before = given_again
    world.run()

    assert world.kept().key == a_key("new")
    assert world.kept().unsure_in == {"pod-a"}, "so it is looked at again"


def test_two_at_once_are_as_one():
    world = Cleaning()

    def another(heard):
        world.inside.before = lambda heard: None
        world.run()

    world.inside.before = another
    world.run()

    assert (world.holders(), world.kept().is_over) == ([], True)


def test_a_pod_that_is_down_is_tried_ever_more_rarely_and_costs_the_others_nothing():
    world = Cleaning(pods=("pod-a", "pod-b"))
    world.store.put(Keypair(USER, "another", NOW, unsure_in=frozenset({"pod-a"}), clean_at=NOW))
    world.inside.silent = {"pod-a"}

    assert world.run() == CleanedUp(0, 2)

    assert world.inside.heard.count("GET pod-a") == 1, "once a round"
    assert world.holders() == ["pod-a"]
    pauses = []
    for _ in range(20):
        pauses.append((world.kept().clean_at - world.clock.now).total_seconds())
        world.clock.now = world.kept().clean_at
        world.run()
    assert pauses[:3] == [60, 60, 120]
    assert pauses[-1] == timedelta(hours=6).total_seconds()
    world.inside.silent = set()
    world.clock.now = world.kept().clean_at
    world.run()
    assert world.holders() == []


def test_a_pod_without_a_credential_is_passed_over():
    world = Cleaning(pods=("pod-a", "pod-b"))
    send = world.inside.send

    def refuse(pod, request):
        if pod.pod_id == "pod-a":
            raise NoCredential("none")
        return send(pod, request)

    world.inside.send = refuse

    assert world.run() == CleanedUp(0, 1)
    assert world.kept().unsure_in == {"pod-a"}


def test_a_pod_that_is_no_more_is_forgotten():
    world = Cleaning(pods=("pod-a", "pod-z"))

    world.run()

    assert world.kept().is_over


def test_a_round_ends_in_time_and_the_next_one_goes_on():
    world = Cleaning()
    for number in range(3):
        due = NOW + timedelta(seconds=number)
        world.store.put(Keypair(USER, f"key {number}", NOW, unsure_in=frozenset({"pod-b"}), clean_at=due))
    world.clock.passes(10)
    world.inside.before = lambda heard: world.clock.passes(ROUND_SECONDS)

    assert world.run().cleaned == 1
    world.inside.before = lambda heard: None
    assert world.run().cleaned == 3
    assert MOST_AT_ONCE > 3


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("calls", range(1, 7))
def test_a_round_that_dies_anywhere_is_finished_by_the_next(calls, after):
    world = Cleaning(key=a_key("new"), pods=("pod-a", "pod-b"))
    world.inside.keys["pod-b"][USER, NAME] = a_key("new")
    killer = Killer(calls, after)
    killer.watch(world.store, "due", "get", "put")
    killer.watch(world.inside, "send")

    with pytest.raises(Died):
        world.run()
    killer.left = 0
    while world.kept().unsure_in:
        world.clock.now = world.kept().clean_at
        world.run()

    assert (world.holders(), world.kept().imported_in) == (["pod-b"], {"pod-b"})
    assert world.kept().key == a_key("new")


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_that_no_path_can_hold_keeps_no_pod_from_being_cleaned(name):
    world = Cleaning()
    early = NOW - timedelta(seconds=1)
    world.store.put(Keypair(USER, name, NOW, unsure_in=frozenset({"pod-a"}), clean_at=early))
    send = world.inside.send

    def strict(pod, request):
        if request.path.partition("?")[0].endswith(f"/{name}"):
            raise InvalidField("path", "the path is not one that a pod serves")
        return send(pod, request)

    world.inside.send = strict

    assert world.run() == CleanedUp(1, 1)
    assert world.holders() == []
