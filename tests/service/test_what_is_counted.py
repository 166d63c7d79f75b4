"""What a create, a refresh and a round of reconciling tell the metrics."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from chalicelib.model.capacity import CapacityReport
from chalicelib.model.errors import NoPod, PodUnreachable
from chalicelib.model.intent import Marker
from chalicelib.model.pod import PodState
from chalicelib.model.pod_request import PodReply
from chalicelib.model.snapshot import snapshot_of
from chalicelib.observability.measures import measured
from chalicelib.service.creating.choosing import Grounds
from tests.builders import a_capacity, a_filled_pod, a_flavor, a_pod, a_spec, an_intent
from tests.service.desk import World
from tests.service.observing.lost_servers import Lost, a_server


@pytest.fixture
def counted(capsys):
    """A ``with`` block whose record is filled in when it ends: sums of numbers, by measure."""

    @contextmanager
    def block():
        record = {}
        with measured():
            yield record
        printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        for told in printed:
            if "_aws" in told:
                record.update(
                    {name: sum(values) for name, values in told.items() if isinstance(values, list)}
                )

    return block


def create(world, *pods, status=202):
    reply = PodReply(status, {"x-openstack-request-id": "req-9"}, b'{"aFault": {"code": 1}}')
    return world.services.servers.attempts.make(a_spec(), snapshot_of(pods), lambda pod: reply)


@pytest.mark.parametrize(("status", "refused"), [(202, None), (400, 1)])
def test_a_create_is_counted_by_what_it_did_to_the_binding_and_by_the_pods_status(counted, status, refused):
    pod = a_filled_pod("pod-a")

    with counted() as record:
        create(World(pod), pod, status=status)

    assert (record["Creates"], record["BindingsCreated"], record.get("CreatesRefused")) == (1, 1, refused)


def test_a_decision_tells_how_many_milliseconds_it_took_and_which_filters_rejected_pods(counted):
    pods = [a_filled_pod("a"), *(a_filled_pod(name, state=PodState.DISABLED) for name in ("b", "c"))]
    binder = World(*pods).services.servers.attempts.binder
    seconds = iter([10.0, 10.25])
    choosing = replace(binder.choosing, timer=lambda: next(seconds))

    with counted() as record:
        choosing.choose(a_spec(), Grounds(snapshot_of(pods), binder.profiles.get("az1")))

    assert (record["DecisionTime"], record["Rejected_pod_state"]) == (250.0, 2)


def test_a_claim_that_the_balance_refuses_is_counted(counted):
    world = World(a_filled_pod("pod-a", vcpus_used=90))

    with counted() as record, pytest.raises(NoPod):
        create(world, a_filled_pod("pod-a"))  # as an old report has it

    assert record["ClaimsRefused"] == 1


class TwoOfThree:
    """The pods a and b report what they have, c is silent."""

    def read(self, pod):
        if pod.pod_id == "c":
            raise PodUnreachable("c", "down", sent=True)
        return CapacityReport(a_capacity(), {"m1.small": a_flavor()}, "2.1", "2.90")


def test_a_refresh_counts_the_pods_that_reported_and_those_that_did_not(counted):
    world = World(a_pod("a"), a_pod("b"), a_pod("c"), reader=TwoOfThree())

    with counted() as record:
        done = world.services.capacity_refresh.refresh_all()

    assert (record["PodsRefreshed"], record["PodsNotRefreshed"]) == (2, 1)
    assert record["RefreshTime"] == done.seconds * 1000


def test_reconciling_counts_creates_without_an_outcome_strays_and_servers_that_were_not_known(counted):
    lost = Lost()
    for letter in "cd":
        lost.intents.put(an_intent(letter * 40, pod_id="b"))
    lost.intents.put(an_intent("a" * 40, pod_id="a").failed())
    for number, letter in enumerate("ab"):
        lost.has("a", a_server(number, marker=Marker(letter * 40, 1), takes_labels=False))
    lost.clock.passes(600)
    lost.silent.add("b")

    with counted() as record:
        lost.minutes()

    assert (record["CreatesUnsettled"], record["Strays"], record["ServersNotKnown"]) == (2, 1, 1)
