"""External events: each goes to the pod of its server, and what became of each is told in their order."""

import json

import pytest

from chalicelib.model.errors import Unavailable
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodRefused
from tests.builders import NOW, PROJECT, a_pod
from tests.service.desk import OPERATOR, World
from tests.service.kinds.scripted_pods import ScriptedPods, reply

A, B, NOBODY = (f"{letter * 8}-1111-4111-8111-111111111111" for letter in "abf")
PATH = "/os-server-external-events"


class Nova:
    """Completes events about its servers, and knows no other."""

    def __init__(self, *servers, code=200):
        self.servers, self.code = servers, code

    def __call__(self, request):
        events = json.loads(request.body)["events"]
        told = [
            {**event, "status": "completed", "code": self.code}
            if str(event.get("server_uuid")).lower() in self.servers
            else {**event, "status": "failed", "code": 404}
            for event in events
        ]
        return reply({"events": told}, 200 if all(each["code"] == 200 for each in told) else 207)


class Neutron(World):
    """Tells three pods of events; the first two have a server each, whose locations are known."""

    def __init__(self):
        self.client = ScriptedPods(a=Nova(A), b=Nova(B), c=Nova())
        super().__init__(a_pod("a"), a_pod("b"), a_pod("c"), client=self.client)
        for server_id, pod_id in ((A, "a"), (B, "b")):
            self.outside.locations.remember(Location(server_id, PROJECT, pod_id, NOW))

    def tell(self, *events):
        request = PodRequest("POST", PATH, token="a-token", identity=OPERATOR.identity, body=b"{}")
        return self.services.external_events.send(OPERATOR, request, events)

    def heard(self):
        """The events that each pod was told of, by pod."""
        return {pod_id: json.loads(request.body)["events"] for pod_id, request in self.client.asked}


def event(server_id, **fields):
    return {"name": "network-changed", "server_uuid": server_id, **fields}


def completed(server_id, **fields):
    return event(server_id, **fields, status="completed", code=200)


def failed(server_id, code):
    return event(server_id, status="failed", code=code)


def test_each_pod_is_told_of_its_own_servers_in_the_senders_words():
    neutron = Neutron()
    events = [event(B, tag="p1"), event(A), event(B, tag="p2")]

    assert neutron.tell(*events) == [completed(B, tag="p1"), completed(A), completed(B, tag="p2")]
    assert sorted(neutron.client.asked, key=lambda each: each[0]) == [
        (
            pod_id,
            PodRequest(
                "POST",
                PATH,
                token="a-token",
                identity=OPERATOR.identity,
                body=json.dumps({"events": told}).encode(),
            ),
        )
        for pod_id, told in (("a", [event(A)]), ("b", [event(B, tag="p1"), event(B, tag="p2")]))
    ]


def test_the_case_of_an_id_does_not_hide_its_pod():
    neutron = Neutron()

    assert neutron.tell(event(A.upper())) == [completed(A.upper())]
    assert neutron.heard() == {"a": [event(A.upper())]}


def test_a_server_without_a_location_is_looked_for_in_all_pods():
    neutron = Neutron()
    neutron.client.by_pod["c"] = Nova(NOBODY)

    assert neutron.tell(event(NOBODY), event(A)) == [completed(NOBODY), completed(A)]
    assert neutron.heard() == {"a": [event(NOBODY), event(A)], "b": [event(NOBODY)], "c": [event(NOBODY)]}


def test_a_server_whose_location_has_ended_is_still_looked_for_in_its_pod():
    neutron = Neutron()
    neutron.outside.locations.end(A, NOW)

    assert neutron.tell(event(A)) == [completed(A)]
    assert neutron.heard() == {"a": [event(A)]}


def test_what_no_pod_knows_is_not_found():
    assert Neutron().tell(event(NOBODY), event(A)) == [failed(NOBODY, 404), completed(A)]


def test_what_a_pod_says_against_an_event_is_told():
    neutron = Neutron()
    neutron.client.by_pod["b"] = Nova(B, code=400)

    assert neutron.tell(event(B), event(A)) == [{**completed(B), "code": 400}, completed(A)]


