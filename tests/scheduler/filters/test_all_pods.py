from chalicelib.model.pod import PodState
from chalicelib.scheduler.filters.all_pods import AllPodsFilter
from tests.builders import a_pod, a_spec


def test_every_pod_passes():
    assert AllPodsFilter().reject(a_pod(state=PodState.DISABLED, az_name=""), a_spec()) is None
    assert not AllPodsFilter().applies(a_spec())
