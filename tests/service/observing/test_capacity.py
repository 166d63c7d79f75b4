import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import CapacityReport, HostCapacity, PodHealth
from chalicelib.model.errors import (
    KeystoneUnavailable,
    NoCredential,
    NotFound,
    PodUnreachable,
    StoreBusy,
    UntrustedReport,
)
from chalicelib.model.pod import PodState
from tests.builders import NOW, a_capacity, a_flavor, a_pod
from tests.service.desk import NOTHING_CACHED, World

REPORT = CapacityReport(a_capacity(), {"m1.small": a_flavor()}, "2.1", "2.90")
REFUSED = PodUnreachable("pod-a", "refused", sent=False)


class Reader:
    """Reports by pod: a report, an error to raise, or an event to wait for."""

    def __init__(self, **by_pod):
        self.by_pod = {name.replace("_", "-"): answer for name, answer in by_pod.items()}
        self.seen = []

    def read(self, pod):
        self.seen.append(pod)
        answer = self.by_pod.get(pod.pod_id, REPORT)
        if isinstance(answer, threading.Event):
            answer.wait(10)
            return REPORT
        if isinstance(answer, Exception):
            raise answer
        return answer


class Desk(World):
    """A refresh on memory stores."""

    def __init__(self, reader, *pods, deadline_seconds=20.0, workers=32):
        choices = {"refresh_deadline_seconds": deadline_seconds, "refresh_workers": workers}
        super().__init__(reader=reader, chosen=replace(NOTHING_CACHED, **choices))
        self.capacities, self.pods = self.outside.capacities, self.outside.pods
        for pod in pods or (a_pod("pod-a"), a_pod("pod-b")):
            self.pods.create(pod)
        self.refresh = self.services.capacity_refresh

    def capacity(self, pod_id):
        return self.capacities.get(pod_id)[0]

    def health(self, pod_id):
        return self.capacities.get(pod_id)[2]


@pytest.fixture
def hanging():
    event = threading.Event()
    yield event
    event.set()


def let_go(hanging):
    """The pods that hang answer, and nobody waits for them any more."""
    hanging.set()
    for thread in threading.enumerate():
        if thread.name.startswith("refresh-"):
            thread.join(10)


def test_a_round_keeps_the_report_of_every_pod():
    desk = Desk(Reader())
    done = desk.refresh.refresh_all()

    assert {pod.pod_id for pod in done.pods} == {"pod-a", "pod-b"}
    assert done.failed == ()
    assert desk.capacities.get("pod-b")[:2] == (REPORT.capacity, REPORT.catalogue)


def test_pods_of_any_state_are_observed():
    pods = [a_pod(f"pod-{state.value}", state=state) for state in PodState]
    done = Desk(Reader(), *pods).refresh.refresh_all()
    assert len(done.pods) == len(PodState)


def test_the_top_region_is_not_observed_and_rings_no_alarm():
    desk = Desk(Reader(top=REFUSED), a_pod("pod-a"), a_pod("top", az_name="", proven=False))

    done = desk.refresh.refresh_all()

    assert [pod.pod_id for pod in done.pods] == ["pod-a"]
    assert desk.health("top").error == ""


def test_a_pod_that_is_down_keeps_its_last_report_and_is_out_of_reach_since_then():
    desk = Desk(Reader(pod_a=REFUSED))
    desk.capacities.save("pod-a", REPORT)
    desk.clock.now = NOW + timedelta(minutes=5)
    done = desk.refresh.refresh_all()

    assert [(pod.pod_id, pod.error) for pod in done.failed] == [("pod-a", "refused")]
    assert desk.capacity("pod-a") == REPORT.capacity
    assert (desk.health("pod-a").unreachable_since, desk.health("pod-a").error) == (desk.clock.now, "refused")
    assert desk.health("pod-b").unreachable_since is None


@pytest.mark.parametrize(
    "error", [NoCredential("none"), KeystoneUnavailable("down"), UntrustedReport("NaN"), KeyError()]
)
def test_a_refresh_that_fails_for_another_reason_puts_no_pod_out_of_reach(error):
    desk = Desk(Reader(pod_a=error))
    assert len(desk.refresh.refresh_all().failed) == 1
    assert desk.health("pod-a").unreachable_since is None
    assert desk.health("pod-a").error


@pytest.mark.parametrize(
    ("error", "still_out"),
    [(NoCredential("none"), True), (KeystoneUnavailable("down"), True), (UntrustedReport("NaN"), False)],
)
def test_only_an_answer_of_the_pod_itself_ends_its_time_out_of_reach(error, still_out):
    reader = Reader(pod_a=REFUSED)
    desk = Desk(reader, a_pod("pod-a"))
    desk.refresh.refresh_all()
    reader.by_pod["pod-a"] = error
    desk.clock.now = NOW + timedelta(minutes=4)
    desk.refresh.refresh_all()

    assert (desk.health("pod-a").unreachable_since == NOW) is still_out
    assert (desk.health("pod-a").unreachable_at == NOW) is still_out


