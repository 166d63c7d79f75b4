import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model.amounts import Amounts
from chalicelib.scheduler.filters.capacity import CapacityFilter
from chalicelib.scheduler.rule import Rejection, Scope
from tests.builders import a_capacity, a_filled_pod, a_flavor, a_pod, a_spec

CAPACITY = CapacityFilter(bind_watermark=0.90, keep_watermark=0.95)


def passes(pod, **spec):
    return CAPACITY.reject(pod, a_spec(**spec)) is None


def test_exactly_at_the_watermark_still_fits():
    assert passes(a_filled_pod(vcpus_used=89))
    assert not passes(a_filled_pod(vcpus_used=90))


def test_the_bound_pod_may_fill_up_to_the_keep_watermark():
    assert passes(a_filled_pod("pod-a", vcpus_used=94), bound_to="pod-a")
    assert not passes(a_filled_pod("pod-a", vcpus_used=95), bound_to="pod-a")
    assert not passes(a_filled_pod("pod-b", vcpus_used=94), bound_to="pod-a")


@given(st.integers(1, 99), st.integers(1, 3000))
def test_every_watermark_in_whole_percents_is_exact(percent, hundreds):
    limit = hundreds * 100
    at = a_pod(capacity=a_capacity(vcpus=limit, used=Amounts(vcpus=percent * hundreds - 1)))
    over = a_pod(capacity=a_capacity(vcpus=limit, used=Amounts(vcpus=percent * hundreds)))
    capacity = CapacityFilter(bind_watermark=percent / 100, keep_watermark=1.0)

    assert capacity.reject(at, a_spec()) is None
    assert capacity.reject(over, a_spec()) is not None


def test_a_pods_own_watermarks_come_first():
    assert not passes(a_filled_pod(vcpus_used=60, bind_watermark=0.6))
    assert passes(a_filled_pod(vcpus_used=59, bind_watermark=0.6))
    assert passes(a_filled_pod(vcpus_used=97, bind_watermark=0.98))
    assert passes(a_filled_pod(vcpus_used=98, keep_watermark=0.99), bound_to="pod-a")


def test_a_bound_pod_never_gets_less_than_an_unbound_one():
    assert passes(a_filled_pod(vcpus_used=97, bind_watermark=0.98), bound_to="pod-a")


def test_the_headroom_is_not_there():
    assert passes(a_filled_pod(vcpus_used=44, headroom=0.5))
    assert not passes(a_filled_pod(vcpus_used=45, headroom=0.5))


def test_the_rejection_names_the_fullest_resource_and_the_limit():
    pod = a_pod(capacity=a_capacity(vcpus=100, ram_mb=100 * 1024, used=Amounts(93, 95 * 1024)))

    assert CAPACITY.reject(pod, a_spec(bound_to="pod-a")) == Rejection(
        "capacity", Scope.POD, "full", ("ram_mb", 0.96, 0.95)
    )


def test_a_request_for_more_than_a_quarter_of_the_pod_is_refused_for_itself():
    quarter, more = a_spec(a_flavor(vcpus=25)), a_spec(a_flavor(vcpus=26))

    assert CAPACITY.reject(a_filled_pod(vcpus_used=70), quarter).scope is Scope.POD
    rejection = CAPACITY.reject(a_filled_pod(vcpus_used=70), more)
    assert (rejection.scope, rejection.code, rejection.numbers[3]) == (Scope.REQUEST, "too_large", 0.26)


def test_a_large_need_of_another_resource_than_the_full_one_does_not_excuse_the_pod():
    spec = a_spec(a_flavor(vcpus=1, root_gb=5000))

    assert CAPACITY.reject(a_filled_pod(vcpus_used=95), spec).scope is Scope.POD


@pytest.mark.parametrize("capacity", [None, a_capacity(None, None, None)])
def test_a_pod_of_which_nothing_is_counted_passes(capacity):
    assert passes(a_pod(capacity=capacity), need=Amounts(10**6, 10**9, 10**6, 1))


def test_a_report_of_no_capacity_at_all_is_about_the_pod():
    pod = a_pod(capacity=a_capacity(0, 0, 0))

    assert CAPACITY.reject(pod, a_spec()) == Rejection("capacity", Scope.POD, "nothing", ("vcpus",))


def test_all_servers_asked_for_must_fit():
    assert passes(a_filled_pod(vcpus_used=80), count=10)
    assert not passes(a_filled_pod(vcpus_used=80), count=11)


def test_the_operators_maximum_of_instances_counts():
    pod = a_pod(max_instances=20, capacity=a_capacity(used=Amounts(instances=18)))

    assert CAPACITY.reject(pod, a_spec()).numbers[0] == "instances"


def test_only_a_pod_without_any_room_is_said_to_have_nothing():
    one, none = (a_pod(capacity=a_capacity(vcpus=vcpus, used=Amounts(vcpus=1))) for vcpus in (1, 0))

    assert [CAPACITY.reject(pod, a_spec()).code for pod in (one, none)] == ["too_large", "nothing"]
