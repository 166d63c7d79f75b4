"""Quota claims: what a refusal says, whom the pods are asked for, and what is written of a silent pod."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Claim
from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import OverQuota, PodClosed, StoreBusy
from chalicelib.model.quota import Holder, QuotaSet
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.asking.usage import Usage
from chalicelib.service.creating.quota_claims import (
    LEFT_SECONDS,
    MOST_LOOKS,
    MOST_TRIES,
    MOST_UNSETTLED,
    PAUSE_SECONDS,
    unlimited,
)
from tests.builders import NOW, PROJECT, a_pod, a_spec
from tests.service.creating.test_quota_claims import FLAVOR, SEEN, TENANT, Pods, counting
from tests.service.desk import World


def refused(pods, count=1, flavor=FLAVOR):
    decision = decide(snapshot_of([a_pod()]), a_spec(flavor=flavor, count=count), SPREAD, "refused")
    with pytest.raises(OverQuota) as over:
        pods.quota.take(TENANT, decision)
    return str(over.value), over.value.fitting


def test_all_that_is_over_its_limit_is_named_by_name_and_nothing_that_just_fits():
    used = Amounts(vcpus=2, ram_mb=512, instances=1)
    pods = Pods(limits={"ram": 1024, "cores": 8, "instances": 3}, usage=Usage(used))

    told, fitting = refused(pods, count=4)

    assert told == (
        "Quota exceeded for cores, instances, ram: Requested 8, 4, 2048, "
        "but already used 2, 1, 512 of 8, 3, 1024 cores, instances, ram"
    )
    assert fitting == 1
    assert refused(pods, count=3)[0].startswith("Quota exceeded for instances, ram: Requested 3, 1536,")


@pytest.mark.parametrize(
    ("limits", "used", "count", "fitting"),
    [
        ({"cores": 3}, Amounts(), 2, 1),  # room for one and a half
        ({"instances": 2}, Amounts(), 5, 2),
        ({"instances": 2, "cores": 2}, Amounts(), 5, 1),
        ({"instances": 2}, Amounts(instances=2), 1, 0),
        ({"instances": 2}, Amounts(instances=9), 1, 0),
        ({"instances": 0}, Amounts(), 1, 0),
    ],
)
def test_a_refusal_says_how_many_servers_would_fit(limits, used, count, fitting):
    assert refused(Pods(limits=limits, usage=Usage(used)), count)[1] == fitting


def test_who_is_over_a_limit_already_gets_not_even_what_needs_none_of_it():
    pods = Pods(limits={"cores": 1}, usage=Usage(Amounts(vcpus=5)))

    assert refused(pods, flavor=replace(FLAVOR, vcpus=0)) == (
        "Quota exceeded for cores: Requested 0, but already used 5 of 1 cores",
        0,
    )


def test_a_claim_is_the_decisions_under_the_holder_and_counts_as_one_that_nobody_settled():
    pods = Pods()

    pods.take(count=3)

    balance = pods.outside.usages.read(PROJECT)
    need = Amounts(vcpus=6, ram_mb=1536, disk_gb=1, instances=3)
    assert balance.claims == {
        "decision-1": Claim(PROJECT, "decision-1", int(NOW.timestamp()), need, 3),
    }
    assert balance.free == Amounts(disk_gb=MOST_UNSETTLED) - need


def test_the_pods_are_asked_for_the_holder_by_the_callers_token():
    pods = Pods(usage=Usage(Amounts(instances=4)))
    asked = []

    class Reader:
        def of(self, *about):
            asked.append(about)
            return pods.usage

    pods.quota = replace(pods.quota, reader=Reader())
    for _ in range(2):
        with pytest.raises(OverQuota):
            pods.take()

    assert asked == [(TENANT, Holder(PROJECT)), (TENANT, Holder(PROJECT), None)]


@pytest.mark.parametrize(("left", "pauses"), [(LEFT_SECONDS, MOST_LOOKS - 1), (LEFT_SECONDS - 0.1, 0)])
def test_another_look_comes_half_a_second_later_if_there_is_time_for_the_create_too(left, pauses):
    pods = Pods()
    pods.made(4)
    pods.usage = counting(3, counted=SEEN, waiting={"server-3"})

    with pytest.raises(OverQuota):
        pods.take(1, Deadline.after(left, pods.clock))

    assert pods.pauses == [PAUSE_SECONDS] * pauses


def test_after_the_fiftieth_claim_one_look_is_enough_though_the_balance_holds_many_more():
    pods = Pods(limits={"instances": 1000})
    for _ in range(MOST_UNSETTLED):
        pods.take()
    pods.looks.clear()
    settle, pods.outside.usages.settle = pods.outside.usages.settle, lambda settled: False

    pods.take()

    assert len(pods.looks) == 1, "another process settled it meanwhile"
    pods.outside.usages.settle = settle


def test_what_a_silent_pod_keeps_from_being_settled_makes_room_for_fifty_more_claims():
    pods = Pods(limits={"instances": 1000})
    for _ in range(MOST_UNSETTLED - 10):
        pods.take()
    pods.usage = Usage(Amounts(), complete=False)
    with pytest.raises(OverQuota):
        pods.take(count=2000)

    balance = pods.outside.usages.read(PROJECT)
    assert (balance.free.disk_gb, len(balance.claims)) == (MOST_UNSETTLED, MOST_UNSETTLED - 10)
    assert balance.free.instances == -(MOST_UNSETTLED - 10)


def test_a_count_that_begins_while_a_pod_is_silent_is_looked_at_by_the_next_create():
    pods = Pods(usage=Usage(Amounts(), complete=False))
    pods.take()
    assert pods.outside.usages.read(PROJECT).free.disk_gb == 0

    pods.usage = Usage(Amounts())
    pods.take()
    pods.take()
    assert len(pods.looks) == 2


def test_a_count_that_is_forgotten_again_and_again_is_the_stores_trouble():
    pods = Pods()

    def forgotten(claim, least):
        raise PodClosed(claim.pod_id, unknown=True)

    pods.outside.usages.claim = forgotten
    with pytest.raises(StoreBusy, match="counted anew too often"):
        pods.take()
    assert len(pods.looks) == MOST_TRIES + MOST_LOOKS


def test_what_was_taken_of_one_holder_is_given_back_when_the_next_refuses():
    pods = Pods(limits={"instances": 0})
    his = Holder(PROJECT, TENANT.identity.user_id)
    pods.outside.quotas.put(QuotaSet(his).written({"instances": 5}))

    assert refused(pods)[0].startswith("Quota exceeded for instances")
    assert pods.outside.usages.read(his.holder_id).claims == {}


def test_a_claim_is_given_back_of_all_holders_and_a_store_that_fails_is_no_matter():
    pods = Pods()
    his = Holder(PROJECT, TENANT.identity.user_id)
    pods.outside.quotas.put(QuotaSet(his).written({"instances": 5}))
    give_back = pods.take()
    again = pods.take()

    give_back()
    holders = (his.holder_id, PROJECT)
    assert [list(pods.outside.usages.read(each).claims) for each in holders] == [["decision-2"]] * 2

    def fail(_):
        raise StoreBusy("no")

    pods.outside.usages.release = fail
    again()


def test_a_holder_whose_limits_were_taken_away_is_forgotten_once_and_counted_anew_with_new_ones():
    pods = Pods()
    pods.take()
    forget, forgotten = pods.outside.usages.forget, []
    pods.outside.usages.forget = lambda holder_id: forgotten.append(holder_id) or forget(holder_id)
    write = pods.outside.quotas.put

    def limit(instances):
        before = pods.outside.quotas.get(Holder(PROJECT))
        write(before.written({"instances": instances}))

    limit(-1)
    pods.take()
    pods.take()
    assert (forgotten, pods.outside.usages.read(PROJECT)) == ([PROJECT], None)
    limit(4)
    pods.take()
    limit(-1)
    pods.take()
    assert forgotten == [PROJECT, PROJECT]


def test_creates_that_no_quota_concerns_take_nothing():
    assert unlimited(World())() is None
