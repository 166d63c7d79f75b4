from dataclasses import replace

from chalicelib.scheduler.filters.retry import RetryFilter
from chalicelib.scheduler.rule import Scope
from tests.builders import a_binding, a_pod, a_spec


def test_a_pod_that_this_create_failed_in_is_rejected_for_this_request():
    spec = a_spec().failed_in("pod-a")

    assert RetryFilter().reject(a_pod("pod-a"), spec).scope is Scope.REQUEST
    assert RetryFilter().reject(a_pod("pod-b"), spec) is None


def test_a_pod_to_which_this_create_bound_the_project_in_vain_loses_the_binding():
    bound = a_binding("pod-a", decision_id="decision-1")
    refused = a_spec(bound_to=[bound]).refused_in("pod-a", "decision-1")

    assert RetryFilter().reject(a_pod("pod-a"), refused).scope is Scope.POD
    for older in (replace(bound, decision_id="decision-0"), replace(bound, is_binding=False)):
        assert RetryFilter().reject(a_pod("pod-a"), refused.with_bindings([older])).scope is Scope.REQUEST
    assert RetryFilter().reject(a_pod("pod-b"), refused) is None


def test_a_first_attempt_need_not_ask_it():
    assert not RetryFilter().applies(a_spec())
    assert RetryFilter().applies(a_spec().failed_in("pod-a"))
