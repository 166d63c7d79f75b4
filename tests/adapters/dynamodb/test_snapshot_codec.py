"""A packed snapshot gives back every field of every pod, and decides as the pods themselves do."""

from dataclasses import fields, replace
from datetime import timedelta

from hypothesis import given, settings

from chalicelib.adapters.dynamodb.snapshot_codec import pack, unpack
from chalicelib.model.capacity import PodHealth
from chalicelib.model.pod import DiskKind, Pod, PodState
from chalicelib.model.resources import Amounts
from chalicelib.model.snapshot import snapshot_of
from chalicelib.model.window import Window
from chalicelib.scheduler.engine import decide
from tests.builders import NOW, a_capacity, a_flavor, a_pod
from tests.scheduler.strategies import profiles, requests, some_pods

EVERYTHING = {
    "pod_id": "pod-full",
    "pod_name": "Région 1",
    "az_name": "az1",
    "created_at": NOW - timedelta(days=400, microseconds=1),
    "pod_az_name": "nova",
    "dc_name": "dc1",
    "endpoints": {"compute": "https://nova.example/v2.1"},
    "state": PodState.CORDONED,
    "affinity_tags": {"resource": "CAD Modeling"},
    "weight": 12.5,
    "headroom": 0.1,
    "bind_watermark": 0.5,
    "keep_watermark": 0.6,
    "max_instances": 40,
    "disk": DiskKind.SHARED,
    "allocation_ratios": {"vcpus": 4.0},
    "reserved": {"ram_mb": 512},
    "allowed_project_ids": frozenset({"p-1", "p-2"}),
    "denied_project_ids": frozenset({"p-3"}),
    "credential_ref": "pod-1",
    "windows": (Window(NOW, NOW + timedelta(hours=1), reason="new switches"),),
    "generation": 70_000,
    "capacity": a_capacity(disk_gb=None, used=Amounts(7, 2**40), source="hypervisors"),
    "claimed": Amounts(3, 2048, 0, 1),
    "catalogue": {"m1.small": a_flavor(extra_specs={"a": "b"}, project_ids=frozenset({"p-1"}))},
    "health": PodHealth(NOW, NOW + timedelta(seconds=1), "timed out", NOW + timedelta(seconds=2)),
    "min_microversion": "2.1",
    "max_microversion": "2.96",
}


def test_every_field_of_a_pod_is_kept():
    assert set(EVERYTHING) == {f.name for f in fields(Pod) if f.init}, "a new field belongs in a snapshot"
    pods = [a_pod("pod-plain"), Pod(**EVERYTHING), a_pod("pod-empty", catalogue={})]

    read = unpack(pack(snapshot_of(pods, version=9)))
    assert (list(read), read.version) == (pods, 9)


@settings(max_examples=50, deadline=None)
@given(some_pods(), requests(), profiles())
def test_a_packed_snapshot_decides_as_the_pods_do(pods, spec, profile):
    read = unpack(pack(snapshot_of(pods)))

    assert decide(read, spec, profile, "d") == decide(pods, spec, profile, "d")


def test_pods_of_a_kind_share_one_catalogue_in_the_bytes():
    catalogue = {f"m{n}": a_flavor(f"m{n}") for n in range(20)}
    alike = [a_pod(f"pod-{n}", catalogue=dict(catalogue)) for n in range(200)]

    assert len(pack(snapshot_of(alike))) < 10 * len(pack(snapshot_of(alike[:1])))


def test_what_only_the_winner_needs_is_not_read_before_somebody_asks(monkeypatch):
    pods = [a_pod("pod-a", endpoints={"compute": "https://nova.example"})]
    read = unpack(pack(snapshot_of(pods)))
    asked = []
    cold = read._cold
    monkeypatch.setattr(read, "_cold", lambda: asked.append(1) or cold())

    assert (read.places, read.fractions_after([0], (1.0, 0.0, 0.0, 0.0)), asked) == ({"pod-a": 0}, [0.0], [])
    assert (read[0], asked) == (pods[0], [1])


def test_a_pod_that_a_request_learned_more_of_is_changed_for_it_alone():
    read = unpack(pack(snapshot_of([a_pod("pod-a"), a_pod("pod-b")])))
    newer = replace(read[1], state=PodState.DRAINING)
    changed = read.with_pods([newer, a_pod("pod-gone")])

    assert list(changed) == [a_pod("pod-a"), newer]
    assert list(read) == [a_pod("pod-a"), a_pod("pod-b")]
