"""Claiming: what is taken of a pod, by which limit, and what a refusal teaches about the pod."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import UNCOUNTED, Claim, Share
from chalicelib.model.errors import PodClosed, PodFull, StoreBusy
from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.creating.claims import MOST_RECOUNTED, Claiming, least_free
from tests.builders import NOW, a_capacity, a_claim, a_filled_pod, a_flavor, a_pod, a_spec
from tests.service.desk import World

ONE = a_flavor().need()
POD = a_filled_pod("pod-a", 10)


class Books(World):
    """A claiming over these pods, whose balances are open."""

    def __init__(self, *pods, opened=True):
        super().__init__(*pods)
        self.claims, self.pods = self.outside.claims, self.outside.pods
        self.claiming = Claiming(self.claims, self.pods, self.clock)
        for pod in pods if opened else ():
            self.claims.open(pod)

    def take(self, pod, spec=None):
        decision = decide(snapshot_of([pod]), spec or a_spec(count=2), SPREAD, "d-1")
        return self.claiming.take(pod, decision, SPREAD)


def test_a_claim_is_the_decisions_need_under_its_id():
    books = Books(POD)

    claim = books.take(POD)

    assert claim == Claim("pod-a", "d-1", int(NOW.timestamp()), ONE.times(2), 2)
    assert books.claims.read("pod-a").claims == {"d-1": claim}


def test_a_decision_that_claims_twice_takes_its_room_once():
    books = Books(POD)

    assert books.take(POD) == books.take(POD)
    assert books.claims.read("pod-a").claimed == ONE.times(2)


def test_a_pod_that_was_registered_before_there_were_balances_gets_one():
    books = Books(POD, opened=False)

    books.take(POD)

    assert books.claims.read("pod-a").free == Amounts(90, 102_400, 10_000, UNCOUNTED) - ONE.times(2)


def test_a_pod_that_is_gone_is_closed_and_gets_no_balance():
    books = Books()

    with pytest.raises(PodClosed) as closed:
        books.take(POD)

    assert (closed.value.pod_id, closed.value.unknown) == ("pod-a", True)
    assert books.claims.all() == {}


def test_a_fenced_pod_is_not_opened_by_a_claim():
    fenced = replace(POD, state=PodState.CORDONED)
    books = Books(fenced)

    with pytest.raises(PodClosed) as closed:
        books.take(POD)
    assert (closed.value.unknown, books.claims.read("pod-a").open) == (False, False)


@pytest.mark.parametrize("error", [StoreBusy("no answer"), KeyboardInterrupt()])
def test_a_claim_that_may_be_taken_though_the_store_failed_is_given_back(error):
    books = Books(POD)
    claim = books.claims.claim

    def taken_and_lost(*asked):
        claim(*asked)
        raise error

    books.claims.claim = taken_and_lost

    with pytest.raises(type(error)):
        books.take(POD)
    assert books.claims.read("pod-a").claims == {}


def test_a_refused_claim_gives_nothing_back_since_nothing_was_taken():
    books = Books(replace(POD, capacity=a_capacity(vcpus=1)))
    books.claims.release = lambda _: pytest.fail("nothing was claimed")

    with pytest.raises(PodFull):
        books.take(POD)


def test_one_servers_share_is_given_back_alone_and_a_store_that_fails_is_no_matter():
    books = Books(POD)
    books.take(POD)
    books.claiming.release_share(Share("pod-a", "d-1", 1))
    assert books.claims.read("pod-a").claimed == ONE

    def fail(_):
        raise StoreBusy("no")

    books.claims.release = books.claims.release_share = fail
    books.claiming.release_share(Share("pod-a", "d-1", 0))
    books.claiming.release(a_claim("pod-a", ONE))
    assert books.claims.read("pod-a").claimed == ONE


@pytest.mark.parametrize(("bound_to", "watermark"), [((), 90), ("pod-a", 95)])
def test_what_must_be_free_is_the_need_and_what_the_watermark_holds_back(bound_to, watermark):
    pod = replace(POD, capacity=a_capacity(100, 1000, None))
    spec = a_spec(bound_to=bound_to)

    assert least_free(pod, spec, SPREAD) == Amounts(
        1 + 100 - watermark, 1024 + 1000 - 10 * watermark, ONE.disk_gb, ONE.instances
    )


def test_without_a_watermark_nothing_must_be_free():
    free_for_all = replace(SPREAD, filters=())

    assert least_free(POD, a_spec(), free_for_all) == Amounts(-UNCOUNTED, -UNCOUNTED, -UNCOUNTED, -UNCOUNTED)


def corrected(pod, refused, *stored):
    others = a_pod("other")
    before = snapshot_of([pod, others], version=7)
    return Books(*stored).claiming.corrected(refused, before)


def test_a_full_pod_is_as_full_as_its_balance_says():
    after = corrected(POD, PodFull("pod-a", Amounts(3, 400, 50, UNCOUNTED)))

    assert [pod.pod_id for pod in after] == ["pod-a", "other"]
    assert (after[0].claimed, after.version) == (Amounts(87, 102_000, 9950, 0), 7)
    assert after[0] == replace(POD, claimed=after[0].claimed)


def test_a_pod_whose_balance_counts_other_resources_is_read_again():
    fresh = replace(POD, weight=3.0)
    counts_no_memory = PodFull("pod-a", Amounts(3, UNCOUNTED, 50, UNCOUNTED))

    assert corrected(POD, counts_no_memory, fresh)[0].weight == 3.0


def test_a_closed_pod_is_read_again_and_offers_what_it_just_told_us_of():
    told = replace(POD, catalogue={"new": a_flavor("new")})
    stored = replace(POD, catalogue={"old": a_flavor("old")}, state=PodState.CORDONED)

    after, kept = corrected(told, PodClosed("pod-a"), stored), corrected(POD, PodClosed("pod-a"), stored)

    assert (after[0].state, after[0].catalogue) == (PodState.CORDONED, told.catalogue)
    assert kept[0].catalogue == stored.catalogue


def test_a_closed_pod_that_is_gone_is_no_longer_there():
    after = corrected(POD, PodClosed("pod-a"))

    assert ([pod.pod_id for pod in after], after.version) == (["other"], 7)


def test_pods_that_only_claims_keep_a_request_out_of_are_counted_anew():
    held = replace(POD, claimed=Amounts(vcpus=85))
    full = a_filled_pod("full", 95, claimed=Amounts(vcpus=1))
    free = a_filled_pod("free", claimed=Amounts(vcpus=1))
    unknown = replace(held, pod_id="unknown")
    books = Books(POD, full, free)
    read, books.claims.read = books.claims.read, lambda pod_id: asked.append(pod_id) or read(pod_id)
    asked = []

    after = books.claiming.recounted(snapshot_of([held, full, free, unknown], 7), a_spec(), SPREAD)

    assert asked == ["pod-a", "unknown"]
    assert [pod.claimed.vcpus for pod in after] == [0, 1, 1, 85]
    assert after.version == 7


def test_where_no_claim_keeps_it_out_counting_anew_can_not_help():
    full = a_filled_pod("full", 100)
    books = Books(full)
    books.claims.read = lambda _: pytest.fail("nothing is claimed")

    assert books.claiming.recounted(snapshot_of([full]), a_spec(), SPREAD) is None


def test_a_balance_that_counts_other_resources_can_not_help_either():
    held = replace(POD, claimed=Amounts(vcpus=85))
    books = Books(replace(POD, capacity=a_capacity(vcpus=None)))

    assert books.claiming.recounted(snapshot_of([held]), a_spec(), SPREAD) is None


def test_only_so_many_balances_are_read_for_one_request():
    held = [replace(POD, pod_id=f"pod-{number}", claimed=Amounts(vcpus=85)) for number in range(12)]
    books = Books(*held)
    read, asked = books.claims.read, []
    books.claims.read = lambda pod_id: asked.append(pod_id) or read(pod_id)

    assert books.claiming.recounted(snapshot_of(held), a_spec(), SPREAD) is not None
    assert asked == [f"pod-{number}" for number in range(MOST_RECOUNTED)]
