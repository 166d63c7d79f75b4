"""A host that an admin names leads to its pod, or the admin learns what to write instead."""

import json

import pytest

from chalicelib.api.nova.named_resources import read_hosts
from chalicelib.model.errors import InvalidField
from chalicelib.model.server_order import ServerOrder
from chalicelib.model.snapshot import snapshot_of
from chalicelib.service.creating.destination import check_hosts
from chalicelib.service.creating.server import body_for
from tests.builders import a_pod

PODS = snapshot_of([a_pod("pod-a"), a_pod("pod-b"), a_pod("pod-s", az_name="az2")])


def an_order(az_name="az1", forced="", **server):
    zone = {"availability_zone": f"{az_name}:{forced}"} if forced else {}
    body = {"server": {"name": "vm", **server, **zone}}
    hosts = read_hosts(forced, server)
    return ServerOrder(json.dumps(body).encode(), body, "vm", "1", az_name, forced, hosts=hosts)


@pytest.mark.parametrize(
    ("zone", "holders", "field", "words"),
    [
        (None, ["pod-a", "pod-s"], "availability_zone", "each of the availability zones az1, az2; name one"),
        ("az1", ["pod-a", "pod-b"], "host", "Several hosts in az1 are called cmp1"),
        ("az1", [], "host", r"Compute host cmp1 could not be found\."),
    ],
)
def test_a_host_that_does_not_lead_to_one_pod_is_refused(zone, holders, field, words):
    pins = {"host cmp1": frozenset(holders)} if holders else {}

    with pytest.raises(InvalidField, match=words) as refused:
        check_hosts(an_order(forced="cmp1"), pins, zone, PODS)
    assert refused.value.field == field


def test_the_zone_asked_for_tells_two_hosts_of_one_name_apart():
    check_hosts(an_order(forced="cmp1"), {"host cmp1": frozenset({"pod-a", "pod-s"})}, "az1", PODS)


@pytest.mark.parametrize(
    ("host", "server", "sent"),
    [
        ("cmp1@PodA", {}, {"availability_zone": "nova-a:cmp1"}),
        ("cmp1@PodA:node1@PodA", {}, {"availability_zone": "nova-a:cmp1:node1"}),
        (":node1@PodA", {}, {"availability_zone": "nova-a::node1"}),
        ("", {"host": "cmp1@PodA", "hypervisor_hostname": "n"}, {"host": "cmp1", "hypervisor_hostname": "n"}),
        ("", {"host": 5}, {"host": 5}),
    ],
)
def test_the_pod_gets_its_own_names(host, server, sent):
    assert json.loads(body_for("nova-a", an_order(forced=host, **server)))["server"] == {"name": "vm", **sent}


def test_an_order_that_names_no_host_is_sent_as_it_came():
    order = an_order(imageRef="x")

    assert body_for("nova-a", order) is order.raw
