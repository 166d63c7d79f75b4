import pytest

from chalicelib.model.affinity import tags_asked
from chalicelib.model.amounts import Amounts
from tests.builders import PROJECT, a_capacity, a_flavor, a_pod


def test_a_server_takes_root_ephemeral_and_swap_of_the_disk():
    flavor = a_flavor(root_gb=10, ephemeral_gb=5, swap_mb=1025)

    assert flavor.need() == Amounts(1, 1024, 17, 1)
    assert flavor.need(boots_from_volume=True) == Amounts(1, 1024, 7, 1)


def test_resources_in_extra_specs_override_the_size():
    overrides = {"resources:VCPU": "0", "resources:MEMORY_MB": "4096", "resources:DISK_GB": "nonsense"}

    assert a_flavor(extra_specs=overrides).need() == Amounts(0, 4096, 10, 1)


@pytest.mark.parametrize("digits", [16, 255, 4000, 5000])
def test_an_override_of_absurdly_many_digits_fits_nowhere_and_can_be_counted_with(digits):
    need = a_flavor(extra_specs={"resources:VCPU": "9" * digits}).need()

    assert need.vcpus >= 10**15
    assert a_pod(capacity=a_capacity()).fill_after(need).fraction > 1


@pytest.mark.parametrize(
    ("project_ids", "offered"), [(None, True), (frozenset({PROJECT}), True), (frozenset(), False)]
)
def test_a_flavor_is_offered_to_all_or_to_those_with_access(project_ids, offered):
    assert a_flavor(project_ids=project_ids).offered_to(PROJECT) is offered


def test_a_scoped_tag_wins_over_the_bare_one():
    assert tags_asked({"pod:resource": "new", "resource": "old"}) == {"resource": "new"}
