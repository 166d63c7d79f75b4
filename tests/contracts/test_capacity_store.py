"""What every capacity store does."""

from datetime import timedelta

from chalicelib.model.capacity import CapacityReport, HostCapacity, PodHealth
from chalicelib.model.resources import Amounts, Totals
from tests.builders import NOW, a_capacity, a_flavor, a_pod

HOSTS = (
    HostCapacity("host-1", Totals(8, 1024, None, None), Amounts(vcpus=8)),
    HostCapacity("h2", Totals(), Amounts()),
)


def test_a_report_is_read_as_it_was_written_with_its_hosts(stores):
    capacity = a_capacity(disk_gb=None, source="hypervisors", hosts=HOSTS)
    stores.capacity.save("pod-a", CapacityReport(capacity, {"m1.small": a_flavor()}))

    read = stores.capacity.get("pod-a")
    assert read == (capacity, {"m1.small": a_flavor()}, PodHealth(refreshed_at=NOW))


def test_a_pod_never_met_has_nothing(stores):
    assert stores.capacity.get("pod-a") == (None, None, PodHealth())


def test_an_empty_catalogue_is_not_an_unread_one(stores):
    stores.capacity.save("pod-a", CapacityReport(a_capacity()))

    assert stores.capacity.get("pod-a")[1] == {}


def test_a_failed_refresh_keeps_the_last_good_report(stores):
    stores.capacity.save("pod-a", CapacityReport(a_capacity(), {"m1.small": a_flavor()}))
    later = NOW + timedelta(minutes=1)

    health = stores.capacity.failed("pod-a", later, "timed out")

    assert health == PodHealth(NOW, later, "timed out")
    assert stores.capacity.get("pod-a") == (a_capacity(), {"m1.small": a_flavor()}, health)


def test_a_pod_is_out_of_reach_since_the_first_failure_in_a_row(stores):
    stores.capacity.failed("pod-a", NOW, "timed out")
    health = stores.capacity.failed("pod-a", NOW + timedelta(minutes=1), "refused")

    assert health == PodHealth(None, NOW, "refused")


def test_a_refresh_that_failed_for_another_reason_puts_no_pod_out_of_reach(stores):
    health = stores.capacity.failed("pod-a", NOW, "no service credential", reachable=True)
    assert health == PodHealth(None, None, "no service credential")

    stores.capacity.failed("pod-a", NOW, "timed out")
    health = stores.capacity.failed("pod-a", NOW + timedelta(minutes=1), "Keystone down", reachable=True)
    assert health == PodHealth(None, NOW, "Keystone down")


def test_a_good_report_ends_the_time_out_of_reach(stores):
    stores.capacity.failed("pod-a", NOW - timedelta(minutes=1), "timed out")
    stores.capacity.save("pod-a", CapacityReport(a_capacity()))

    assert stores.capacity.get("pod-a")[2] == PodHealth(refreshed_at=NOW)


def test_a_forgotten_pod_reports_nothing(stores):
    stores.pods.create(a_pod())
    stores.capacity.save("pod-a", CapacityReport(a_capacity(hosts=HOSTS), {"m1.small": a_flavor()}))
    stores.capacity.delete("pod-a")

    assert stores.capacity.get("pod-a") == (None, None, PodHealth())
    assert stores.pods.list()[0].capacity is None
