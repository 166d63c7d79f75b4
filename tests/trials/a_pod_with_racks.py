"""Tests of a pod's new field, ``rack_count``; test_a_new_pod_field runs them in a copy that has it."""

import pytest

from chalicelib.adapters.dynamodb.pod_codec import read_pod, write_pod
from chalicelib.adapters.dynamodb.snapshot_codec import pack, unpack
from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler import decision_codec
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from docs.generated import ADMIN_API
from tests.api.admin.conftest import operator  # noqa: F401 - a fixture
from tests.builders import a_pod, a_spec

POD = a_pod(rack_count=40)


def test_an_operator_sets_and_reads_it(operator):  # noqa: F811
    assert operator.ask("GET", "/v1.0/pods/a").body["pod"]["rack_count"] == 0

    put = operator.ask("PUT", "/v1.0/pods/a", {"pod": {"generation": 1, "rack_count": 40}})
    made = operator.ask("POST", "/v1.0/pods", {"pod": {"pod_name": "New", "rack_count": 1000}})

    assert (put.body["pod"]["rack_count"], made.body["pod"]["rack_count"]) == (40, 1000)
    assert operator.ask("GET", "/v1.0/pods/a").body["pod"]["rack_count"] == 40


@pytest.mark.parametrize("wrong", [-1, 1001, 1.5, "40", True, None])
def test_what_is_out_of_bounds_is_refused_by_its_name(operator, wrong):  # noqa: F811
    change = {"pod": {"generation": 1, "rack_count": wrong}}

    assert operator.refused("PUT", "/v1.0/pods/a", change) == (400, "rack_count")


def test_the_guide_explains_it():
    assert "| `rack_count` | how many racks it fills, 0 to 1000 | `0` |\n" in ADMIN_API.read_text()


def test_it_is_stored():
    pods = MemoryPodStore()
    pods.create(POD)

    assert pods.get("pod-a").rack_count == 40
    assert read_pod(write_pod(POD)).rack_count == 40


def test_a_snapshot_keeps_it():
    plain = snapshot_of([POD, a_pod("pod-b")])

    assert [pod.rack_count for pod in plain] == [40, 0]
    assert [pod.rack_count for pod in unpack(pack(plain))] == [40, 0]


def test_a_kept_decision_keeps_it():
    decision = decide(snapshot_of([POD]), a_spec(), SPREAD, "decision-1")

    assert decision_codec.unpack(decision_codec.pack(decision)).selected.pod.rack_count == 40
