"""What every claim store does, together with the pod store that adds, fences and removes balances."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.claim import (
    GATHERED,
    MOST_CHANGED,
    UNCOUNTED,
    Claim,
    Share,
    gathering,
    settlement,
)
from chalicelib.model.errors import PodClosed, PodFull
from chalicelib.model.pod import PodState
from tests.builders import NOW, a_capacity, a_claim, a_pod

ONE = Amounts(vcpus=1, ram_mb=1024, disk_gb=10, instances=1)
HOWEVER_FULL = Amounts(*(-UNCOUNTED,) * 4)
SETTLE_SECONDS = 180.0
LATER = NOW + timedelta(minutes=5)


def a_counted_pod(stores, vcpus=4, **fields):
    """A pod that was refreshed once: its balance has a few vCPUs, and nothing is claimed."""
    stores.pods.create(a_pod(**fields))
    observe(stores, NOW, vcpus)
    return stores.pods.get("pod-a")


def observe(stores, at, vcpus=4, used=0, ended=()):
    capacity = a_capacity(vcpus, used=Amounts(vcpus=used), reported_at=at)
    stores.capacities.save("pod-a", CapacityReport(capacity))
    pod = replace(stores.pods.get("pod-a"), capacity=capacity)
    settled = settlement(stores.claims.read("pod-a"), pod, at, SETTLE_SECONDS, ended)
    return settled is not None and stores.claims.settle(settled)


TOKENS = count(1)


def claim(stores, vcpus=1, least=None, at=NOW, count=1, token=None):
    """Claim with a token of its own, as each create does."""
    need = replace(ONE, vcpus=vcpus)
    made = a_claim("pod-a", need.times(count), token or f"create-{next(TOKENS)}", at, count)
    return stores.claims.claim(made, least or made.need)


def free(stores):
    return stores.claims.read("pod-a").free.vcpus


def test_a_claim_takes_what_it_needs_and_stands_under_its_token(stores):
    a_counted_pod(stores)

    made = claim(stores, vcpus=3, token="create-a")

    assert made == Claim("pod-a", "create-a", int(NOW.timestamp()), replace(ONE, vcpus=3))
    balance = stores.claims.read("pod-a")
    assert balance.free == Amounts(1, 102_400 - 1024, 10_000 - 10, UNCOUNTED - 1)
    assert balance.claims == {"create-a": made}
    assert balance.claimed == made.need


def test_the_same_claim_again_takes_nothing_also_when_the_pod_is_full_or_fenced_by_then(stores):
    pod = a_counted_pod(stores)
    made = claim(stores, vcpus=4, token="create-a")

    assert claim(stores, vcpus=4, token="create-a") == made
    stores.pods.update(pod, replace(pod, state=PodState.CORDONED))
    assert claim(stores, vcpus=4, token="create-a") == made
    assert free(stores) == 0


def test_the_shares_of_a_claim_are_given_back_once_each_and_the_rest_with_it(stores):
    a_counted_pod(stores, vcpus=10)
    made = claim(stores, vcpus=2, count=4)

    for number in (1, 1, 3, 7):
        stores.claims.release_share(made.share(number))
    assert free(stores) == 6
    assert stores.claims.read("pod-a").claimed == ONE.times(2) + Amounts(vcpus=2)
    stores.claims.release(made)
    stores.claims.release_share(made.share(0))
    assert free(stores) == 10
    assert stores.claims.read("pod-a").claims == {}


def test_a_claim_whose_shares_are_all_given_back_is_gone(stores):
    a_counted_pod(stores, vcpus=10)
    made = claim(stores, count=2)

    for number in range(2):
        stores.claims.release_share(made.share(number))

    assert (free(stores), stores.claims.read("pod-a").claims) == (10, {})


def test_an_observation_ends_the_shares_whose_servers_it_includes_and_no_others(stores):
    a_counted_pod(stores, vcpus=10)
    seen, partly, unseen = claim(stores), claim(stores, count=3), claim(stores)
    ended = [seen.share(0), partly.share(2), partly.share(2), Share("pod-a", "nobody's", 0)]

    assert observe(stores, NOW + timedelta(seconds=30), vcpus=10, used=2, ended=ended)

    balance = stores.claims.read("pod-a")
    assert balance.claims == {partly.token: partly.without([2]), unseen.token: unseen}
    assert (free(stores), balance.claimed.vcpus) == (5, 3)


def test_the_pods_that_are_listed_carry_what_is_claimed(stores):
    a_counted_pod(stores)
    claim(stores)
    claim(stores, at=NOW + timedelta(minutes=1))

    assert [pod.claimed for pod in stores.pods.list()] == [ONE.times(2)]
    assert stores.pods.get("pod-a").claimed == ONE.times(2)


def test_a_claim_takes_the_last_of_it_and_the_next_is_refused_with_what_is_free(stores):
    a_counted_pod(stores)
    claim(stores, vcpus=3)
    claim(stores, vcpus=1)

    with pytest.raises(PodFull) as refused:
        claim(stores, vcpus=1)
    assert refused.value.free.vcpus == free(stores) == 0


@pytest.mark.parametrize("place", range(4))
def test_each_resource_can_refuse(stores, place):
    a_counted_pod(stores, max_instances=5)
    least = [0, 0, 0, 0]
    least[place] = [*stores.claims.read("pod-a").free][place] + 1

    with pytest.raises(PodFull):
        stores.claims.claim(a_claim("pod-a", ONE), Amounts(*least))


def test_what_must_stay_free_holds_the_watermark(stores):
    a_counted_pod(stores)
    claim(stores, least=Amounts(vcpus=4))

    with pytest.raises(PodFull):
        claim(stores, least=Amounts(vcpus=4))


def test_a_pod_that_never_reported_is_free(stores):
    stores.pods.create(a_pod())

    claim(stores, vcpus=10**6)

    assert stores.pods.get("pod-a").claimed.vcpus == 10**6


@pytest.mark.parametrize("state", [PodState.CORDONED, PodState.DRAINING, PodState.DISABLED])
def test_a_fence_is_up_when_the_pods_write_returns_and_down_again_with_the_next(stores, state):
    counted = a_counted_pod(stores)
    pod = stores.pods.update(counted, replace(counted, state=state))
    with pytest.raises(PodClosed):
        claim(stores)

    stores.pods.update(pod, replace(pod, state=PodState.ENABLED))
    assert claim(stores)


def test_a_pod_may_be_registered_behind_its_fence(stores):
    stores.pods.create(a_pod(state=PodState.CORDONED))

    with pytest.raises(PodClosed) as refused:
        claim(stores)
    assert not refused.value.unknown


def test_a_deleted_pod_takes_nothing(stores):
    stores.pods.delete(a_counted_pod(stores))

    with pytest.raises(PodClosed) as refused:
        claim(stores)
    assert refused.value.unknown
    assert stores.claims.read("pod-a") is None


def test_a_changed_limit_holds_for_the_next_claim(stores):
    pod = a_counted_pod(stores, vcpus=10)
    claim(stores, vcpus=2)

    halved = stores.pods.update(pod, replace(pod, headroom=0.5))
    assert free(stores) == 3
    stores.pods.update(halved, replace(halved, headroom=0.0, max_instances=7))
    assert stores.claims.read("pod-a").free == Amounts(8, 102_400 - 1024, 10_000 - 10, 6)


def test_a_released_claim_can_be_claimed_again_but_is_given_back_once(stores):
    a_counted_pod(stores)
    made = claim(stores, vcpus=4)

    stores.claims.release(made)
    stores.claims.release(made)
    assert free(stores) == 4
    assert claim(stores, vcpus=4)


def test_an_observation_ends_old_claims_and_counts_what_it_saw(stores):
    a_counted_pod(stores)
    claim(stores, vcpus=3)

    assert observe(stores, LATER, used=2)

    balance = stores.claims.read("pod-a")
    assert (balance.free.vcpus, balance.claims, balance.observed_at) == (2, {}, LATER)


@pytest.mark.parametrize(("seconds", "ends"), [(180.0, False), (180.1, True)])
def test_a_claim_ends_when_it_was_made_long_enough_before_the_observation_began(stores, seconds, ends):
    a_counted_pod(stores)
    claim(stores)

    observe(stores, NOW + timedelta(seconds=seconds))

    assert (stores.claims.read("pod-a").claims == {}) is ends
    assert free(stores) == (4 if ends else 3)


def test_claims_that_the_observation_may_have_missed_stay_whatever_it_saw(stores):
    a_counted_pod(stores)
    claim(stores, vcpus=2)

    observe(stores, NOW + timedelta(minutes=1), used=1)

    assert free(stores) == 1


def settled_from(stores, seen, at=LATER, used=0, pod=None):
    capacity = a_capacity(4, used=Amounts(vcpus=used), reported_at=at)
    pod = replace(pod or stores.pods.get("pod-a"), capacity=capacity)
    return settlement(seen, pod, at, SETTLE_SECONDS)


def test_a_settlement_collides_with_no_claim_and_keeps_those_made_meanwhile(stores):
    a_counted_pod(stores)
    claim(stores)
    change = settled_from(stores, stores.claims.read("pod-a"), used=1)
    claim(stores, at=LATER)

    assert stores.claims.settle(change)
    assert free(stores) == 2


def test_a_claim_released_while_a_report_ends_it_isnt_given_back_twice(stores):
    a_counted_pod(stores)
    made = claim(stores)
    change = settled_from(stores, stores.claims.read("pod-a"))
    stores.claims.release(made)

    assert not stores.claims.settle(change)
    assert free(stores) == 4


def test_a_claim_that_a_report_ended_isnt_given_back(stores):
    a_counted_pod(stores)
    made = claim(stores)
    observe(stores, LATER, used=1)

    stores.claims.release(made)
    assert free(stores) == 3


def test_two_refreshes_end_a_claim_once(stores):
    a_counted_pod(stores)
    claim(stores)
    seen = stores.claims.read("pod-a")

    assert stores.claims.settle(settled_from(stores, seen, used=1))
    assert not stores.claims.settle(settled_from(stores, seen, used=1))
    assert free(stores) == 3


def test_an_older_observation_that_comes_later_changes_nothing(stores):
    a_counted_pod(stores)
    claim(stores)
    observe(stores, LATER, used=1)

    assert settled_from(stores, stores.claims.read("pod-a"), at=LATER - timedelta(seconds=1)) is None


def test_a_refresh_with_limits_that_the_operator_has_changed_writes_nothing(stores):
    pod = a_counted_pod(stores)
    change = settled_from(stores, stores.claims.read("pod-a"), pod=pod)
    stores.pods.update(pod, replace(pod, headroom=0.5))

    assert not stores.claims.settle(change)
    assert free(stores) == 2


def test_many_claims_are_settled_in_steps(stores):
    a_counted_pod(stores, vcpus=1000)
    for _ in range(MOST_CHANGED + 3):
        claim(stores, least=HOWEVER_FULL)

    left = []
    for _ in range(2):
        observe(stores, LATER, vcpus=1000, used=40)
        left.append(len(stores.claims.read("pod-a").claims))
        assert free(stores) == 960 - left[-1]

    assert left == [3, 0]


def test_a_settlement_says_whether_another_must_follow(stores):
    a_counted_pod(stores, vcpus=1000)
    for _ in range(MOST_CHANGED + 1):
        claim(stores, least=HOWEVER_FULL)

    assert not settled_from(stores, stores.claims.read("pod-a")).complete
    observe(stores, LATER, vcpus=1000)
    assert settled_from(stores, stores.claims.read("pod-a")).complete


def test_a_silent_pods_old_claims_are_gathered_and_count_as_before(stores):
    a_counted_pod(stores, vcpus=100)
    for minute in range(5):
        claim(stores, vcpus=1 + minute, at=NOW + timedelta(minutes=minute))
    later = NOW + timedelta(hours=1)
    young = claim(stores, at=later)
    seen = stores.claims.read("pod-a")

    assert stores.claims.settle(gathering(seen, later))

    after = stores.claims.read("pod-a")
    newest = int((NOW + timedelta(minutes=4)).timestamp())
    together = Claim("pod-a", GATHERED, newest, replace(ONE.times(5), vcpus=15))
    assert after.claims == {GATHERED: together, young.token: young}
    assert (after.free, after.observed_at) == (seen.free, seen.observed_at)
    assert gathering(after, later) is None
    observe(stores, later + timedelta(hours=1), vcpus=100, used=16)
    assert (free(stores), stores.claims.read("pod-a").claims) == (84, {})


def test_a_claim_that_is_released_while_it_is_gathered_counts_once(stores):
    a_counted_pod(stores, vcpus=100)
    made = claim(stores, vcpus=2)
    claim(stores, at=NOW + timedelta(minutes=1))
    gathered = gathering(stores.claims.read("pod-a"), NOW + timedelta(hours=1))
    stores.claims.release(made)

    assert not stores.claims.settle(gathered)
    assert free(stores) == 99


def test_of_many_old_claims_some_are_gathered_at_a_time(stores):
    a_counted_pod(stores, vcpus=1000)
    for _ in range(2 * MOST_CHANGED + 30):
        claim(stores, least=HOWEVER_FULL)
    left = []
    while gathered := gathering(stores.claims.read("pod-a"), NOW + timedelta(hours=2)):
        assert stores.claims.settle(gathered)
        left.append(len(stores.claims.read("pod-a").claims))

    assert left[-1] == 1
    assert left == sorted(left, reverse=True)
    assert free(stores) == 1000 - (2 * MOST_CHANGED + 30)


def test_a_pod_older_than_balances_gets_one_by_its_last_report(stores):
    pod = a_counted_pod(stores)
    observe(stores, NOW, used=3)
    forget_balance(stores)

    stores.claims.open(stores.pods.get(pod.pod_id))

    assert free(stores) == 1


def test_opening_a_balance_that_is_there_changes_nothing(stores):
    pod = a_counted_pod(stores)
    claim(stores)
    stores.claims.open(pod)

    assert free(stores) == 3


def forget_balance(stores):
    if hasattr(stores.claims, "closed"):
        stores.claims.closed("pod-a")
    else:
        stores.claims._client.delete_item(**stores.claims._key("pod-a"))


@pytest.mark.parametrize("state", list(PodState))
def test_a_pod_older_than_balances_is_fenced_by_its_first_write(stores, state):
    pod = a_counted_pod(stores)
    forget_balance(stores)

    stores.pods.update(pod, replace(pod, state=state))

    balance = stores.claims.read("pod-a")
    assert (balance.open, balance.free.vcpus, balance.settlements) == (state is PodState.ENABLED, 4, 0)