def test_a_report_from_the_future_is_refused():
    future = CapacityReport(a_capacity(reported_at=NOW + timedelta(seconds=1)))
    desk = Desk(Reader(pod_a=future))
    assert "future" in desk.refresh.refresh_all().failed[0].error
    assert desk.capacity("pod-a") is None


def test_a_pod_that_hangs_delays_no_other_and_fails_at_its_deadline(hanging):
    desk = Desk(Reader(pod_a=hanging), deadline_seconds=1.0)
    started = time.monotonic()
    done = desk.refresh.refresh_all()

    assert time.monotonic() - started < 8
    assert [pod.pod_id for pod in done.failed] == ["pod-a"]
    assert desk.health("pod-a").unreachable_since == NOW
    assert desk.capacity("pod-b") == REPORT.capacity


def test_a_report_that_comes_after_its_deadline_is_not_kept(hanging):
    desk = Desk(Reader(pod_a=hanging), a_pod("pod-a"), deadline_seconds=0.1)
    desk.refresh.refresh_all()
    let_go(hanging)
    assert desk.capacity("pod-a") is None


def test_the_reader_gets_the_last_known_hosts():
    hosts = (HostCapacity("h1", Totals(8, 1024, 10), Amounts()),)
    reader = Reader()
    desk = Desk(reader, a_pod("pod-a"))
    desk.capacities.save("pod-a", replace(REPORT, capacity=a_capacity(hosts=hosts)))
    desk.refresh.refresh_all()
    assert reader.seen[0].capacity.hosts == hosts


def test_one_pod_can_be_refreshed_now():
    reader = Reader(pod_b=REFUSED)
    desk = Desk(reader)
    assert desk.refresh.refresh("pod-a").error == ""
    assert desk.refresh.refresh("pod-b").error == "refused"
    assert [pod.pod_id for pod in reader.seen] == ["pod-a", "pod-b"]
    with pytest.raises(NotFound):
        desk.refresh.refresh("pod-z")


def a_broken_desk(trouble, reader=None):
    """With a store that can't keep one pod's report."""
    desk = Desk(reader or Reader())
    save = desk.capacities.save

    def save_all_but_one(pod_id, report):
        if pod_id == "pod-a":
            raise trouble
        save(pod_id, report)

    desk.capacities.save = save_all_but_one
    return desk


@pytest.mark.parametrize("trouble", [ValueError("odd"), KeyError("x"), UntrustedReport("too large")])
def test_a_report_that_cannot_be_stored_ends_no_round(trouble):
    desk = a_broken_desk(trouble)
    done = desk.refresh.refresh_all()
    assert [pod.pod_id for pod in done.failed] == ["pod-a"]
    assert desk.capacity("pod-b") == REPORT.capacity


def test_a_report_too_large_to_keep_comes_from_a_pod_in_reach():
    reader = Reader(pod_a=REFUSED)
    desk = a_broken_desk(UntrustedReport("too large"), reader)
    desk.refresh.refresh_all()
    reader.by_pod.clear()
    desk.refresh.refresh_all()
    assert (desk.health("pod-a").unreachable_since, desk.health("pod-a").error) == (None, "too large")


def test_a_refresh_by_hand_during_the_clocks_says_so_and_blames_no_pod(hanging):
    reader = Reader(pod_a=hanging)
    desk = Desk(reader, a_pod("pod-a"), deadline_seconds=5.0)
    clocks = threading.Thread(target=desk.refresh.refresh_all)
    clocks.start()
    while not reader.seen:
        time.sleep(0.01)

    assert "being refreshed" in desk.refresh.refresh("pod-a").error
    assert desk.health("pod-a") == PodHealth()
    hanging.set()
    clocks.join()
    assert desk.capacity("pod-a") == REPORT.capacity


def test_a_store_that_is_busy_for_one_pod_ends_no_round():
    desk = a_broken_desk(StoreBusy("throttled"))
    done = desk.refresh.refresh_all()
    assert [(pod.pod_id, pod.error) for pod in done.failed] == [("pod-a", "throttled")]
    assert desk.capacity("pod-b") == REPORT.capacity


def test_a_round_over_no_pods_is_done_at_once():
    desk = Desk(Reader(), a_pod("pod-a"))
    desk.pods.delete(desk.pods.get("pod-a"))
    assert desk.refresh.refresh_all().pods == ()


@pytest.mark.parametrize("fewer", [("2.1", "2.61"), ("2.80", "2.90"), ("2.500", "2.500")])
def test_a_pod_takes_no_version_from_clients_by_speaking_fewer_than_before(fewer):
    desk = Desk(Reader())
    desk.refresh.refresh_all()

    desk.refresh._reader.by_pod["pod-a"] = replace(
        REPORT, min_microversion=fewer[0], max_microversion=fewer[1]
    )
    desk.refresh.refresh_all()

    assert {(pod.min_microversion, pod.max_microversion) for pod in desk.pods.list()} == {("2.1", "2.90")}
    assert desk.capacity("pod-a") is not None
