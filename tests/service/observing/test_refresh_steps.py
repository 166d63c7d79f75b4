"""Refresh: what is written of a pod's look in which order, and what of it an operator is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.capacity import HYPERVISORS, CapacityReport, HostCapacity, Refreshed
from chalicelib.model.claim import Share
from chalicelib.model.errors import (
    AlreadyAsked,
    KeystoneUnavailable,
    NotFound,
    PodUnreachable,
    StoreBusy,
    UntrustedReport,
)
from chalicelib.model.sighting import Stage
from chalicelib.service.observing import capacity
from chalicelib.service.observing.capacity import MOST_ERROR_LETTERS, CapacityRefresh, RefreshRound
from chalicelib.service.observing.follow_up import Followed
from tests.builders import NOW, SetClock, a_capacity, a_flavor, a_pod

FREED, WAITING, LAUNCHED = (Share("pod-a", "t", number) for number in range(3))
FOLLOWED = Followed({FREED: Stage.FREED, WAITING: Stage.WAITING, LAUNCHED: Stage.LAUNCHED}, failed_builds=2)
SPEAKS = a_pod("pod-a", min_microversion="2.1", max_microversion="2.90", generation=4)
REPORTED = replace(SPEAKS, capacity=a_capacity(used=None))
REPORT = CapacityReport(a_capacity(), {"m1.small": a_flavor()}, "2.1", "2.96")
KEPT = replace(REPORT, generation=4)


class Trial:
    """A refresh that notes all that it does to its surroundings, in turn."""

    def __init__(self, *pods, says=REPORT, save=None):
        self.known, self.says, self.refuses = pods or (SPEAKS,), says, save
        self.clock, self.noted = SetClock(), []
        self.refresh = CapacityRefresh(
            self,
            self,
            self,
            self.clock,
            settling=self,
            follow_up=self,
            adoption=self,
            deadline_seconds=20.0,
            workers=4,
            answered=lambda *told: self.noted.append(("answered", *told)),
            publish=lambda: self.noted.append("published"),
        )

    def list(self):
        return list(self.known)

    def get(self, pod_id):
        found = [pod for pod in self.known if pod.pod_id == pod_id]
        if not found:
            raise NotFound("pod", pod_id)
        return _Both(found[0])

    def read(self, pod):
        self.noted.append(("read", pod))
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def look(self, pod):
        self.noted.append(("look", pod.pod_id))
        return FOLLOWED

    def __getattr__(self, name):
        """Any other deed is noted; saving is refused where a test says so."""
        if name not in ("save", "failed", "settle", "gather"):
            raise AttributeError(name)

        def deed(*told):
            self.noted.append((name, *told))
            if name == "save" and self.refuses:
                raise self.refuses

        return deed

    def run(self):
        done = self.refresh.refresh_all()
        return done.pods, self.noted[: self.noted.index("published") + 1]


class _Both:
    """A pod as the store of pods gives it, and as that of capacities does: with hosts."""

    def __init__(self, pod):
        self.pod = pod

    def __iter__(self):
        return iter((HOSTS, {}, None))

    def __getattr__(self, name):
        return getattr(self.pod, name)


HOSTS = a_capacity(hosts=(HostCapacity("h1", a_capacity().totals, a_capacity().used),))
READ = ("read", replace(SPEAKS, capacity=HOSTS))
FINE = (Refreshed("pod-a", "PodA"),)


def test_new_servers_are_looked_at_before_the_report_and_all_servers_after_it():
    trial = Trial()

    pods, noted = trial.run()

    assert pods == FINE
    assert noted == [
        ("look", "pod-a"),  # the new ones
        READ,
        ("look", "pod-a"),  # all
        ("save", "pod-a", KEPT),
        ("settle", replace(SPEAKS, capacity=REPORT.capacity), NOW, [FREED, LAUNCHED], [WAITING]),
        ("answered", "pod-a", NOW),
        "published",
    ]


def test_a_round_says_how_many_builds_failed_and_how_long_it_took(monkeypatch):
    seconds = iter([5.0, 6.2345678])
    trial = Trial()
    trial.refresh._rounds = type("Still", (), {"ask": lambda _, pods: [(pods[0], KeyError("x"))]})()
    monkeypatch.setattr(capacity, "monotonic", lambda: next(seconds))

    assert trial.refresh.refresh_all() == RefreshRound(
        (Refreshed("pod-a", "PodA", "unforeseen error: KeyError"),), 1.235, failed_builds=0
    )
    monkeypatch.undo()
    assert Trial().refresh.refresh_all().failed_builds == 2


@pytest.mark.parametrize(("took", "looks"), [(9.9, 2), (10.0, 1), (10.1, 1)])
def test_after_a_report_that_took_half_of_the_time_servers_are_looked_through_next_time(
    took, looks, monkeypatch
):
    trial = Trial()
    monkeypatch.setattr(capacity, "monotonic", iter([100.0, 100.0 + took]).__next__)

    trial.refresh._observe(SPEAKS)
    assert trial.noted.count(("look", "pod-a")) == looks


def test_a_pod_out_of_reach_is_not_looked_through_and_one_whose_report_is_odd_is():
    out_of_reach = Trial(says=PodUnreachable("pod-a", "refused", sent=False))
    odd = Trial(says=UntrustedReport("NaN"))
    for trial, looks in ((out_of_reach, 1), (odd, 2)):
        trial.run()
        assert trial.noted.count(("look", "pod-a")) == looks


@pytest.mark.parametrize(
    ("says", "told", "reachable"),
    [
        (PodUnreachable("pod-a", "refused", sent=False), "refused", False),
        (UntrustedReport("NaN"), "NaN", True),
        (KeystoneUnavailable("down"), "down", None),
        (KeyError("x"), "unforeseen error: KeyError", None),
        (UntrustedReport("x" * 500), "x" * MOST_ERROR_LETTERS, True),
    ],
)
def test_a_failure_is_noted_since_the_round_began_and_claims_of_a_pod_that_reported_once_are_gathered(
    says, told, reachable
):
    trial = Trial(REPORTED, says=says)

    pods, noted = trial.run()

    assert pods == (Refreshed("pod-a", "PodA", told),)
    assert noted[-3:] == [
        ("failed", "pod-a", NOW, told, reachable),
        ("gather", "pod-a", NOW, [FREED]),
        "published",
    ]


def test_claims_of_a_pod_that_never_reported_are_settled_as_if_it_were_free():
    trial = Trial(says=PodUnreachable("pod-a", "refused", sent=False))

    assert trial.run()[1][-2] == ("settle", SPEAKS, NOW, [FREED], [WAITING])


def test_a_pod_that_another_round_is_asking_is_told_so_and_nothing_is_written():
    trial = Trial(says=AlreadyAsked("at this moment"))

    pods, noted = trial.run()

    assert pods == (Refreshed("pod-a", "PodA", "PodA is being refreshed at this moment"),)
    assert noted[-2:] == [("look", "pod-a"), "published"]


@pytest.mark.parametrize(("seconds", "error"), [(0, ""), (1, "the report is dated in the future")])
def test_a_report_may_be_dated_now_and_no_later(seconds, error):
    at = NOW + timedelta(seconds=seconds)
    trial = Trial(says=replace(REPORT, capacity=a_capacity(reported_at=at)))

    assert trial.run()[0] == (Refreshed("pod-a", "PodA", error),)


def test_a_report_that_is_too_large_to_keep_is_noted_and_settles_nothing():
    trial = Trial(REPORTED, save=UntrustedReport("too large"))

    _, noted = trial.run()

    assert [each[0] for each in noted[-4:-1]] == ["save", "failed", "gather"]
    assert noted[-3] == ("failed", "pod-a", NOW, "too large", True)


def test_a_store_that_is_busy_is_told_and_notes_nothing_of_the_pod():
    trial = Trial(save=StoreBusy("throttled"))

    pods, noted = trial.run()

    assert pods == (Refreshed("pod-a", "PodA", "throttled"),)
    assert noted[-2][0] == "save"


def test_which_shares_end_depends_on_where_the_figures_come_from():
    shares = Followed({FREED: Stage.PLACED, LAUNCHED: Stage.LAUNCHED})
    trial = Trial(says=replace(REPORT, capacity=replace(a_capacity(), source=HYPERVISORS)))
    trial.refresh._follow_up = type("Placed", (), {"look": lambda _, pod: shares})()

    settled = [each for each in trial.run()[1] if each[0] == "settle"]
    assert [each[3] for each in settled] == [[LAUNCHED]]


@pytest.mark.parametrize(
    ("before", "now", "kept"),
    [
        (("2.1", "2.90"), ("2.1", "2.96"), ("2.1", "2.96")),
        (("2.1", "2.90"), ("2.1", "2.90"), ("2.1", "2.90")),
        (("2.1", "2.90"), ("2.1", "2.89"), ("2.1", "2.90")),
        (("2.1", "2.90"), ("2.2", "2.96"), ("2.1", "2.90")),
        (("2.1", "2.90"), ("", ""), ("2.1", "2.90")),
        (("2.1", "2.90"), ("nonsense", "2.96"), ("2.1", "2.90")),
        (("", ""), ("2.1", "2.50"), ("2.1", "2.50")),
        (("", ""), ("", ""), ("", "")),
    ],
)
def test_a_pod_may_speak_more_versions_than_before_and_never_fewer(before, now, kept):
    pod = a_pod("pod-a", min_microversion=before[0], max_microversion=before[1])
    trial = Trial(pod, says=replace(REPORT, min_microversion=now[0], max_microversion=now[1]))

    (saved,) = [each[2] for each in trial.run()[1] if each[0] == "save"]
    assert saved == replace(REPORT, min_microversion=kept[0], max_microversion=kept[1])


def test_the_top_region_is_left_out_of_rounds():
    trial = Trial(SPEAKS, a_pod("top", az_name=""))

    assert trial.run()[0] == FINE
