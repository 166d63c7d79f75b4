import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model.amounts import Amounts, Fill
from chalicelib.model.pod import DiskMode
from tests.builders import a_capacity, a_filled_pod, a_pod

counts = st.integers(0, 10_000)
amounts = st.builds(Amounts, counts, counts, counts, counts)
totals = st.none() | st.just(0) | st.integers(1, 10_000)
pods = st.builds(
    lambda vcpus, ram, disk, used, instances, kind: a_pod(
        capacity=a_capacity(vcpus, ram, disk, used=used), max_instances=instances, disk=kind
    ),
    *(totals, totals, totals, amounts, totals, st.sampled_from(DiskMode)),
)


def test_a_pod_that_never_reported_counts_as_free():
    pod = a_pod()

    assert pod.fill_after(Amounts(vcpus=10**9)) is None
    assert pod.fraction_after((1e9, 0, 0, 0)) == 0.0
    assert pod.free_share_after((1e9, 0, 0, 0)) == 1.0


def test_a_report_of_nothing_is_full():
    pod = a_pod(capacity=a_capacity(0, 0, 0))

    assert pod.fill_after(Amounts(vcpus=1)) == Fill("vcpus", float("inf"))
    assert pod.fraction_after((1, 0, 0, 0)) > 1e9


def test_disk_that_the_operator_ignores_is_not_counted():
    pod = a_pod(disk=DiskMode.IGNORE, capacity=a_capacity(disk_gb=1))

    assert pod.fill_after(Amounts(disk_gb=1000)) == Fill("vcpus", 0.0)


def test_instances_count_only_up_to_the_operators_maximum():
    used = Amounts(instances=9)

    assert a_pod(max_instances=10, capacity=a_capacity(used=used)).fill_after(Amounts()) == Fill(
        "instances", 0.9
    )
    assert a_filled_pod(max_instances=None).limits.instances is None


def test_the_limits_follow_the_headroom():
    assert a_filled_pod(headroom=0.42).limits.vcpus == 58


def test_the_free_share_is_exact_at_the_edge():
    assert a_filled_pod(vcpus_used=89).free_share_after((1, 0, 0, 0)) == 0.1


@given(pods, amounts)
def test_the_quick_fraction_says_what_the_fill_says(pod, need):
    fill, fraction = pod.fill_after(need), pod.fraction_after(tuple(map(float, need)))

    if fill is None:
        assert fraction == 0.0
    elif fill.fraction == float("inf"):
        assert fraction > 1e100
    else:
        assert fraction == fill.fraction


@given(pods, amounts)
def test_what_is_free_is_what_is_not_full(pod, need):
    row = tuple(map(float, need))

    if pod.fraction_after(row) < 1e100:
        assert pod.free_share_after(row) == pytest.approx(1.0 - pod.fraction_after(row))
    else:
        assert pod.free_share_after(row) < -1e100
