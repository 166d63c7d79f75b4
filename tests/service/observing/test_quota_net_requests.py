"""The quota net: what each pod is asked to set, how much in a round, and what is noted of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.quota import Holder
from chalicelib.service.asking.fan_out import Answers
from chalicelib.service.observing import quota_net
from tests.builders import a_hybrid_pod, a_pod
from tests.service.desk import World
from tests.service.observing.test_requests import MARK, Pods


class Net(World):
    """What admins wrote, for pods that answer what a test says."""

    def __init__(self, *pods, **replies):
        self.novas = Pods({key.replace("_", " "): said for key, said in replies.items()})
        super().__init__(*(pods or (a_pod("a"), a_pod("b"))), client=self.novas)

    def write(self, holder, **limits):
        quotas = self.outside.quotas
        quotas.put(quotas.get(holder).written(limits))

    def spread(self):
        self.novas.heard.clear()
        self.services.quota_net.spread()
        return sorted((pod_id, request.path) for pod_id, request in self.novas.heard)


@pytest.mark.parametrize(
    ("holder", "path", "body"),
    [
        (Holder("p/1"), "/os-quota-sets/p%2F1", {"quota_set": {"cores": 8, "ram": -1, "force": True}}),
        (
            Holder("p 1", "u&1"),
            "/os-quota-sets/p%201?user_id=u%261",
            {"quota_set": {"cores": 8, "ram": -1, "force": True}},
        ),
        (
            Holder(class_name="a/b"),
            "/os-quota-class-sets/a%2Fb",
            {"quota_class_set": {"cores": 8, "ram": -1}},
        ),
    ],
)
def test_limits_are_written_by_the_pods_own_credential_as_novas_api_wants_them(holder, path, body):
    net = Net(a_pod("a"))
    net.write(holder, cores=8, ram=-1)
    net.spread()
    net.write(holder)
    (put,) = net.novas.requests
    net.spread()
    (delete,) = net.novas.requests

    seconds = net.services.quota_net.deadline_seconds
    assert put == PodRequest(
        "PUT",
        path,
        headers={"content-type": "application/json"},
        body=json.dumps(body).encode(),
        read_timeout_seconds=seconds,
    )
    assert delete == replace(put, method="DELETE", body=None)


@pytest.mark.parametrize(
    "refusal", [PodReply(400, MARK, b'{"badRequest": {}}'), PodUnreachable("a", "x", True)]
)
def test_the_first_limits_that_a_pod_does_not_take_end_its_round_and_other_pods_get_theirs(refusal):
    net = Net(PUT_a=refusal)
    for number in (1, 2):
        net.write(Holder(f"p{number}"), cores=8)

    assert net.spread() == [
        ("a", "/os-quota-sets/p1"),
        ("b", "/os-quota-sets/p1"),
        ("b", "/os-quota-sets/p2"),
    ]
    assert [quota.set_in for quota in net.outside.quotas.list()] == [{"b": 1}, {"b": 1}]
    net.novas.replies.clear()
    assert net.spread() == [("a", "/os-quota-sets/p1"), ("a", "/os-quota-sets/p2")]
    assert [quota.set_in for quota in net.outside.quotas.list()] == [{"a": 1, "b": 1}] * 2


@pytest.mark.parametrize("status", [200, 202])
def test_each_success_of_novas_counts(status):
    net = Net(PUT=PodReply(status, MARK, b"{}"))
    net.write(Holder("p1"), cores=8)
    net.spread()

    assert net.outside.quotas.get(Holder("p1")).set_in == {"a": 1, "b": 1}


def test_so_many_limits_are_written_to_a_pod_in_a_round_and_the_rest_in_the_next(monkeypatch):
    monkeypatch.setattr(quota_net, "MOST_WRITES", 2)
    net = Net(a_pod("a"))
    for number in range(3):
        net.write(Holder(f"p{number}"), cores=8)

    rounds = [len(net.spread()) for _ in range(3)]
    assert rounds == [2, 1, 0]


def test_a_proxys_page_is_no_success_and_what_was_written_before_it_counts():
    net, page = Net(a_pod("a")), PodReply(200, {}, b"<html>")
    for number in (1, 2):
        net.write(Holder(f"p{number}"), cores=8)
    net.novas.send = lambda pod, request: page if "p2" in request.path else PodReply(200, MARK, b"{}")
    net.services.quota_net.spread()

    assert [quota.set_in for quota in net.outside.quotas.list()] == [{"a": 1}, {}]


def test_a_round_over_all_pods_ends_at_its_deadline():
    net, waits = Net(), []

    class Patient:
        def ask(self, pods, question, deadline_seconds):
            waits.append(([pod.pod_id for pod in pods], deadline_seconds))
            return Answers((), tuple(pods))

    net.write(Holder("p1"), cores=8)
    replace(net.services.quota_net, fan_out=Patient(), deadline_seconds=7.0).spread()

    assert waits == [(["a", "b"], 7.0)]
    assert net.outside.quotas.get(Holder("p1")).set_in == {}


def test_a_pod_with_its_own_keystone_gets_the_limits_of_its_own_projects_and_of_classes_alone():
    ours = a_hybrid_pod("a", pod_project_ids={"p1": "1" * 32})
    net = Net(ours)
    for holder in (Holder("p1"), Holder("p2"), Holder("p1", "u1"), Holder(class_name="default")):
        net.write(holder, cores=8)

    assert net.spread() == [("a", "/os-quota-class-sets/default"), ("a", "/os-quota-sets/p1")]
