from datetime import timedelta

import pytest

from chalicelib.model.pod import PodState
from chalicelib.model.trouble import Breaker, Trouble, open_circuits
from tests.builders import NOW, a_pod

BREAKER = Breaker(failures=3, window_seconds=60, open_seconds=300)


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def failing(*seconds):
    trouble = Trouble("pod-a")
    for second in seconds:
        trouble = trouble.call_failed(after(second), BREAKER)
    return trouble


def opened(pod_id, seconds=0):
    return Trouble(pod_id, opened_at=after(seconds))


@pytest.mark.parametrize(
    ("seconds", "is_open"),
    [((0, 1), False), ((0, 1, 2), True), ((0, 1, 59.9), True), ((0, 1, 60), False), ((0, 60, 61, 62), True)],
)
def test_a_circuit_opens_with_the_last_of_so_many_failures_in_the_window(seconds, is_open):
    assert failing(*seconds).is_open(after(seconds[-1]), BREAKER) is is_open


def test_more_failures_do_not_keep_an_open_circuit_open_for_longer():
    assert failing(0, 1, 2, 100, 200) == failing(0, 1, 2)


def test_a_circuit_that_no_refresh_closes_is_tried_again_after_a_while():
    assert failing(0, 1, 2).is_open(after(301.9), BREAKER)
    assert not failing(0, 1, 2).is_open(after(302), BREAKER)


def test_an_answer_closes_the_circuit_and_forgets_the_failures():
    closed = failing(0, 1, 2).answered(after(2))

    assert closed == Trouble("pod-a")


def test_an_answer_to_what_was_asked_before_the_failures_says_nothing():
    assert failing(0, 1, 2).answered(after(1.9)) == failing(0, 1, 2)
    assert failing(5).answered(after(4)) == failing(5)


def test_failed_builds_add_up_and_are_half_forgotten_with_each_half_life():
    trouble = Trouble("pod-a").build_failed(NOW, 300).build_failed(after(300), 300)

    assert trouble.builds_left(after(300), 300) == 1.5
    assert trouble.builds_left(after(900), 300) == 0.375
    assert Trouble("pod-a").builds_left(NOW, 300) == 0.0


@pytest.mark.parametrize(("pods", "most"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)])
def test_at_most_half_of_a_zones_pods_are_passed_over(pods, most):
    zone = [a_pod(f"pod-{n}") for n in range(pods)]
    troubles = [opened(pod.pod_id, n) for n, pod in enumerate(zone)]

    assert open_circuits(troubles, zone, after(10), BREAKER) == {f"pod-{n}" for n in range(most)}


@pytest.mark.parametrize("out_of_service", [{"state": PodState.DISABLED}, {"proven": False}])
def test_each_zone_counts_for_itself_and_pods_that_take_nothing_do_not_count(out_of_service):
    zones = [a_pod("a1"), a_pod("a2"), a_pod("b1", "az2"), a_pod("b2", "az2", **out_of_service)]

    found = open_circuits([opened("a2"), opened("b1"), opened("gone")], zones, after(1), BREAKER)

    assert found == {"a2"}


def test_the_first_that_opened_stay_open_in_whatever_order_they_are_read():
    zone = [a_pod(f"pod-{n}") for n in range(2)]
    troubles = [opened("pod-0", 5), opened("pod-1", 4)]

    for order in (troubles, troubles[::-1]):
        assert open_circuits(order, zone, after(10), BREAKER) == {"pod-1"}
