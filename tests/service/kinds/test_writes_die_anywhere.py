"""Writes to every pod: who dies in the midst leaves what a repeat completes, and nothing twice."""

import json

import pytest

from chalicelib import wiring
from chalicelib.model.errors import Trio2oError
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import FLAVORS
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pod_numbers import PodNumbers
from chalicelib.service.kinds.all_pods import AllPods
from chalicelib.service.kinds.every_pod import EveryPod
from chalicelib.service.operating.aggregates import Aggregates
from tests.builders import SetClock, a_pod
from tests.service.kinds.scripted_pods import TENANT, reply, roster_of
from tests.service.operating.dying import Died, Killer

PODS = [a_pod("pod-a", "az1"), a_pod("pod-b", "az2"), a_pod("pod-c", "az3")]
FLAVOR = {"id": "f", "name": "big", "ram": 64, "vcpus": 1, "disk": 0}
CREATE = PodRequest("POST", "/flavors", body=json.dumps({"flavor": FLAVOR}).encode())
DELETE = PodRequest("DELETE", "/flavors/f")
AGGREGATE = {"name": "fast", "availability_zone": None, "hosts": [], "metadata": {}}
TAKEN = reply({"conflictingRequest": {"code": 409, "message": "It is there."}}, 409)
GONE = reply(b"", 202, **{"x-openstack-request-id": "req-9"})
MISSING = reply({"itemNotFound": {"code": 404, "message": "It is not there."}}, 404)


class Novas:
    """Three pods that keep what they are told, each thing once by its name."""

    def __init__(self):
        self.kept = {pod.pod_id: {} for pod in PODS}

    def send(self, pod, request):
        kept, noun = self.kept[pod.pod_id], "flavor" if request.path.startswith("/flavors") else "aggregate"
        if request.method == "POST":
            row = {"id": 1, **json.loads(request.body)[noun]}
            if row["name"] in kept:
                return TAKEN
            kept[row["name"]] = row
            return reply({noun: row})
        if request.method == "GET" and noun == "aggregate":
            return reply({"aggregates": list(kept.values())})
        if "big" not in kept:
            return MISSING
        shown = kept["big"] if request.method == "GET" else kept.pop("big")
        return reply({"flavor": shown}) if request.method == "GET" else GONE


class Process(Killer):
    """A gateway's process; once it was killed, none of its calls gets out."""

    def __init__(self, calls, after):
        super().__init__(calls, after)
        self.dead = False

    def watched(self, call):
        watched = super().watched(call)

        def call_or_nothing(*given, **named):
            if self.dead:
                raise Died
            try:
                return watched(*given, **named)
            except Died:
                self.dead = True
                raise

        return call_or_nothing


class World:
    """The pods and what is noted of unfinished writes, which outlive any process."""

    def __init__(self):
        self.novas, self.clock = Novas(), SetClock()
        self.outside = wiring.in_memory(clock=self.clock)

    def write_flavor(self, request, process):
        client, unfinished = Watched(self.novas, process), Watched(self.outside.unfinished, process)
        kind = EveryPod(roster_of(*PODS), client, FanOut(2), unfinished, self.clock, lambda: "req-1", 5.0)
        return kind.send(TENANT, FLAVORS, request).reply.status

    def create_aggregate(self, _, process):
        client = Watched(self.novas, process)
        pods = AllPods(roster_of(*PODS), client, FanOut(2), PodNumbers(self.outside.numbers), 5.0, 5.0)
        return Aggregates(pods).create(TENANT, PodRequest("POST", "/os-aggregates"), AGGREGATE)["name"]

    def names(self):
        return [sorted(kept) for kept in self.novas.kept.values()]


class Watched:
    """A port of one process."""

    def __init__(self, port, process):
        for name in dir(port):
            if not name.startswith("_") and callable(getattr(port, name)):
                setattr(self, name, process.watched(getattr(port, name)))


WRITES = {
    "a flavor is made": (World.write_flavor, CREATE, [["big"]] * 3),
    "a flavor is deleted": (World.write_flavor, DELETE, [[]] * 3),
    "an aggregate is made": (World.create_aggregate, None, [["fast"]] * 3),
}


def begun(name):
    write, request, wanted = WRITES[name]
    world = World()
    if request is DELETE:
        world.write_flavor(CREATE, Process(0, after=False))
    return world, lambda process: write(world, request, process), wanted


def calls_of(name):
    """How many calls a write makes that nobody kills."""
    _, write, _ = begun(name)
    process = Process(0, after=False)
    write(process)
    return -process.left


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", WRITES)
def test_a_repeat_completes_what_a_killed_process_left(name, after):
    calls = calls_of(name)
    assert calls >= 3
    for fatal in range(1, calls + 1):
        world, write, wanted = begun(name)
        with pytest.raises((Died, Trio2oError)):
            write(Process(fatal, after))
        halfway = world.names()

        try:
            write(Process(0, after=False))
        except Trio2oError:
            assert halfway == wanted, "only what was there everywhere is refused"

        assert world.names() == wanted
        assert world.outside.unfinished.list() == []
