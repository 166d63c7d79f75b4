import pytest

from chalicelib.scheduler.filters.flavor import FlavorFilter
from chalicelib.scheduler.rule import Scope
from tests.builders import PROJECT, a_flavor, a_pod, a_spec


def rejection_when_offered(*offered):
    pod = a_pod(catalogue={flavor.flavor_id: flavor for flavor in offered})
    return FlavorFilter().reject(pod, a_spec(a_flavor("m1.small")))


def test_a_pod_whose_flavors_were_never_read_passes():
    assert FlavorFilter().reject(a_pod(catalogue=None), a_spec()) is None


def test_the_same_flavor_passes_whatever_its_name_and_extra_specs():
    assert rejection_when_offered(a_flavor("m1.small", name="klein", extra_specs={"a": "b"})) is None


@pytest.mark.parametrize("offered", [[], [a_flavor("m1.large")]])
def test_a_pod_that_does_not_know_the_flavor_is_rejected_for_this_request(offered):
    rejection = rejection_when_offered(*offered)

    assert (rejection.code, rejection.scope) == ("missing", Scope.REQUEST)


def test_a_flavor_is_only_for_projects_with_access():
    assert rejection_when_offered(a_flavor("m1.small", project_ids=frozenset({PROJECT}))) is None
    rejection = rejection_when_offered(a_flavor("m1.small", project_ids=frozenset({"another"})))
    assert (rejection.code, rejection.scope) == ("not_offered", Scope.REQUEST)


@pytest.mark.parametrize("field", ["vcpus", "ram_mb", "root_gb", "ephemeral_gb", "swap_mb"])
def test_a_flavor_of_another_size_is_another_flavor(field):
    rejection = rejection_when_offered(a_flavor("m1.small", **{field: 7}))

    assert (rejection.code, rejection.scope) == ("other_size", Scope.REQUEST)
    assert "7" in rejection.numbers[1]
