"""The quota net: pods get as their own limits what admins write, in the end all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from chalicelib.model.errors import NoCredential, PodUnreachable
from chalicelib.model.pod_request import PodReply
from chalicelib.model.quota import Holder
from tests.builders import a_pod
from tests.service.desk import World

PROJECT, USER, CLASS = Holder("p1"), Holder("p1", "u1"), Holder(class_name="default")


@dataclass
class Pods:
    """Two pods that take limits, but for what a test says."""

    heard: list = field(default_factory=list)
    silent: dict = field(default_factory=dict)

    def send(self, pod, request):
        if pod.pod_id in self.silent:
            raise self.silent[pod.pod_id]
        assert request.token == ""  # the pod's own credential
        self.heard.append((pod.pod_id, request.method, request.path, json.loads(request.body or b"null")))
        return PodReply(200, {"x-openstack-request-id": "req-1"}, b"{}")


class Net(World):
    def __init__(self):
        self.novas = Pods()
        super().__init__(a_pod("a"), a_pod("b"), client=self.novas)

    def write(self, holder, **limits):
        quotas = self.outside.quotas
        quotas.put(quotas.get(holder).written(limits))

    def spread(self):
        self.novas.heard.clear()
        self.services.quota_net.spread()
        return sorted(self.novas.heard, key=str)

    @property
    def missing(self):
        return {c.pod.pod_id: c.quotas_missing for c in self.services.health.report().pods}


@pytest.mark.parametrize(
    ("holder", "path", "body"),
    [
        (PROJECT, "/os-quota-sets/p1", {"quota_set": {"cores": 8, "force": True}}),
        (USER, "/os-quota-sets/p1?user_id=u1", {"quota_set": {"cores": 8, "force": True}}),
        (CLASS, "/os-quota-class-sets/default", {"quota_class_set": {"cores": 8}}),
    ],
)
def test_every_pod_gets_what_an_admin_writes_once(holder, path, body):
    net = Net()
    net.write(holder, cores=8)
    assert net.missing == {"a": 1, "b": 1}

    assert net.spread() == [(pod_id, "PUT", path, body) for pod_id in ("a", "b")]

    assert net.missing == {"a": 0, "b": 0}
    assert net.spread() == []


def test_limits_that_were_taken_back_are_taken_back_there_too():
    net = Net()
    net.write(PROJECT, cores=8)
    net.spread()
    net.write(PROJECT)

    assert net.spread() == [(pod_id, "DELETE", "/os-quota-sets/p1", None) for pod_id in ("a", "b")]


@pytest.mark.parametrize("silence", [PodUnreachable("a", "silent", sent=True), NoCredential("none")])
def test_a_pod_that_cannot_be_written_to_is_told_of_and_tried_again(silence):
    net = Net()
    net.write(PROJECT, cores=8)
    net.novas.silent["a"] = silence

    assert [pod_id for pod_id, *_ in net.spread()] == ["b"]
    assert net.missing == {"a": 1, "b": 0}

    net.novas.silent.clear()
    assert [pod_id for pod_id, *_ in net.spread()] == ["a"]


def test_a_projects_limits_come_before_those_of_its_users_which_nova_deletes_with_them():
    net = Net()
    net.write(USER, cores=4)
    net.write(PROJECT)

    net.spread()

    mine = [path for pod_id, _, path, _ in net.novas.heard if pod_id == "a"]
    assert mine == ["/os-quota-sets/p1", "/os-quota-sets/p1?user_id=u1"]


def test_a_pod_that_is_not_proven_and_the_top_region_are_given_nothing():
    net = Net()
    for pod in (a_pod("new", proven=False), a_pod("top", az_name="")):
        net.outside.pods.create(pod)
    net.write(PROJECT, cores=8)

    assert [pod_id for pod_id, *_ in net.spread()] == ["a", "b"]
