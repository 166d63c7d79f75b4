from chalicelib.scheduler.weighers.current_binding import CurrentBindingWeigher
from tests.builders import a_pod, a_spec

BOUND = CurrentBindingWeigher()


def test_only_the_bound_pod_weighs():
    assert BOUND.weigh(a_pod("pod-a"), a_spec(bound_to="pod-a")) == 1.0
    assert BOUND.weigh(a_pod("pod-b"), a_spec(bound_to="pod-a")) == 0.0


def test_an_unbound_project_need_not_ask_it():
    assert not BOUND.applies(a_spec())
    assert BOUND.applies(a_spec(bound_to="pod-a"))
