"""What every capacity store does."""

from datetime import timedelta

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import CapacityReport, HostCapacity, PodHealth
from tests.builders import NOW, a_capacity, a_flavor, a_pod

HOSTS = (
    HostCapacity("host-1", Totals(8, 1024, None, None), Amounts(vcpus=8)),
    HostCapacity("h2", Totals(), Amounts()),
)


def test_a_report_is_read_as_it_was_written_with_its_hosts(stores):
    capacity = a_capacity(disk_gb=None, source="hypervisors", hosts=HOSTS)
    stores.capacities.save("pod-a", CapacityReport(capacity, {"m1.small": a_flavor()}))

    read = stores.capacities.get("pod-a")
    assert read == (capacity, {"m1.small": a_flavor()}, PodHealth(refreshed_at=NOW))


def test_a_pod_never_met_has_nothing(stores):
    assert stores.capacities.get("pod-a") == (None, None, PodHealth())


def test_an_empty_catalogue_is_not_an_unread_one(stores):
    stores.capacities.save("pod-a", CapacityReport(a_capacity()))

    assert stores.capacities.get("pod-a")[1] == {}


def test_a_failed_refresh_keeps_the_last_good_report(stores):
    stores.capacities.save("pod-a", CapacityReport(a_capacity(), {"m1.small": a_flavor()}))
    later = NOW + timedelta(minutes=1)

    health = stores.capacities.failed("pod-a", later, "timed out")

    assert health == PodHealth(NOW, later, "timed out", later)
    assert stores.capacities.get("pod-a") == (a_capacity(), {"m1.small": a_flavor()}, health)


def test_a_pod_is_out_of_reach_since_the_first_failure_in_a_row(stores):
    stores.capacities.failed("pod-a", NOW, "timed out")
    health = stores.capacities.failed("pod-a", NOW + timedelta(minutes=1), "refused")

    assert health == PodHealth(None, NOW, "refused", NOW + timedelta(minutes=1))


def test_a_refresh_that_never_asked_the_pod_says_nothing_of_its_reach(stores):
    health = stores.capacities.failed("pod-a", NOW, "no service credential", reachable=None)
    assert health == PodHealth(None, None, "no service credential")

    stores.capacities.failed("pod-a", NOW, "timed out")
    health = stores.capacities.failed("pod-a", NOW + timedelta(minutes=1), "Keystone down", reachable=None)
    assert health == PodHealth(None, NOW, "Keystone down", NOW)


def test_a_pod_that_answers_with_a_report_we_refuse_is_in_reach_again(stores):
    stores.capacities.failed("pod-a", NOW, "timed out")
    health = stores.capacities.failed("pod-a", NOW + timedelta(minutes=1), "NaN", reachable=True)

    assert health == PodHealth(None, None, "NaN")
    assert stores.capacities.get("pod-a")[2] == health


def test_an_older_report_never_replaces_a_newer_one(stores):
    newer = CapacityReport(a_capacity(vcpus=7, hosts=HOSTS), {"new": a_flavor("new")}, "2.1", "2.96")
    older = CapacityReport(a_capacity(vcpus=9, reported_at=NOW - timedelta(seconds=1)), {"old": a_flavor()})
    stores.capacities.save("pod-a", newer)
    stores.capacities.save("pod-a", older)

    assert stores.capacities.get("pod-a") == (newer.capacity, newer.catalogue, PodHealth(refreshed_at=NOW))


def test_a_failure_that_is_older_than_the_report_says_nothing(stores):
    stores.capacities.save("pod-a", CapacityReport(a_capacity()))
    health = stores.capacities.failed("pod-a", NOW - timedelta(seconds=1), "timed out")

    assert health == PodHealth(refreshed_at=NOW)
    assert stores.capacities.get("pod-a")[2] == health


def test_a_good_report_ends_the_time_out_of_reach(stores):
    stores.capacities.failed("pod-a", NOW - timedelta(minutes=1), "timed out")
    stores.capacities.save("pod-a", CapacityReport(a_capacity()))

    assert stores.capacities.get("pod-a")[2] == PodHealth(refreshed_at=NOW)


def test_a_forgotten_pod_reports_nothing(stores):
    stores.pods.create(a_pod())
    stores.capacities.save("pod-a", CapacityReport(a_capacity(hosts=HOSTS), {"m1.small": a_flavor()}))
    stores.capacities.delete("pod-a")

    assert stores.capacities.get("pod-a") == (None, None, PodHealth())
    assert stores.pods.list()[0].capacity is None
