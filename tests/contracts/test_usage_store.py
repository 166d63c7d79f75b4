"""What every usage store does beyond a claim store, whose contract it shares."""

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import settlement_of
from chalicelib.model.errors import PodClosed, PodFull
from tests.builders import NOW, a_claim

ONE = Amounts(vcpus=1, ram_mb=512, instances=1)


def least(limit: int) -> Amounts:
    """What must be free for one more server under a limit of instances."""
    return Amounts(-1000, -(10**6), -1000, 1 - limit)


def used(stores) -> int:
    return -stores.usages.read("p1").free.instances


def test_a_holder_without_a_balance_is_told_so_and_begins_once(stores):
    with pytest.raises(PodClosed) as refused:
        stores.usages.claim(a_claim("p1", ONE), least(10))
    assert refused.value.unknown

    stores.usages.begin("p1", Amounts() - ONE.times(3))
    stores.usages.begin("p1", Amounts())

    assert used(stores) == 3


def test_a_claim_is_taken_up_to_the_limit_that_it_brings_along(stores):
    stores.usages.begin("p1", Amounts() - ONE.times(3))
    stores.usages.claim(a_claim("p1", ONE, token="t1"), least(4))

    with pytest.raises(PodFull) as refused:
        stores.usages.claim(a_claim("p1", ONE, token="t2"), least(4))
    assert refused.value.free.instances == -4

    stores.usages.claim(a_claim("p1", ONE, token="t2"), least(5))  # the limit was raised
    assert used(stores) == 5


def test_the_same_token_takes_nothing_more_and_gives_back_once(stores):
    stores.usages.begin("p1", Amounts())
    for _ in range(2):
        stores.usages.claim(a_claim("p1", ONE, token="t1"), least(10))
    assert used(stores) == 1

    for _ in range(2):
        stores.usages.release(a_claim("p1", ONE, token="t1"))
    assert used(stores) == 0


def test_an_observation_replaces_the_claims_that_it_counts(stores):
    stores.usages.begin("p1", Amounts())
    seen_claim = stores.usages.claim(a_claim("p1", ONE.times(2), token="t1", count=2), least(10))
    stores.usages.claim(a_claim("p1", ONE, token="t2"), least(10))
    seen = stores.usages.read("p1")

    ended = [seen_claim.share(0), seen_claim.share(1)]
    settled = settlement_of(seen, Amounts() - ONE.times(5), NOW, 180.0, ended)
    assert stores.usages.settle(settled)

    assert used(stores) == 6
    assert set(stores.usages.read("p1").claims) == {"t2"}


def test_a_forgotten_balance_begins_anew(stores):
    stores.usages.begin("p1", Amounts() - ONE)
    for _ in range(2):
        stores.usages.forget("p1")
    assert stores.usages.read("p1") is None

    stores.usages.begin("p1", Amounts())
    assert used(stores) == 0
