"""Server creation: what becomes of a pod's reply, and what is written of it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib.model.claim import Share
from chalicelib.model.errors import OutcomePending, OutcomeUnknown, OverQuota, PodUnreachable
from chalicelib.model.intent import IntentState
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.creating.finding import PAUSES
from chalicelib.service.creating.repeats import digest_of
from tests.builders import NOW, PROJECT, a_filled_pod, a_flavor
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT

POD = a_filled_pod(catalogue={"m1.small": a_flavor()})
IDS = [f"00000000-0000-4000-8000-{number:012}" for number in range(3)]
PODS_ID = "req-00000000-0000-4000-8000-00000000000b"
MARK = {"x-openstack-request-id": PODS_ID}
MADE = PodReply(202, MARK, json.dumps({"server": {"id": IDS[0]}}).encode())
FAILED = PodReply(500, MARK, b'{"computeFault": {}}')
SILENCE = PodUnreachable("pod-a", "timed out", sent=True)


class Trial(World):
    """Creates in one pod that makes ``makes`` servers, whatever it replies."""

    def __init__(self, outcome=MADE, makes=1, named="vm"):
        super().__init__(POD, client=self)
        self.outcome, self.makes, self.named = outcome, makes, named
        self.sent, self.looks, self.pauses = [], [], []
        servers = self.services.servers
        finding = replace(servers.finding, pause=self.pauses.append)
        self.servers = replace(servers, finding=finding)

    def send(self, pod, request):
        if request.method == "GET":
            self.looks.append(request.path)
            return PodReply(200, MARK, json.dumps({"servers": self.rows()}).encode())
        self.sent.append(request)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def rows(self):
        metadata = json.loads(self.sent[0].body)["server"].get("metadata", {})
        shown = {"created": NOW.isoformat(), "metadata": metadata}
        return [{"id": each, "name": f"{self.named}-{each[-1]}", **shown} for each in IDS[: self.makes]]

    def create(self, key="", servers=None, **fields):
        body = {"server": {"name": "vm", "flavorRef": "1", **fields.pop("server", {})}}
        order = ServerOrder(json.dumps(body).encode(), body, "vm", "m1.small", **fields)
        return (servers or self.servers).create(TENANT, order, self.request, key)

    request = PodRequest("POST", "/servers", body=b"{}", token="a-token")

    @property
    def decision(self):
        return self.outside.decisions.list()[0]

    @property
    def intent(self):
        (intent,) = self.outside.intents._intents.values()
        return intent

    @property
    def places(self):
        return self.outside.locations.of_pod("pod-a")


def test_an_accepted_create_is_answered_as_the_pod_did_and_its_server_has_a_location():
    trial = Trial()

    assert trial.create() == PodAnswer(POD, MADE)

    decision_id = trial.decision.decision_id
    assert trial.places == [
        Location(
            IDS[0],
            PROJECT,
            "pod-a",
            NOW,
            name="vm",
            request_id=TENANT.request_id,
            decision_id=decision_id,
            share=Share("pod-a", decision_id, 0),
            pod_request_id=PODS_ID,
        )
    ]
    assert (trial.intent.state, trial.intent.digest, trial.looks) == (IntentState.DONE, "", [])


def test_the_intent_of_a_create_with_a_key_tells_its_request_from_others():
    trial = Trial()
    trial.create("mine")

    assert (trial.intent.key, trial.intent.digest) == ("mine", digest_of(trial.request))


def test_a_refusal_of_the_pod_is_told_and_its_id_finds_the_decision():
    refusal = PodReply(400, MARK, b'{"badRequest": {}}')
    trial = Trial(refusal)

    assert trial.create() == PodAnswer(POD, refusal)

    assert trial.outside.decisions.of_request(PODS_ID) == [trial.decision]
    assert (trial.places, trial.looks) == ([], [])


def test_a_refusal_whose_decision_can_not_be_kept_is_told_all_the_same():
    refusal = PodReply(400, MARK, b'{"badRequest": {}}')
    trial = Trial(refusal)
    save = trial.outside.decisions.save

    def fails_the_second_time(decision, pod_request_id=""):
        if pod_request_id:
            raise RuntimeError("no")
        save(decision)

    trial.outside.decisions.save = fails_the_second_time

    assert trial.create() == PodAnswer(POD, refusal)


@pytest.mark.parametrize("outcome", [FAILED, SILENCE])
def test_a_server_that_was_made_though_the_pod_failed_is_found_and_answered(outcome):
    trial = Trial(outcome)

    answer = trial.create()

    assert (answer.pod, answer.reply.status) == (POD, 202)
    assert json.loads(answer.reply.body)["server"]["id"] == IDS[0]
    assert [place.resource_id for place in trial.places] == IDS[:1]
    assert (trial.intent.state, len(trial.sent), len(trial.looks)) == (IntentState.DONE, 1, 1)


def test_a_failure_whose_server_does_not_show_is_told_as_the_pod_did_and_not_as_the_end():
    trial = Trial(FAILED, makes=0)

    assert trial.create() == PodAnswer(POD, FAILED)
    assert (trial.intent.state, len(trial.looks)) == (IntentState.POSTING, len(PAUSES))
    assert trial.outside.decisions.of_request(PODS_ID) == [trial.decision]


@pytest.mark.parametrize(("key", "error"), [("", OutcomeUnknown), ("mine", OutcomePending)])
def test_who_has_a_key_may_ask_again_about_a_create_without_an_answer(key, error):
    trial = Trial(SILENCE, makes=0)

    with pytest.raises(error):
        trial.create(key)
    assert len(trial.looks) == len(PAUSES)


def test_of_several_servers_without_a_marker_those_of_another_create_are_left_to_it():
    trial = Trial(makes=3)
    no_room = {"metadata": {str(number): "" for number in range(128)}}
    trial.outside.locations.remember(Location(IDS[1], PROJECT, "pod-a", NOW, decision_id="another"))

    trial.create(server=no_room, count=2)

    assert {place.resource_id: place.decision_id == "another" for place in trial.places} == {
        IDS[0]: False,
        IDS[1]: True,
        IDS[2]: False,
    }
    assert trial.intent.state is IntentState.DONE


@pytest.mark.parametrize(("count", "least", "fitting"), [(1, 1, 1), (5, 2, 1), (5, 5, 5), (5, 1, 0)])
def test_a_create_that_is_over_its_quota_is_tried_again_only_with_fewer_and_enough_servers(
    count, least, fitting
):
    trial = Trial()
    refusals = [OverQuota("Quota exceeded", fitting)]

    def take(caller, decision):
        if refusals:
            raise refusals.pop()
        return lambda: None

    quota = SimpleNamespace(quotas=trial.servers.quota.quotas, take=take)
    with pytest.raises(OverQuota):
        trial.create(servers=replace(trial.servers, quota=quota), count=count, least_count=least)
    assert trial.sent == []


@pytest.mark.parametrize("outcome", [MADE, SILENCE])
def test_a_location_that_can_not_be_written_keeps_no_answer_from_the_client(outcome, monkeypatch):
    trial = Trial(outcome)

    def fail(_):
        raise RuntimeError("no")

    monkeypatch.setattr(trial.outside.locations, "addition", fail)

    assert json.loads(trial.create().reply.body)["server"]["id"] == IDS[0]
    assert (trial.places, trial.intent.state) == ([], IntentState.POSTING)
