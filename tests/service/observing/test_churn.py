"""Room under churn: what is claimed is counted once, so a create is refused only when there is no room."""

from __future__ import annotations

from itertools import count
from random import Random

import pytest

from chalicelib import wiring
from chalicelib.model.claim import MOST_CHANGED
from chalicelib.model.errors import NoPod
from tests.service.desk import NOTHING_CACHED
from tests.service.observing.small_nova import Cloud, random_work


def test_one_server_at_a_time_finds_room_in_a_small_pod_however_often():
    cloud = Cloud(vcpus=4)

    for _ in range(12):
        (server_id,) = cloud.create()
        cloud.passes(5.0)
        cloud.delete(server_id)
        cloud.passes(5.0)
        cloud.refresh()
        assert cloud.balances() == [(4, 0, 4)]


def test_who_waits_until_a_server_is_gone_finds_its_room_free_before_any_refresh():
    cloud = Cloud(vcpus=4)

    for _ in range(12):
        (server_id,) = cloud.create()
        cloud.passes(5.0)
        cloud.delete(server_id)
        assert cloud.show(server_id) == 200
        cloud.passes(5.0)
        assert cloud.show(server_id) == 404


def test_a_second_delete_alone_gives_no_room_back():
    cloud = Cloud(vcpus=4)
    (server_id,) = cloud.create()

    assert [cloud.delete(server_id), cloud.delete(server_id)] == [204, 204]
    assert cloud.balances()[0][:2] == (3, 1)


def test_404s_without_a_delete_give_no_room_back():
    cloud = Cloud(vcpus=4)
    (server_id,) = cloud.create()
    kept = cloud.servers.pop(server_id)

    assert [cloud.show(server_id), cloud.show(server_id)] == [404, 404]
    assert cloud.balances()[0][:2] == (3, 1)
    cloud.servers[server_id] = kept
    assert cloud.show(server_id) == 200


@pytest.mark.parametrize(
    ("vcpus", "waits"),
    [
        (64, True),  # clients that wait until what they delete is gone need little room
        (200, False),  # others need that of a minute
    ],
)
def test_forty_creates_and_deletes_a_minute_on_a_pod_that_is_sixty_percent_full(vcpus, waits):
    cloud = Cloud(vcpus, used=int(vcpus * 0.6))
    living: list[str] = []
    gone: list[str] = []

    for tick in range(400):  # one create each 1.5 s, for ten minutes
        living += cloud.create()
        if len(living) > 8:
            gone.append(living.pop(0))
            cloud.delete(gone[-1])
        if waits and len(gone) > 2:
            assert cloud.show(gone[-2]) == 404
        cloud.passes(1.5)
        if tick % 40 == 13:
            cloud.refresh()

    assert len(cloud.servers) == 400


def test_claims_that_ended_since_the_snapshot_was_made_refuse_nobody():
    cloud = Cloud(vcpus=4)
    made = [server_id for _ in range(3) for server_id in cloud.create()]
    cloud.services.servers.snapshots.rebuild()  # as an operator's write does
    with pytest.raises(NoPod):
        cloud.create()
    for server_id in made:
        cloud.delete(server_id)
    cloud.passes(5.0)
    for server_id in made:
        cloud.show(server_id)

    assert cloud.create()


def test_one_refresh_ends_any_number_of_claims():
    cloud = Cloud(vcpus=400)
    for _ in range(MOST_CHANGED + 20):
        cloud.create()
    cloud.passes(5.0)

    cloud.refresh()

    assert cloud.balances() == [(280, 0, 280)]


def test_boots_one_after_the_other_fill_two_pods_to_their_watermarks():
    cloud = Cloud(vcpus=32, used=5, pods=("pod-a", "pod-b"))

    for number in count():
        try:
            cloud.create()
        except NoPod:
            break
        cloud.passes(2.0)
        if number % 30 == 11:
            cloud.refresh()

    assert number >= 2 * (28 - 5)
    assert all(cloud.taken(pod_id) <= 30 for pod_id in cloud.pods)


@pytest.mark.parametrize("seed", range(12))
def test_at_rest_what_is_free_is_the_limit_less_what_is_used_within_two_refreshes(seed):
    dice = Random(seed)
    cloud = Cloud(vcpus=dice.randint(6, 40), used=2, pods=("pod-a", "pod-b"))
    random_work(cloud, dice, 120)
    assert len(cloud.servers) > 10
    for pod_id in cloud.pods:
        assert cloud.taken(pod_id) <= cloud.vcpus

    cloud.passes(10.0)
    for _ in range(2):
        cloud.refresh()
        cloud.passes(60.0)

    assert [claimed for _, claimed, _ in cloud.balances()] == [0, 0]
    assert all(free == left for free, _, left in cloud.balances())


@pytest.mark.parametrize("seed", range(6))
def test_what_is_free_is_never_more_than_what_is_left(seed):
    dice = Random(seed)
    cloud = Cloud(vcpus=12, pods=("pod-a", "pod-b"))

    for _ in range(150):
        random_work(cloud, dice, 1)
        for pod_id, (free, _, _) in zip(cloud.pods, cloud.balances(), strict=True):
            assert free <= cloud.vcpus - cloud.holds(pod_id)


@pytest.mark.parametrize("seed", range(12))
def test_what_others_do_during_an_observation_frees_nothing_that_is_in_use(seed):
    dice = Random(seed)
    cloud = Cloud(vcpus=12, used=2, pods=("pod-a", "pod-b"))
    observing = cloud.services.capacity_refresh
    cloud.services = wiring.build_services(cloud.outside, NOTHING_CACHED)  # those of another process

    for _ in range(40):
        cloud.meanwhile = lambda: random_work(cloud, dice, 2)
        observing.refresh(dice.choice(cloud.pods))
        for pod_id, (free, _, _) in zip(cloud.pods, cloud.balances(), strict=True):
            assert free <= cloud.vcpus - cloud.holds(pod_id)
