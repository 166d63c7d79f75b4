"""While three pods in ten fail, pods get at most 1.2 calls for each request."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.model.errors import PodUnreachable, Trio2oError
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.snapshot import snapshot_of
from chalicelib.service.asking.retry_budget import RetryBudget
from tests.builders import a_filled_pod, a_spec
from tests.service.desk import NOTHING_CACHED, OPERATOR, World

REQUESTS = 300
NOVAS = {"x-openstack-request-id": "req-9"}
ONE_ZONE = [a_filled_pod(f"pod-{number}", 0, az_name="az1") for number in range(10)]
TEN_ZONES = [a_filled_pod(f"pod-{number}", 0, az_name=f"az{number}") for number in range(10)]
GET_FLAVOR = PodRequest("GET", "/flavors/1")


class Failing:
    """Novas of which some take no connection, whatever they are asked."""

    def __init__(self, fails):
        self.fails, self.calls = fails, 0

    def send(self, pod, request):
        self.calls += 1
        if self.fails(pod):
            raise PodUnreachable(pod.pod_id, "refused", sent=False)
        status = 202 if request.method == "POST" else 200
        return PodReply(status, NOVAS, b'{"flavor": {"id": "1"}}')


def the_oldest(pod):
    return int(pod.pod_id.removeprefix("pod-")) < 3


def three_in_ten(pod, dice=random.Random(7)):
    return dice.random() < 0.3


def world_of(pods, novas):
    return World(*pods, chosen=replace(NOTHING_CACHED, trouble_cache_seconds=5.0), client=novas)


@pytest.mark.parametrize("pods", [ONE_ZONE, TEN_ZONES], ids=["one zone", "ten zones"])
@pytest.mark.parametrize("fails", [the_oldest, three_in_ten])
def test_creates(pods, fails):
    novas = Failing(fails)
    world = world_of(pods, novas)
    servers, snapshot, accepted = world.services.servers, snapshot_of(pods), 0

    def send(pod):
        return servers.client.send(pod, PodRequest("POST", "/servers"))

    for number in range(REQUESTS):
        world.clock.passes(1.0)
        spec = a_spec(project_id=f"project-{number % 20}", az_name=None, requested_at=world.clock.now)
        with suppress(Trio2oError):
            accepted += servers.attempts.make(spec, snapshot, send).reply.status == 202

    assert novas.calls <= 1.2 * REQUESTS
    assert accepted >= 0.7 * REQUESTS, "more than would be without any other attempt"


def test_reads_that_the_first_pod_answers_which_can():
    novas = Failing(the_oldest)
    world = world_of(ONE_ZONE, novas)

    for _ in range(REQUESTS):
        world.clock.passes(1.0)
        assert world.services.first.that_has(OPERATOR, GET_FLAVOR).reply.status == 200

    assert novas.calls <= 1.2 * REQUESTS


def test_a_budget_is_a_share_of_what_was_asked_and_a_few_for_the_quiet_hours():
    budget = RetryBudget(share=0.5, most=2.0)

    assert [budget.spend() for _ in range(3)] == [True, True, False]
    budget.asked()
    assert not budget.spend()
    budget.asked()
    assert [budget.spend() for _ in range(2)] == [True, False]
    for _ in range(100):
        budget.asked()
    assert [budget.spend() for _ in range(3)] == [True, True, False]


def test_unless_it_is_said_otherwise_one_request_in_ten_may_go_on_and_ten_at_first():
    budget = RetryBudget()

    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]
    for _ in range(11):
        budget.asked()
    assert [budget.spend() for _ in range(2)] == [True, False]
