"""Scripted pods: a client whose pods reply what a test says, and a roster that knows them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.model.errors import PodUnreachable, Trio2oError
from chalicelib.model.identity import Caller, Identity
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.roster import Roster
from tests.builders import NOW, PROJECT

TENANT = Caller(
    Identity("u-1", PROJECT, frozenset({"member"}), datetime(2099, 1, 1, tzinfo=UTC)), "a-token", "req-1"
)


def reply(body=b"", status=200, **headers):
    """A pod's reply; what isn't bytes is written as JSON."""
    return PodReply(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def proxy_page(status):
    """What something in front of a service says: not the service's."""
    return reply(b"<html>", status)


class ScriptedPods:
    """Pods by id: a reply, a function of the request that gives one, or None for one that is down."""

    def __init__(self, **by_pod):
        self.by_pod = {name.replace("_", "-"): says for name, says in by_pod.items()}
        self.asked = []

    def send(self, pod, request):
        self.asked.append((pod.pod_id, request))
        says = self.by_pod[pod.pod_id]
        if says is None:
            raise PodUnreachable(pod.pod_id, "timed out", sent=True)
        return says(request) if callable(says) else says


class StrictFanOut(FanOut):
    """Asks one pod after another, in their order, and notes how long it may wait for each round.

    That our own code stumbles over what a pod says, which a fan-out bears, fails the test.
    """

    def __init__(self):
        super().__init__(workers=1)
        self.waits, self.stumbles = [], []

    def ask(self, pods, question, deadline_seconds):
        self.waits.append(deadline_seconds)
        answers = super().ask(pods, lambda pod: self._watched(question, pod), deadline_seconds)
        assert self.stumbles == []
        return answers

    def _watched(self, question, pod):
        try:
            return question(pod)
        except Trio2oError:
            raise
        except Exception as error:
            self.stumbles.append(error)
            raise


def roster_of(*pods):
    return Roster(MemoryPodStore(pods), lambda: NOW, cache_seconds=5.0)


def no_answers(capsys):
    """What was logged and counted of pods that gave no answer since this was last asked."""
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logged = [
        (line["pod"], line["error"]) for line in printed if line.get("message") == "pod gives no answer"
    ]
    counted = {line["pod"]: line["PodNoAnswers"] for line in printed if "PodNoAnswers" in line}
    return logged, counted
