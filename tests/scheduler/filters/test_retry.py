from chalicelib.scheduler.filters.retry import RetryFilter
from chalicelib.scheduler.rule import Scope
from tests.builders import a_pod, a_spec


def test_a_pod_that_this_create_failed_in_is_rejected_for_this_request():
    spec = a_spec().failed_in("pod-a")

    assert RetryFilter().reject(a_pod("pod-a"), spec).scope is Scope.REQUEST
    assert RetryFilter().reject(a_pod("pod-b"), spec) is None


def test_a_first_attempt_need_not_ask_it():
    assert not RetryFilter().applies(a_spec())
    assert RetryFilter().applies(a_spec().failed_in("pod-a"))
