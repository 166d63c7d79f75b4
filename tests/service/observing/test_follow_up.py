"""Follow-up: what became of new servers is learned before their pod is observed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import HYPERVISORS, CapacityReport
from chalicelib.model.errors import KeystoneUnavailable, NoCredential, PodUnreachable, UntrustedReport
from chalicelib.model.location import Location
from chalicelib.model.sighting import Sighting, Stage
from tests.builders import NOW, PROJECT, a_capacity, a_claim, a_pod
from tests.service.desk import NOTHING_CACHED, NoServers, World

NOTHING, SMALL = Amounts(), Amounts(1, 2048, 20, 1)


class Minute(World, NoServers):
    """The round of a minute, over the pods a and b, that list the servers which a test says, or raise.

    The reports say that nothing is used; ``unread`` is raised in their place.
    """

    def __init__(self, **listed):
        self.listed, self.asked = listed, []
        self.source, self.unread = "placement", None
        chosen = replace(NOTHING_CACHED, follow_up_seconds=600.0)
        super().__init__(a_pod("a"), a_pod("b"), servers=self, reader=self, chosen=chosen)
        self.claims = self.outside.claims
        self.claims.open(a_pod("a"))
        self.services.capacity_refresh.refresh_all()
        self.asked.clear()

    def changed_since(self, pod, since):
        self.asked.append((pod.pod_id, since))
        listed = self.listed.get(pod.pod_id, [])
        if isinstance(listed, Exception):
            raise listed
        return listed

    def read(self, pod):
        if self.unread:
            raise self.unread
        capacity = a_capacity(10, reported_at=self.clock.now)
        return CapacityReport(replace(capacity, source=self.source))

    def made(self, server_id, pod_id="a", seconds_ago=30.0, share=None):
        at = NOW - timedelta(seconds=seconds_ago)
        self.outside.locations.remember(Location(server_id, PROJECT, pod_id, at, share=share))

    def look(self):
        """The failed builds that a round finds anew."""
        return self.services.capacity_refresh.refresh_all().failed_builds

    def claimed(self):
        return self.claims.read("a").claimed

    def failed_builds(self):
        return {trouble.pod_id: trouble.failed_builds for trouble in self.outside.troubles.list()}


def failed(*server_ids):
    return [Sighting(server_id, Stage.FREED, found_no_host=True) for server_id in server_ids]


def test_a_server_that_found_no_host_counts_against_its_pod_and_only_once():
    minute = Minute(a=failed("s1", "s2"), b=[])
    for server_id in ("s1", "s2", "s3"):
        minute.made(server_id)

    assert minute.look() == 2
    assert minute.failed_builds() == {"a": 2.0}
    assert minute.look() == 0
    assert minute.failed_builds() == {"a": 2.0}


@pytest.mark.parametrize(
    ("stage", "source", "claimed"),
    [
        (Stage.WAITING, "placement", SMALL.times(3)),
        (Stage.PLACED, "placement", SMALL),
        (Stage.PLACED, HYPERVISORS, SMALL.times(3)),
        (Stage.LAUNCHED, HYPERVISORS, SMALL),
        (Stage.FREED, "placement", SMALL),
    ],
)
def test_the_shares_of_servers_that_the_report_includes_or_that_are_gone_end_with_it(stage, source, claimed):
    minute = Minute(a=[Sighting("s1", stage), Sighting("s2", stage)])
    minute.source = source
    claim = minute.claims.claim(a_claim("a", SMALL.times(3), count=3), NOTHING)
    for number, server_id in enumerate(("s1", "s2", "s3")):
        minute.made(server_id, share=claim.share(number))

    minute.look()

    assert minute.claimed() == claimed
    assert minute.claims.read("a").free.vcpus == 10 - claimed.vcpus


def test_a_server_that_its_owner_has_deleted_gives_its_share_back_too():
    minute = Minute(a=[Sighting("s1", Stage.FREED)])
    claim = minute.claims.claim(a_claim("a", SMALL), NOTHING)
    minute.made("s1", share=claim.share(0))
    minute.outside.locations.end("s1", NOW)

    minute.look()

    assert minute.claimed() == NOTHING


def test_a_pod_that_gives_no_report_gets_back_what_is_gone_and_no_more():
    gone, placed = Sighting("s1", Stage.FREED), Sighting("s2", Stage.LAUNCHED)
    minute = Minute(a=[gone, placed])
    claim = minute.claims.claim(a_claim("a", SMALL.times(2), count=2), NOTHING)
    minute.made("s1", share=claim.share(0))
    minute.made("s2", share=claim.share(1))
    minute.unread = UntrustedReport("nonsense")

    minute.look()

    assert minute.claimed() == SMALL
    assert minute.claims.read("a").free.vcpus == 9


def test_another_pods_list_ends_no_share():
    minute = Minute(a=[], b=[Sighting("s1", Stage.FREED), *failed("s2")])
    claim = minute.claims.claim(a_claim("a", SMALL), NOTHING)
    minute.made("s1", share=claim.share(0))
    minute.made("s2")
    minute.made("s3", "b")

    assert minute.look() == 0
    assert minute.claimed() == SMALL


def test_only_pods_with_claims_or_new_servers_are_asked():
    minute = Minute()
    minute.made("s1", seconds_ago=600)
    minute.made("old", "b", seconds_ago=601)

    minute.look()
    assert minute.asked == [("a", NOW - timedelta(seconds=600))]
    minute.claims.open(a_pod("b"))
    minute.claims.claim(a_claim("b", SMALL), NOTHING)
    minute.look()

    assert sorted(pod_id for pod_id, _ in minute.asked) == ["a", "a", "b"]


def test_a_server_that_is_not_ours_does_not_count():
    minute = Minute(a=failed("theirs"))
    minute.made("s1")

    assert minute.look() == 0
    assert minute.failed_builds() == {}


@pytest.mark.parametrize(
    "trouble",
    [
        PodUnreachable("a", "timed out", sent=True),
        NoCredential("none"),
        KeystoneUnavailable("none"),
        UntrustedReport("no listing"),
        RuntimeError("unforeseen"),
    ],
)
def test_a_pod_that_can_not_be_asked_keeps_no_other_from_being_looked_at_and_reports_all_the_same(trouble):
    minute = Minute(a=trouble, b=failed("s2"))
    minute.made("s1", "a")
    minute.made("s2", "b")
    minute.clock.passes(60.0)

    assert minute.look() == 1
    assert minute.failed_builds() == {"b": 1.0}
    assert minute.outside.capacities.get("a")[2].refreshed_at == minute.clock.now


@pytest.mark.parametrize("unread", [None, UntrustedReport("nonsense")])
def test_a_server_that_is_seen_without_a_host_keeps_its_claim_however_old_that_is(unread):
    minute = Minute(b=[Sighting("s1", Stage.WAITING), Sighting("s2", Stage.LAUNCHED)])
    minute.outside.capacities.delete("b")  # it never reported
    minute.unread = unread
    claim = minute.claims.claim(a_claim("b", SMALL.times(2), "t1", count=2), NOTHING)
    minute.claims.claim(a_claim("b", SMALL, "nobody's"), NOTHING)
    for number, server_id in enumerate(("s1", "s2")):
        minute.made(server_id, "b", share=claim.share(number))
    minute.clock.passes(500.0)

    minute.look()

    assert minute.claims.read("b").claims.keys() == {"t1"}
    minute.listed["b"] = [Sighting("s1", Stage.FREED)]
    minute.look()
    assert minute.claims.read("b").claims == {}


def test_servers_that_found_a_host_and_those_that_nobody_knows_count_as_no_failed_build():
    minute = Minute(a=[Sighting("s1", Stage.LAUNCHED), Sighting("theirs", Stage.PLACED), *failed("not ours")])
    claim = minute.claims.claim(a_claim("a", SMALL.times(2), count=2), NOTHING)
    minute.made("s1", share=claim.share(0))

    assert minute.look() == 0
    assert minute.failed_builds() == {}
    assert minute.claimed() == SMALL, "the report counts the other"
