import json

import pytest

from chalicelib.adapters.openstack.resource_lookup import OpenStackResourceLookup
from chalicelib.model.errors import PodUnreachable
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.model.pod_request import PodReply
from tests.builders import a_caller, a_pod

ENDPOINTS = {
    "compute": "http://p/v2.1",
    "network": "http://p/network",
    "volume": "http://p/volume/v3",
    "image": "http://p/image",
}


FAULT = b'{"NeutronError": {"type": "NetworkNotFound", "message": "Network id-1 could not be found."}}'


class Sender:
    def __init__(self, status=200, body=None, **headers):
        self.status, self.sent, self.headers = status, [], headers
        self.body = body or (b"{}" if status < 400 else FAULT)

    def send(self, pod, request):
        self.sent.append(request)
        return PodReply(self.status, self.headers, self.body)


def holds(sender, noun=Noun.NETWORK, endpoints=ENDPOINTS):
    lookup = OpenStackResourceLookup(sender)
    return lookup.holds(
        a_pod(endpoints=endpoints), NamedResource(noun, "id-1"), a_caller(token="a-token", request_id="req-1")
    )


@pytest.mark.parametrize(
    ("noun", "service", "path"),
    [
        (Noun.NETWORK, "network", "/v2.0/networks/id-1"),
        (Noun.PORT, "network", "/v2.0/ports/id-1"),
        (Noun.VOLUME, "volume", "/volumes/id-1"),
        (Noun.SNAPSHOT, "volume", "/snapshots/id-1"),
        (Noun.SERVER_GROUP, "compute", "/os-server-groups/id-1"),
        (Noun.IMAGE, "image", "/v2/images/id-1"),
    ],
)
def test_each_noun_is_asked_of_its_service_with_the_callers_token(noun, service, path):
    sender = Sender()

    assert holds(sender, noun)
    (request,) = sender.sent
    assert (request.method, request.service, request.path) == ("GET", service, path)
    assert (request.token, request.request_id) == ("a-token", "req-1")


@pytest.mark.parametrize(("status", "held"), [(200, True), (404, False), (403, False), (400, False)])
def test_the_status_tells(status, held):
    assert holds(Sender(status)) is held


@pytest.mark.parametrize("status", [202, 302, 401, 409, 410, 429, 500, 503])
def test_an_answer_that_says_nothing_is_none(status):
    with pytest.raises(PodUnreachable):
        holds(Sender(status))


@pytest.mark.parametrize("status", [200, 403, 404])
def test_what_a_proxy_says_is_no_answer(status):
    with pytest.raises(PodUnreachable):
        holds(Sender(status, b"<html>"))


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_marked_page_denies_where_glance_and_neutron_write_such_but_not_novas(status):
    mark = {"x-openstack-request-id": "req-9"}

    assert not holds(Sender(status, b"<html>", **mark), Noun.IMAGE)
    assert not holds(Sender(status, b"<html>", **mark), Noun.NETWORK)
    with pytest.raises(PodUnreachable):
        holds(Sender(status, b"<html>", **mark), Noun.SERVER_GROUP)


def test_a_pod_without_the_service_can_not_hold_it_and_is_not_asked():
    sender = Sender()

    assert not holds(sender, Noun.VOLUME, {"compute": "http://p/v2.1"})
    assert sender.sent == []


def test_an_endpoint_may_have_neutrons_version_in_it():
    sender = Sender()
    holds(sender, endpoints={"network": "http://p/network/v2.0/"})

    assert sender.sent[0].path == "/networks/id-1"


def test_an_endpoint_may_have_glances_version_in_it():
    sender = Sender()
    holds(sender, Noun.IMAGE, {"image": "http://p/image/v2"})

    assert sender.sent[0].path == "/images/id-1"


LISTED = [
    (Noun.HOST, "/os-services?binary=nova-compute&host=id-1", "services", "host"),
    (
        Noun.HYPERVISOR,
        "/os-hypervisors?hypervisor_hostname_pattern=id-1",
        "hypervisors",
        "hypervisor_hostname",
    ),
    (Noun.FLOATING_IP, "/v2.0/floatingips?floating_ip_address=id-1", "floatingips", "floating_ip_address"),
    (Noun.SECURITY_GROUP, "/v2.0/security-groups?name=id-1", "security_groups", "name"),
]


@pytest.mark.parametrize(("noun", "path", "rows", "key"), LISTED)
@pytest.mark.parametrize(("found", "held"), [([], False), (["id-1"], True), (["id-10"], False)])
def test_what_has_no_id_is_looked_for_in_a_list(noun, path, rows, key, found, held):
    sender = Sender(body=json.dumps({rows: [{key: each} for each in found]}).encode())

    assert holds(sender, noun) is held
    assert sender.sent[0].path == path


@pytest.mark.parametrize("body", [b"{}", b'{"services": 5}', b"[]"])
def test_a_list_that_is_none_is_no_answer(body):
    with pytest.raises(PodUnreachable):
        holds(Sender(body=body), Noun.HOST)


def test_a_security_group_may_be_named_by_its_id():
    sender, group = Sender(), "11111111-1111-4111-8111-11111111111a"
    named = NamedResource(Noun.SECURITY_GROUP, group)

    assert OpenStackResourceLookup(sender).holds(
        a_pod(endpoints=ENDPOINTS), named, a_caller(token="a-token", request_id="req-1")
    )
    assert sender.sent[0].path == f"/v2.0/security-groups/{group}"
