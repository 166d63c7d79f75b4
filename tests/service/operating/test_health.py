from datetime import timedelta

import pytest

from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.model.capacity import PodHealth
from chalicelib.model.errors import StoreBusy
from chalicelib.model.pod import PodState
from chalicelib.service.asking.troubles import Troubles
from tests.builders import NOW, a_capacity, a_filled_pod, a_pod
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
