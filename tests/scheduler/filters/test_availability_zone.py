import pytest

from chalicelib.scheduler.filters.availability_zone import AvailabilityZoneFilter
from chalicelib.scheduler.rule import Rejection, Scope
from tests.builders import a_pod, a_spec


def test_a_pod_of_another_zone_is_rejected_for_this_request():
    rejection = AvailabilityZoneFilter().reject(a_pod(az_name="az2"), a_spec(az_name="az1"))

    assert rejection == Rejection("availability_zone", Scope.REQUEST, "other_zone", ("az2", "az1"))


@pytest.mark.parametrize("asked", ["az1", None, ""])
def test_the_zone_asked_for_passes_and_so_does_any_when_none_is(asked):
    assert AvailabilityZoneFilter().reject(a_pod(az_name="az1"), a_spec(az_name=asked)) is None


def test_it_need_not_be_asked_when_no_zone_is():
    assert AvailabilityZoneFilter().applies(a_spec(az_name="az1"))
    assert not AvailabilityZoneFilter().applies(a_spec(az_name=None))