@pytest.mark.parametrize("server_id", ["", "x", 7, None, ["a"]])
def test_an_event_whose_server_can_be_none_goes_to_every_pod(server_id):
    neutron = Neutron()

    assert neutron.tell(event(server_id), event(A)) == [failed(server_id, 404), completed(A)]
    assert neutron.heard()["c"] == [event(server_id)]


def test_only_what_can_be_a_servers_id_is_looked_up(monkeypatch):
    neutron, asked = Neutron(), []
    found = neutron.outside.locations.found
    monkeypatch.setattr(neutron.outside.locations, "found", lambda ids: asked.append(ids) or found(ids))

    neutron.tell(event("x"), event(7), event(A.upper()), event(A))

    assert asked == [{A}]


def test_an_event_that_names_no_server_goes_to_every_pod():
    neutron = Neutron()
    odd = {"name": "network-changed"}

    assert neutron.tell(odd) == [{**odd, "status": "failed", "code": 404}]
    assert neutron.heard() == {"a": [odd], "b": [odd], "c": [odd]}


def test_an_event_of_a_silent_pod_failed_for_now_and_so_did_one_that_it_may_know():
    neutron = Neutron()
    neutron.client.by_pod["b"] = None

    assert neutron.tell(event(B), event(A), event(NOBODY)) == [
        failed(B, 503),
        completed(A),
        failed(NOBODY, 503),
    ]


def test_a_pod_that_was_not_asked_denies_nothing_and_a_silent_one_hides_only_its_own():
    neutron = Neutron()
    neutron.client.by_pod["a"] = Nova()
    neutron.client.by_pod["b"] = None

    assert neutron.tell(event(A), event(B)) == [failed(A, 404), failed(B, 503)]


FAULT = reply({"badRequest": {"code": 400, "message": "no"}}, 400)


@pytest.mark.parametrize(
    "says",
    [
        FAULT,
        reply({"events": [completed(B)]}, 202),
        reply({"events": []}),
        reply({"events": [completed(B), completed(B)]}),
        reply({"events": {"0": completed(B)}}),
        reply({"events": [7]}),
        reply({"events": [{"status": "completed"}]}),
        reply({"events": [{"code": "200"}]}),
        reply({"events": [{"code": True}]}),
        reply({}),
        reply({"events": None}),
        reply(**{"x-openstack-request-id": "req-1"}),
        reply(b"{"),
    ],
)
def test_a_pod_that_does_not_tell_what_became_of_its_events_is_as_good_as_silent(says):
    neutron = Neutron()
    neutron.client.by_pod["b"] = says

    assert neutron.tell(event(A), event(B)) == [completed(A), failed(B, 503)]
    with pytest.raises((Unavailable, PodRefused)):
        neutron.tell(event(B))


def test_one_odd_outcome_among_good_ones_makes_them_all_untold():
    neutron = Neutron()
    neutron.client.by_pod["b"] = reply({"events": [completed(B), {"status": "completed"}]})

    assert neutron.tell(event(A), event(B), event(B)) == [completed(A), failed(B, 503), failed(B, 503)]


def test_what_every_asked_pod_refuses_is_the_oldest_ones_refusal():
    neutron = Neutron()
    first, second = (reply({"badRequest": {"code": 400, "message": f"no {n}"}}, 400) for n in (1, 2))
    neutron.client.by_pod.update(a=first, b=second)

    with pytest.raises(PodRefused) as refused:
        neutron.tell(event(B), event(A))

    assert (refused.value.answer.pod.pod_id, refused.value.answer.reply) == ("a", first)


def test_a_refusal_is_passed_on_too_while_the_other_pod_is_silent():
    neutron = Neutron()
    neutron.client.by_pod.update(a=None, b=FAULT)

    with pytest.raises(PodRefused):
        neutron.tell(event(A), event(B))


def test_nothing_is_known_while_no_pod_answers():
    neutron = Neutron()
    neutron.client.by_pod["a"] = None

    with pytest.raises(Unavailable, match="What holds these servers doesn't answer now"):
        neutron.tell(event(A))
