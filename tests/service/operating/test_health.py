from datetime import timedelta

import pytest

from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.model.capacity import PodHealth
from chalicelib.model.errors import StoreBusy
from chalicelib.model.pod import PodState
from chalicelib.model.shared_write import UnfinishedWrite
from chalicelib.model.stray import Stray
from chalicelib.service.asking.troubles import Troubles
from tests.builders import NOW, PROJECT, a_capacity, a_filled_pod, a_flavor, a_pod
from tests.service.desk import World

OUT_OF_REACH = PodHealth(unreachable_since=NOW, error="timed out")


def health_of(*pods):
    return World(*pods).services.health.report()


def test_an_open_circuit_is_said():
    world = World(a_filled_pod("a"), a_filled_pod("b"))
    for _ in range(5):
        Troubles(world.outside.troubles, world.clock).call_failed("a")

    report = world.services.health.report()

    assert ["didn't answer" in condition.problem for condition in report.pods] == [True, False]


def test_all_is_well_when_every_pod_reported_lately():
    report = health_of(a_filled_pod("a"), a_filled_pod("b"))

    assert not report.degraded
    assert [condition.problem for condition in report.pods] == ["", ""]


@pytest.mark.parametrize(
    ("pod", "problem"),
    [
        (a_filled_pod(health=OUT_OF_REACH), "timed out"),
        (a_filled_pod(health=PodHealth(error="no credential")), "no credential"),
        (a_pod(), "never reported"),
        (
            a_pod(proven=False),
            "isn't proven, and takes nothing: no refresh has got through to it since its address was written",
        ),
        (
            a_filled_pod(proven=False, health=PodHealth(error="401")),
            "isn't proven, and takes nothing: 401",
        ),
        (
            a_pod(capacity=a_capacity(reported_at=NOW - timedelta(seconds=301))),
            "its report is older than 300 seconds",
        ),
    ],
)
def test_what_is_wrong_with_a_pod_is_said(pod, problem):
    report = health_of(a_filled_pod("well"), pod)

    assert report.degraded
    assert [condition.problem for condition in report.pods if condition.pod.pod_id != "well"] == [problem]


@pytest.mark.parametrize(
    "pod",
    [
        a_pod(state=PodState.DISABLED),
        a_pod(az_name="", proven=False),
        a_pod(az_name="", proven=False, health=PodHealth(error="what a refresh once said")),
        a_pod(proven=False, state=PodState.DISABLED),
    ],
)
def test_a_pod_that_takes_no_servers_degrades_nothing(pod):
    assert not health_of(pod).degraded


def test_a_store_that_does_not_answer_is_part_of_the_report():
    class BusyStore(MemoryPodStore):
        def list(self):
            raise StoreBusy("refused 10 times")

    report = World(pods=BusyStore()).services.health.report()

    assert report.degraded
    assert report.store_error == "refused 10 times"


SIZES = {vcpus: {"m1.small": a_flavor(vcpus=vcpus)} for vcpus in (1, 2)}


def test_a_flavor_of_two_sizes_is_told_of_and_degrades():
    report = health_of(a_filled_pod("a", catalogue=SIZES[1]), a_filled_pod("b", catalogue=SIZES[2]))

    (difference,) = report.flavors
    assert (difference.flavor_id, difference.respect) == ("m1.small", "size")
    assert difference.values == {"1 vcpus, 1024 MB, 10 GB": ("A",), "2 vcpus, 1024 MB, 10 GB": ("B",)}
    assert report.degraded


@pytest.mark.parametrize(
    ("other", "respect"),
    [
        ({}, "missing"),
        ({"m1.small": a_flavor(extra_specs={"k": "v"})}, "extra_specs"),
        ({"m1.small": a_flavor(project_ids=frozenset({"p"}))}, "access"),
        ({"m1.small": a_flavor(name="other")}, "name"),
    ],
)
def test_what_else_differs_is_told_and_degrades_nothing(other, respect):
    report = health_of(a_filled_pod("a", catalogue=SIZES[1]), a_filled_pod("b", catalogue=other))

    assert [difference.respect for difference in report.flavors] == [respect]
    assert not report.degraded


def test_a_pod_out_of_service_is_not_compared():
    closed = a_filled_pod("b", catalogue=SIZES[2], state=PodState.DISABLED)

    assert health_of(a_filled_pod("a", catalogue=SIZES[1]), closed, a_filled_pod("unread")).flavors == ()


def test_a_write_that_is_left_unfinished_degrades_and_one_under_way_does_not():
    world = World(a_filled_pod("a"))
    write = UnfinishedWrite("call-1", "flavor 1", "DELETE /flavors/1", NOW, "req-1", "user-1")
    world.outside.unfinished.put(write)

    assert world.services.health.report().unfinished == ()
    world.clock.passes(61)
    assert world.services.health.report().unfinished == (write,)
    assert world.services.health.report().degraded


def test_a_stray_degrades():
    world = World(a_filled_pod("a"))
    stray = Stray("server-1", "a", PROJECT, "vm", NOW, NOW, "trio2o:abc:1")
    world.outside.strays.put(stray)
    report = world.services.health.report()

    assert (report.strays, report.degraded) == ((stray,), True)
