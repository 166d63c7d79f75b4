import pytest

from chalicelib.model.amounts import Amounts, Fill, Totals, fullest


def test_the_fullest_resource_counts():
    assert fullest(Amounts(vcpus=50, ram_mb=80), Totals(100, 100, None)) == Fill("ram_mb", 0.8)


def test_a_resource_that_is_not_counted_is_never_the_fullest():
    assert fullest(Amounts(vcpus=50, disk_gb=10**9), Totals(vcpus=100)) == Fill("vcpus", 0.5)
    assert fullest(Amounts(vcpus=50), Totals()) is None


def test_a_limit_of_zero_is_full():
    assert fullest(Amounts(), Totals(vcpus=0)) == Fill("vcpus", 1.0)
    assert fullest(Amounts(vcpus=1), Totals(vcpus=0)) == Fill("vcpus", float("inf"))


@pytest.mark.parametrize("percent", range(101))
def test_headroom_is_taken_exactly_as_the_operator_wrote_it(percent):
    assert Totals(vcpus=100).less_headroom(percent / 100).vcpus == 100 - percent


def test_a_limit_is_rounded_down_and_uncounted_stays_uncounted():
    assert Totals(vcpus=9, ram_mb=None).less_headroom(0.1) == Totals(vcpus=8, ram_mb=None)


def test_a_need_is_taken_as_many_times_as_servers_are_asked_for():
    assert Amounts(1, 2, 3, 1).times(4) == Amounts(4, 8, 12, 4)
