"""Settling: what a refresh does to balances, also when others write meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.claim import GATHERED, MOST_CHANGED, Share
from chalicelib.model.errors import PodUnreachable, StoreBusy
from chalicelib.service.observing.settling import MOST_ATTEMPTS, Settling
from tests.builders import NOW, a_capacity, a_claim, a_pod
from tests.service.desk import World

NEED = Amounts(vcpus=3, instances=1)


class Desk(World):
    """One pod, a refresh, and a reader that says what a test lets it say."""

    def __init__(self, **pod):
        super().__init__(reader=self)
        self.claims, self.pods = self.outside.claims, self.outside.pods
        self.pods.create(a_pod(**pod))
        self.used, self.meanwhile = 0, lambda: None
        self.refresh = self.services.capacity_refresh

    def read(self, pod):
        self.meanwhile()
        if self.used is None:
            raise PodUnreachable("pod-a", "refused", sent=False)
        return CapacityReport(a_capacity(10, used=Amounts(vcpus=self.used), reported_at=self.clock.now))

    def after(self, minutes, used=0):
        self.clock.now, self.used = NOW + timedelta(minutes=minutes), used
        return self.refresh.refresh_all()

    def claim(self):
        return self.claims.claim(a_claim("pod-a", NEED, at=self.clock.now), NEED)

    @property
    def free(self):
        return self.claims.read("pod-a").free.vcpus


def test_a_claim_holds_until_a_report_can_have_seen_its_servers():
    desk = Desk()
    desk.refresh.refresh_all()
    desk.claim()
    seen = []
    for minutes, used in ((1, 0), (2, 0), (3, 3), (4, 3), (5, 3)):
        desk.after(minutes, used)
        seen.append((desk.free, desk.pods.get("pod-a").claimed.vcpus))

    assert seen == [(7, 3), (7, 3), (4, 3), (7, 0), (7, 0)]


def test_the_first_report_counts_what_was_claimed_while_the_pod_was_free():
    desk = Desk()
    desk.claim()

    desk.after(1)

    assert desk.free == 7


def test_claims_on_a_pod_that_never_reports_end_all_the_same():
    desk = Desk(max_instances=2)
    desk.claim()
    assert desk.claims.read("pod-a").free.instances == 1

    desk.after(5, used=None)

    balance = desk.claims.read("pod-a")
    assert (balance.claims, balance.free.instances) == ({}, 2)


def test_claims_on_a_pod_that_stopped_reporting_stay():
    desk = Desk()
    desk.refresh.refresh_all()
    desk.claim()

    desk.after(60, used=None)

    assert desk.free == 7


def test_claims_on_a_pod_that_is_silent_for_days_take_little_place():
    desk = Desk()
    desk.refresh.refresh_all()
    for minute in range(0, 60 * 24 * 3, 7):
        desk.clock.now = NOW + timedelta(minutes=minute)
        desk.claims.claim(a_claim("pod-a", Amounts(instances=1), f"t{minute}", desk.clock.now), Amounts())
        desk.after(minute, used=None)

    balance = desk.claims.read("pod-a")
    assert len(balance.claims) < 10
    assert balance.claimed.instances == len(range(0, 60 * 24 * 3, 7))


def test_limits_that_the_operator_changes_during_an_observation_are_the_new_ones_after_it():
    desk = Desk()

    def halve():
        pod = desk.pods.get("pod-a")
        desk.pods.update(pod, replace(pod, headroom=0.5))

    desk.meanwhile = halve
    desk.refresh.refresh_all()

    assert desk.free == 5


def test_a_pod_older_than_balances_gets_one_at_the_refresh():
    desk = Desk()
    desk.claims.closed("pod-a")

    desk.after(1, used=4)

    assert desk.free == 6


def test_a_pod_deleted_during_its_observation_gets_no_balance():
    desk = Desk()
    desk.meanwhile = lambda: desk.pods.delete(desk.pods.get("pod-a"))
    desk.refresh.refresh_all()

    assert desk.claims.read("pod-a") is None


@pytest.mark.parametrize(("times", "settled"), [(2, True), (MOST_ATTEMPTS - 1, True), (99, False)])
def test_a_settlement_that_loses_is_tried_again_and_not_for_ever(times, settled, monkeypatch):
    desk = Desk()
    settle, somebody_is_first = desk.claims.settle, iter(range(times))
    monkeypatch.setattr(desk.claims, "settle", lambda s: next(somebody_is_first, None) is None and settle(s))
    done = desk.after(1, used=4)

    assert (done.failed == ()) is settled
    if settled:
        assert desk.free == 6
    else:
        with pytest.raises(StoreBusy, match="change too fast"):
            Settling(desk.claims, desk.pods).settle(desk.pods.get("pod-a"), desk.clock.now)


def test_a_settlement_gives_up_after_five_losses_and_no_sooner(monkeypatch):
    desk, tries = Desk(), []
    monkeypatch.setattr(desk.claims, "settle", tries.append)
    with pytest.raises(StoreBusy):
        Settling(desk.claims, desk.pods).settle(desk.pods.get("pod-a"), NOW)

    assert len(tries) == MOST_ATTEMPTS


def test_claims_that_take_more_writes_than_there_are_attempts_all_end():
    desk = Desk()
    for number in range((MOST_ATTEMPTS + 1) * MOST_CHANGED):
        desk.claims.claim(a_claim("pod-a", Amounts(instances=1), f"t{number}"), Amounts())

    desk.after(10)

    assert desk.claims.read("pod-a").claims == {}


def test_only_what_is_freed_is_given_back_in_a_pod_that_does_not_report_and_old_claims_are_put_together():
    desk = Desk()
    for token in ("one", "two", "new"):
        at = desk.clock.now if token == "new" else NOW - timedelta(hours=1)
        desk.claims.claim(a_claim("pod-a", NEED.times(2), token, at, count=2), Amounts())

    Settling(desk.claims, desk.pods).gather("pod-a", NOW, [Share("pod-a", "new", 1)])

    balance = desk.claims.read("pod-a")
    assert {token: claim.left for token, claim in balance.claims.items()} == {
        GATHERED: NEED.times(4),
        "new": NEED,
    }
    assert balance.claimed == NEED.times(5)


def test_an_observation_that_is_older_than_the_last_one_changes_nothing():
    desk = Desk()
    desk.after(5, used=4)
    before = desk.claims.read("pod-a")
    pod = replace(desk.pods.get("pod-a"), capacity=a_capacity(10))

    Settling(desk.claims, desk.pods).settle(pod, NOW)

    assert desk.claims.read("pod-a") == before
