"""What a report of the pods' health holds, and from which moment on something is a problem."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.model.errors import StoreBusy
from chalicelib.model.quota import Holder
from chalicelib.service.operating.health import HealthReport, PodCondition
from tests.builders import NOW, a_capacity, a_filled_pod, a_pod
from tests.service.desk import World


def reported(seconds_ago):
    return a_pod(capacity=a_capacity(reported_at=NOW - timedelta(seconds=seconds_ago)))


@pytest.mark.parametrize(
    ("age", "problem"), [(299, ""), (300, ""), (300.5, "its report is older than 300 seconds")]
)
def test_a_report_may_be_five_minutes_old(age, problem):
    report = World(reported(age)).services.health.report()

    assert [condition.problem for condition in report.pods] == [problem]


def test_how_old_a_report_may_be_is_told_without_needless_digits():
    health = replace(World(reported(2)).services.health, max_report_age_seconds=1.5)

    assert health.report().pods[0].problem == "its report is older than 1.5 seconds"


def test_quotas_are_missing_in_pods_and_never_in_the_top_region():
    world = World(a_filled_pod("a"), a_filled_pod("b"), a_pod("top", ""))
    quotas = world.outside.quotas
    for holder in (Holder("p1"), Holder("p2")):
        quotas.put(quotas.get(holder).written({"cores": 8}))
    quotas.note(replace(quotas.get(Holder("p1")), set_in={"a": 1}))

    report = world.services.health.report()

    assert report == HealthReport(
        NOW,
        (
            PodCondition(world.outside.pods.get("a"), "", 1),
            PodCondition(world.outside.pods.get("b"), "", 2),
            PodCondition(world.outside.pods.get("top"), "", 0),
        ),
    )
    assert not report.degraded


class BusyStore(MemoryPodStore):
    """A store that gives no answer."""

    said = ""

    def list(self):
        raise StoreBusy(self.said)


@pytest.mark.parametrize(("said", "told"), [("throttled", "throttled"), ("", "the store does not answer")])
def test_a_store_that_gives_no_answer_is_all_that_is_told(said, told):
    store = BusyStore()
    store.said = said
    health = replace(World().services.health, pods=store)

    assert health.report() == HealthReport(NOW, store_error=told)
    assert health.report().degraded
