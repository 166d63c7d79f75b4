import pytest

from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.scheduler.weighers.build_failure import BuildFailureWeigher
from tests.builders import a_filled_pod, a_pod, a_spec


@pytest.mark.parametrize(("left", "weight"), [(0.0, 0.0), (1.0, -0.1), (5.0, -0.5), (10.0, -1.0), (20, -2.0)])
def test_failed_builds_count_against_a_pod_as_a_share_of_the_worst(left, weight):
    spec = a_spec(failed_builds={"pod-a": left})

    assert BuildFailureWeigher(worst_failed_builds=10).weigh(a_pod("pod-a"), spec) == weight


def test_a_pod_without_failed_builds_weighs_nothing():
    assert BuildFailureWeigher().weigh(a_pod("pod-b"), a_spec(failed_builds={"pod-a": 3})) == 0.0


def test_while_no_build_failed_nobody_is_weighed():
    assert not BuildFailureWeigher().applies(a_spec())


def test_all_at_once_is_each_by_itself():
    pods, spec = [a_pod("pod-a"), a_pod("pod-b")], a_spec(failed_builds={"pod-b": 4.0})
    together = BuildFailureWeigher().weigh_places(snapshot_of(pods), [0, 1], spec)

    assert together == [BuildFailureWeigher().weigh(pod, spec) for pod in pods]


@pytest.mark.parametrize(("failed", "winner"), [(1.5, "pod-a"), (3.5, "pod-b")])
def test_some_failed_builds_outweigh_an_idle_pod_and_a_binding(failed, winner):
    pods = [a_filled_pod("pod-a", 0), a_filled_pod("pod-b", 89)]
    spec = a_spec(bound_to="pod-a", failed_builds={"pod-a": failed})

    assert decide(snapshot_of(pods), spec, SPREAD, "decision-1").selected.pod.pod_id == winner
