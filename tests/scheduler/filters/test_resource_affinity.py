import pytest

from chalicelib.scheduler.filters.resource_affinity import ResourceAffinityFilter
from chalicelib.scheduler.rule import Rejection, Scope
from tests.builders import a_flavor, a_pod, a_spec

CAD = {"resource": "CAD Modeling"}


def rejection(carried, extra_specs):
    pod, spec = a_pod(affinity_tags=carried), a_spec(a_flavor(extra_specs=extra_specs))
    return ResourceAffinityFilter().reject(pod, spec)


@pytest.mark.parametrize("extra_specs", [CAD, {"pod:resource": "CAD Modeling"}])
def test_a_pod_with_the_tag_takes_the_flavor_that_asks_for_it(extra_specs):
    assert rejection(CAD, extra_specs) is None
    assert rejection({**CAD, "gpu": "yes"}, extra_specs) is None


@pytest.mark.parametrize("carried", [{}, {"resource": "other"}, {"gpu": "CAD Modeling"}])
def test_a_pod_without_the_tag_is_rejected(carried):
    expected = Rejection("resource_affinity", Scope.POD, "tag_missing", ("resource", "CAD Modeling"))

    assert rejection(carried, CAD) == expected


def test_each_tag_asked_for_must_be_carried():
    assert rejection(CAD, {**CAD, "pod:gpu": "yes"}).numbers == ("gpu", "yes")


def test_a_tagged_pod_takes_no_untagged_request():
    assert rejection(CAD, {}).code == "tagged"
    assert rejection(CAD, {}).numbers == ("resource=CAD Modeling",)


def test_an_untagged_pod_takes_an_untagged_request():
    assert rejection({}, {"hw:cpu_policy": "dedicated"}) is None


def test_of_many_tags_a_few_are_told():
    assert rejection(dict.fromkeys("abcde", "1"), {}).numbers == ("a=1, b=1, c=1, ...",)
