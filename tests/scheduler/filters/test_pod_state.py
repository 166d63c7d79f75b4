from datetime import timedelta

import pytest

from chalicelib.model.capacity import PodHealth
from chalicelib.model.pod import PodState
from chalicelib.model.window import Window
from chalicelib.scheduler.filters.pod_state import PodStateFilter
from chalicelib.scheduler.rule import Scope
from chalicelib.scheduler.sentences import sentence
from tests.builders import NOW, a_pod, a_spec


def unreachable_for(seconds, **fields):
    since = NOW - timedelta(seconds=seconds)
    return a_pod(health=PodHealth(unreachable_since=since), **fields)


@pytest.mark.parametrize(
    ("state", "scope"),
    [
        (PodState.CORDONED, Scope.REQUEST),
        (PodState.DRAINING, Scope.POD),
        (PodState.DISABLED, Scope.POD),
    ],
)
def test_only_a_cordoned_pod_keeps_its_bindings(state, scope):
    rejection = PodStateFilter().reject(a_pod(state=state), a_spec())

    assert (rejection.scope, rejection.code) == (scope, state.value)


def test_an_enabled_pod_passes():
    assert PodStateFilter().reject(a_pod(), a_spec()) is None


def test_a_pod_out_of_reach_loses_its_bindings_after_five_minutes():
    assert PodStateFilter().reject(unreachable_for(299.999), a_spec()) is None

    rejection = PodStateFilter().reject(unreachable_for(300), a_spec())
    assert (rejection.scope, rejection.code, rejection.numbers) == (Scope.POD, "unreachable", (300.0, 300.0))


def test_the_profile_may_say_another_time():
    assert PodStateFilter(rebind_after_seconds=60).reject(unreachable_for(61), a_spec()) is not None


def test_a_cordoned_pod_keeps_its_bindings_though_it_is_out_of_reach():
    pod = unreachable_for(1000, state=PodState.CORDONED)

    assert PodStateFilter().reject(pod, a_spec()).scope is Scope.REQUEST


def in_maintenance(minutes=30, **fields):
    window = Window(NOW - timedelta(hours=1), NOW + timedelta(minutes=minutes), reason="new switches")
    return a_pod(windows=(window,), **fields)


def test_a_pod_in_maintenance_takes_nothing_new_and_keeps_its_bindings():
    rejection = PodStateFilter().reject(in_maintenance(), a_spec())

    assert (rejection.scope, rejection.code) == (Scope.REQUEST, "window")
    assert sentence(rejection) == (
        "is in maintenance until 2025-06-01T12:30:00+00:00, and bindings stay: new switches"
    )


def test_the_requests_own_clock_says_whether_a_window_is_open():
    later = a_spec(requested_at=NOW + timedelta(minutes=30))

    assert PodStateFilter().reject(in_maintenance(), later) is None


def test_a_pod_in_maintenance_keeps_its_bindings_though_it_is_out_of_reach():
    pod = in_maintenance(health=PodHealth(unreachable_since=NOW - timedelta(seconds=1000)))

    assert PodStateFilter().reject(pod, a_spec()).scope is Scope.REQUEST


def test_a_draining_pod_loses_its_bindings_though_it_is_in_maintenance():
    assert PodStateFilter().reject(in_maintenance(state=PodState.DRAINING), a_spec()).scope is Scope.POD


def test_time_in_which_nobody_could_look_is_not_time_out_of_reach():
    since, last_seen = NOW - timedelta(seconds=1000), NOW - timedelta(seconds=990)
    pod = a_pod(health=PodHealth(unreachable_since=since, unreachable_at=last_seen))

    assert PodStateFilter().reject(pod, a_spec()) is None


def test_a_pod_found_out_of_reach_for_long_enough_stays_rejected_while_nobody_can_look():
    since, last_seen = NOW - timedelta(seconds=1000), NOW - timedelta(seconds=700)
    pod = a_pod(health=PodHealth(unreachable_since=since, unreachable_at=last_seen))

    assert PodStateFilter().reject(pod, a_spec()).numbers == (300.0, 300.0)
