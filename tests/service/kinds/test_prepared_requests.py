"""What a server's pod gets is made for that pod, and its reply goes to the client whatever we can write."""

import json
from dataclasses import replace

import pytest

from chalicelib import observability
from chalicelib.model.errors import InvalidField, NotFound, OutcomeUnknown, StoreBusy
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS
from tests.builders import NOW, PROJECT, a_caller, a_pod
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, reply
from tests.service.kinds.test_located import ID, NOT_THERE, SHOWN, Cloud

REQUEST = PodRequest("PUT", f"/servers/{ID}", body=b"{}")


def test_a_request_is_made_for_the_pod_that_gets_it():
    cloud = Cloud(pod_b=SHOWN).remember("pod-b")

    def prepared(pod, request):
        return replace(request, path=f"{request.path}?{pod.pod_name}")

    cloud.located.send(TENANT, SERVERS, ID, REQUEST, prepared)

    assert cloud.client.asked == [("pod-b", replace(REQUEST, path=f"/servers/{ID}?PodB"))]


def test_what_making_it_raises_passes_and_nothing_is_sent():
    cloud = Cloud(pod_b=SHOWN).remember("pod-b")

    def refuse(pod, request):
        raise InvalidField("host", "no such host")

    with pytest.raises(InvalidField):
        cloud.located.send(TENANT, SERVERS, ID, REQUEST, refuse)
    assert cloud.client.asked == []


def test_a_change_of_which_nobody_heard_is_to_be_looked_for_by_its_noun():
    with pytest.raises(OutcomeUnknown, match="look at the server first"):
        Cloud(pod_b=None).remember("pod-b").send("PUT")


@pytest.mark.parametrize(
    ("method", "said"), [("DELETE", reply(b"", 204, **{"x-openstack-request-id": "r"})), ("GET", NOT_THERE)]
)
def test_a_store_that_fails_costs_no_client_the_reply_and_is_logged(monkeypatch, capsys, method, said):
    observability.logger().setLevel("INFO")
    cloud = Cloud(pod_b=said).remember("pod-b")

    def busy(*_):
        raise StoreBusy("too much")

    monkeypatch.setattr(cloud.locations, "end", busy)

    assert cloud.send(method).reply is said
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["id"]) for line in printed if "id" in line] == [("ERROR", ID)]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_pod_that_is_not_proven_is_looked_in_only_if_it_has_servers_of_ours(is_known):
    client = ScriptedPods(pod_a=NOT_THERE)
    world = World(a_pod("pod-a", proven=False), client=client)
    world.outside.projects.add(PROJECT, "pod-a")
    if is_known:
        world.outside.locations.remember(Location("another", "other", "pod-a", NOW))

    with pytest.raises(NotFound):
        world.services.located.send(a_caller(), SERVERS, ID, REQUEST)
    assert [pod_id for pod_id, _ in client.asked] == ["pod-a"] * is_known
