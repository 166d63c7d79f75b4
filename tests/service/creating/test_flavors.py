"""A flavor means what the pods in service say."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import InvalidField, Unavailable
from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.service.asking.fan_out import Answers
from chalicelib.service.creating.flavors import Flavors, in_catalogues
from tests.builders import PROJECT, a_caller, a_flavor, a_hybrid_pod, a_pod


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


class Asked:
    """Pods that show the flavor or deny it, or are missing; and which of them are asked."""

    def __init__(self, *shows, missing=()):
        self.shows, self.missing, self.asked, self.seconds = shows, missing, [], 0.0

    def flavor(self, pod, flavor_id, caller):
        assert caller == a_caller()
        return a_flavor(flavor_id=flavor_id) if pod.pod_id in self.shows else None

    def ask(self, pods, question, deadline_seconds):
        pods = list(pods)
        self.asked, self.seconds = [pod.pod_id for pod in pods], deadline_seconds
        missing = tuple(pod for pod in pods if pod.pod_id in self.missing)
        return Answers(tuple((pod, question(pod)) for pod in pods if pod not in missing), missing)


def resolved(asked, *pods, flavor_id="new"):
    return Flavors(asked, asked, 2.0).resolve(a_caller(), flavor_id, snapshot_of(pods))


def test_what_can_be_no_flavors_id_is_unknown_and_nobody_is_asked():
    asked = Asked("pod-a")

    with pytest.raises(InvalidField, match=r"Flavor a/b could not be found\.") as refused:
        resolved(asked, a_pod("pod-a"), flavor_id="a/b")
    assert (refused.value.field, asked.asked) == ("flavorRef", [])


def test_a_flavor_that_no_catalogue_has_is_asked_of_the_pods_that_serve_the_project():
    asked = Asked("pod-b", "ours")
    ours = a_hybrid_pod("ours", pod_project_ids={PROJECT: "theirs"})
    flavor, snapshot = resolved(
        asked, a_pod("pod-a"), a_pod("pod-b"), a_hybrid_pod("not-ours"), ours, a_pod("off", proven=False)
    )

    assert asked.asked == ["pod-a", "pod-b", "ours"]
    assert (asked.seconds, flavor.flavor_id) == (2.0, "new")
    offers = {pod.pod_id for pod in snapshot if "new" in (pod.catalogue or {})}
    assert offers == {"pod-b", "ours"}


def test_it_is_unknown_only_if_all_of_them_say_so():
    with pytest.raises(InvalidField, match=r"Flavor new could not be found\."):
        resolved(Asked(), a_pod("pod-a"))
    with pytest.raises(Unavailable, match=r"Flavor new can't be looked up now: a pod doesn't answer\."):
        resolved(Asked(missing=["pod-a"]), a_pod("pod-a"), a_pod("pod-b"))
    assert resolved(Asked("pod-b", missing=["pod-a"]), a_pod("pod-a"), a_pod("pod-b"))[0].flavor_id == "new"
