"""Quota claims: what is counted when, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Share
from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.errors import OverQuota
from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.quota import Holder, QuotaSet
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.asking.usage import Usage
from chalicelib.service.creating.quota_claims import LEFT_SECONDS, MOST_LOOKS, MOST_UNSETTLED
from tests.builders import NOW, PROJECT, a_flavor, a_pod, a_spec
from tests.service.desk import OPERATOR, World

TENANT: Caller = replace(OPERATOR, identity=replace(OPERATOR.identity, project_id=PROJECT))
FLAVOR = a_flavor(vcpus=2, ram_mb=512)


@dataclass
class Pods(World):
    """A project with a limit, and pods that say what a test lets them say."""

    limits: dict = field(default_factory=lambda: {"instances": 4})
    usage: Usage = field(default_factory=lambda: Usage(Amounts()))
    looks: list = field(default_factory=list)
    later: list = field(default_factory=list)
    pauses: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__(a_pod())
        self.outside.quotas.put(QuotaSet(Holder(PROJECT)).written(self.limits))
        self.quota = replace(self.services.servers.quota, reader=self, pause=self.pause)
        self.number = 0

    def of(self, caller, holder, new_since=None):
        self.looks.append((holder, new_since))
        return self.usage

    def pause(self, seconds):
        """Time goes by, and what the pods say changes with it."""
        self.pauses.append(seconds)
        self.usage = self.later.pop(0) if self.later else self.usage

    def made(self, count):
        """Servers that were created and whose claims nobody has settled yet."""
        for number in range(1, count + 1):
            self.take()
            share = Share("pod-a", f"decision-{number}", 0)
            place = Location(f"server-{number}", PROJECT, "pod-a", self.clock(), share=share)
            self.outside.locations.remember(place)

    def take(self, count=1, deadline=NO_DEADLINE):
        self.number += 1
        spec = a_spec(flavor=FLAVOR, count=count)
        decision = decide(snapshot_of([a_pod()]), spec, SPREAD, f"decision-{self.number}")
        return self.quota.take(replace(TENANT, deadline=deadline), decision)

    @property
    def used(self):
        used = Amounts() - self.outside.usages.read(PROJECT).free
        return used.instances, used.vcpus, used.ram_mb


def test_the_first_create_looks_at_what_is_used_and_the_next_ones_do_not():
    pods = Pods(usage=Usage(Amounts(vcpus=2, ram_mb=512, instances=1)))

    pods.take()
    pods.take(count=2)

    assert pods.used == (4, 8, 2048)
    assert len(pods.looks) == 1


def test_what_is_given_back_can_be_taken_again():
    pods = Pods()
    pods.take(count=3)
    give_back = pods.take()
    give_back()
    give_back()

    assert pods.used[0] == 3
    pods.take()


def test_before_the_quota_refuses_what_is_used_is_looked_at_anew():
    pods = Pods(usage=Usage(Amounts(vcpus=8, ram_mb=2048, instances=4)))
    with pytest.raises(OverQuota) as refused:
        pods.take()
    assert str(refused.value) == (
        "Quota exceeded for instances: Requested 1, but already used 4 of 4 instances"
    )

    pods.usage = Usage(Amounts(vcpus=6, ram_mb=1536, instances=3))  # one was deleted
    pods.take()
    assert pods.used[0] == 4


def test_a_server_that_the_pods_count_is_not_counted_twice_and_one_that_they_do_not_once():
    pods = Pods()
    pods.made(4)
    pods.usage = Usage(
        Amounts(instances=2), counted=frozenset({"server-1", "server-2"}), waiting=frozenset({"server-3"})
    )

    with pytest.raises(OverQuota):
        pods.take()
    assert pods.used[0] == 4
    assert set(pods.outside.usages.read(PROJECT).claims) == {"decision-3", "decision-4"}

    pods.clock.now += timedelta(minutes=5)  # nobody saw the fourth in all that time
    pods.take()
    assert pods.used[0] == 4


SEEN = {"server-1", "server-2", "server-4"}  # of which the last is gone


def counting(used, *, waiting=(), counted=()):
    return Usage(Amounts(instances=used), counted=frozenset(counted), waiting=frozenset(waiting))


def test_a_create_that_would_just_fit_looks_again_until_no_server_may_count_twice():
    pods = Pods()
    pods.made(4)
    pods.usage = counting(3, counted=SEEN, waiting={"server-3"})
    pods.later = [pods.usage, counting(3, counted=SEEN | {"server-3"})]

    pods.take()

    assert len(pods.pauses) == 2
    assert pods.used[0] == 4


@pytest.mark.parametrize(
    ("count", "seconds_left", "pauses"), [(1, 24.0, MOST_LOOKS - 1), (2, 24.0, 0), (1, LEFT_SECONDS - 1, 0)]
)
def test_it_is_refused_when_looking_again_does_not_help_or_takes_too_long(count, seconds_left, pauses):
    pods = Pods()
    pods.made(4)
    pods.usage = counting(3, counted=SEEN, waiting={"server-3"})

    with pytest.raises(OverQuota) as refused:
        pods.take(count, Deadline.after(seconds_left, pods.clock))

    assert len(pods.pauses) == pauses
    assert refused.value.fitting == 1  # so a create that does with fewer servers asks for one, and waits
    assert pods.used[0] == 4


def test_what_a_silent_pod_has_is_counted_as_soon_as_it_answers():
    pods = Pods(limits={"cores": 8}, usage=Usage(Amounts(instances=3), complete=False))
    pods.take()
    pods.usage = Usage(Amounts(vcpus=6, ram_mb=1536, instances=3))

    with pytest.raises(OverQuota):
        pods.take()


def test_while_a_pod_is_silent_the_count_stays():
    pods = Pods()
    pods.take(count=4)
    pods.usage = Usage(Amounts(), complete=False)

    with pytest.raises(OverQuota):
        pods.take()

    assert pods.used[0] == 4


def test_after_many_creates_somebody_looks_so_that_the_item_stays_small():
    pods = Pods(limits={"instances": 10 * MOST_UNSETTLED})
    for _ in range(3 * MOST_UNSETTLED):
        pods.take()

    assert len(pods.looks) in (3, 4)
    assert pods.used[0] == 3 * MOST_UNSETTLED


def test_a_silent_pod_keeps_no_create_waiting_but_each_fiftieth():
    pods = Pods(limits={"instances": 10 * MOST_UNSETTLED}, usage=Usage(Amounts(), complete=False))
    for _ in range(3 * MOST_UNSETTLED):
        pods.take()

    assert len(pods.looks) in (3, 4)
    assert pods.used[0] == 3 * MOST_UNSETTLED


def test_nothing_is_kept_for_a_project_without_limits():
    pods = Pods(limits={})
    pods.take()

    assert pods.looks == []
    assert pods.outside.usages.read(PROJECT) is None


def test_who_is_at_his_own_limit_holds_nothing_of_his_projects():
    pods = Pods()
    his = Holder(PROJECT, TENANT.identity.user_id)
    pods.outside.quotas.put(QuotaSet(his).written({"instances": 0}))

    with pytest.raises(OverQuota):
        pods.take()

    assert [holder for holder, _ in pods.looks] == [his]
    assert pods.outside.usages.read(PROJECT) is None


def test_pods_are_asked_for_what_is_new_since_a_minute_before_the_oldest_claim():
    pods = Pods()
    pods.made(1)
    pods.clock.passes(100)
    pods.made(3)
    pods.looks.clear()
    with pytest.raises(OverQuota):
        pods.take(2)

    assert {since for _, since in pods.looks} == {NOW - timedelta(seconds=60)}
