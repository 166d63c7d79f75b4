from chalicelib.scheduler.filters.bottom_pod import BottomPodFilter
from chalicelib.scheduler.rule import Scope
from tests.builders import a_pod, a_spec


def test_the_top_region_is_rejected():
    rejection = BottomPodFilter().reject(a_pod(az_name=""), a_spec())

    assert (rejection.scope, rejection.code) == (Scope.POD, "top_region")


def test_a_pod_in_a_zone_passes():
    assert BottomPodFilter().reject(a_pod(az_name="az2"), a_spec()) is None
