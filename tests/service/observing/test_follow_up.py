"""Follow-up: a server that found no host counts against its pod, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Settlement
from chalicelib.model.errors import KeystoneUnavailable, NoCredential, PodUnreachable, UntrustedReport
from chalicelib.model.location import Location
from tests.builders import NOW, PROJECT, a_pod
from tests.service.desk import NOTHING_CACHED, World

NOTHING, SMALL = Amounts(), Amounts(1, 2048, 20, 1)


class Servers:
    """Pods that have servers no host took, or raise."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def without_host(self, pod, since):
        self.asked.append((pod.pod_id, since))
        answer = self.answers[pod.pod_id]
        if isinstance(answer, Exception):
            raise answer
        return frozenset(answer)


class Minute(World):
    """The round of a minute, over the pods a and b."""

    def __init__(self, **answers):
        self.servers = Servers(**answers)
        chosen = replace(NOTHING_CACHED, follow_up_seconds=600.0)
        super().__init__(a_pod("a"), a_pod("b"), servers=self.servers, chosen=chosen)
        self.claims = self.outside.claims
        self.claims.open(a_pod("a"))
        self.follow_up = self.services.follow_up

    def made(self, server_id, pod_id="a", seconds_ago=30.0, claim=None):
        at = NOW - timedelta(seconds=seconds_ago)
        self.outside.locations.remember(Location(server_id, PROJECT, pod_id, at, claim=claim))

    def claimed(self):
        return self.claims.read("a").claimed_in_all

    def failed_builds(self):
        return {trouble.pod_id: trouble.failed_builds for trouble in self.outside.troubles.list()}


def test_a_server_that_found_no_host_counts_against_its_pod_and_only_once():
    minute = Minute(a=["s1", "s2"], b=[])
    for server_id in ("s1", "s2", "s3"):
        minute.made(server_id)

    assert minute.follow_up.look() == 2
    assert minute.failed_builds() == {"a": 2.0}
    assert minute.follow_up.look() == 0
    assert minute.failed_builds() == {"a": 2.0}


def test_a_server_that_found_no_host_gives_its_share_of_the_claim_back_once():
    minute = Minute(a=["s1", "s2"])
    claim = minute.claims.claim("a", SMALL.times(3), NOTHING, NOW)
    for server_id in ("s1", "s2", "s3"):
        minute.made(server_id, claim=claim.share(3))

    minute.follow_up.look()
    assert minute.claimed() == SMALL
    minute.follow_up.look()
    assert minute.claimed() == SMALL


def test_what_a_report_covers_already_is_not_given_back():
    minute = Minute(a=["s1"])
    claim = minute.claims.claim("a", SMALL, NOTHING, NOW)
    minute.made("s1", claim=claim)
    seen = minute.claims.read("a")
    minute.claims.settle(Settlement(seen, NOW, SMALL, (claim.minute,)))
    free = minute.claims.read("a").free

    assert minute.follow_up.look() == 1
    assert (minute.claims.read("a").free, minute.claimed()) == (free, NOTHING)


def test_only_pods_with_new_servers_are_asked():
    minute = Minute(a=[], b=[])
    minute.made("s1", seconds_ago=600)
    minute.made("old", "b", seconds_ago=601)

    minute.follow_up.look()

    assert minute.servers.asked == [("a", NOW - timedelta(seconds=600))]


def test_a_server_that_is_not_ours_does_not_count():
    minute = Minute(a=["theirs"])
    minute.made("s1")

    assert minute.follow_up.look() == 0
    assert minute.failed_builds() == {}


@pytest.mark.parametrize(
    "trouble",
    [
        PodUnreachable("a", "timed out", sent=True),
        NoCredential("none"),
        KeystoneUnavailable("none"),
        UntrustedReport("no listing"),
    ],
)
def test_a_pod_that_can_not_be_asked_keeps_no_other_from_being_looked_at(trouble):
    minute = Minute(a=trouble, b=["s2"])
    minute.made("s1", "a")
    minute.made("s2", "b")

    assert minute.follow_up.look() == 1
    assert minute.failed_builds() == {"b": 1.0}
