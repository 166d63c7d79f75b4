from chalicelib.model.amounts import Amounts
from chalicelib.scheduler.weighers.idle_capacity import IdleCapacityWeigher
from tests.builders import a_capacity, a_filled_pod, a_flavor, a_pod, a_spec

IDLE = IdleCapacityWeigher()


def test_the_free_share_after_this_request_counts():
    assert IDLE.weigh(a_filled_pod(vcpus_used=40), a_spec(a_flavor(vcpus=10))) == 0.5


def test_the_scarcest_resource_counts():
    pod = a_pod(capacity=a_capacity(vcpus=100, ram_mb=102_400, used=Amounts(10, 81_920 - 1024)))

    assert IDLE.weigh(pod, a_spec()) == 0.2


def test_it_is_exact_at_the_edge():
    assert IDLE.weigh(a_filled_pod(vcpus_used=89), a_spec()) == 0.1


def test_a_pod_that_never_reported_is_idle():
    assert IDLE.weigh(a_pod(), a_spec()) == 1.0


def test_what_the_operator_holds_back_is_not_free():
    assert IDLE.weigh(a_filled_pod(vcpus_used=24, headroom=0.5), a_spec()) == 0.5
