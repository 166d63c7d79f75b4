"""A flavor means what the pods in service say."""

from dataclasses import replace

from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.service.creating.flavors import in_catalogues
from tests.builders import PROJECT, a_flavor, a_pod


def found(*pods):
    return in_catalogues(snapshot_of(pods), "m1.small", PROJECT)


def test_the_oldest_pod_in_service_says_how_large_a_flavor_is():
    large, small = ({"m1.small": a_flavor(vcpus=vcpus)} for vcpus in (9, 1))
    young = a_pod("young", catalogue=small)

    assert found(a_pod("old", catalogue=large), young).vcpus == 9
    assert found(a_pod("old", catalogue=large, state=PodState.DISABLED), young).vcpus == 1
    assert found(a_pod("old", catalogue=large, proven=False), young).vcpus == 1


def test_a_pod_that_is_not_proven_offers_no_flavor_though_an_earlier_address_reported_some():
    assert found(a_pod(catalogue={"m1.small": a_flavor()}, proven=False)) is None


def test_its_size_is_that_of_the_oldest_pod_whatever_the_zone():
    far, near = a_pod("far", "az2", catalogue={"m1.small": a_flavor(vcpus=9)}), a_pod("near", "az1")

    assert found(far, replace(near, catalogue={"m1.small": a_flavor(vcpus=1)})).vcpus == 9


def test_a_pod_that_hides_it_from_the_project_says_nothing():
    hidden = a_flavor(vcpus=9, project_ids=frozenset({"another"}))

    offered = found(
        a_pod("old", catalogue={"m1.small": hidden}), a_pod("new", catalogue={"m1.small": a_flavor()})
    )

    assert offered.vcpus == 1
