"""A snapshot that was packed and read again has every field of every pod, and leads to equal decisions."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings

from chalicelib.adapters.dynamodb import snapshot_codec
from chalicelib.adapters.dynamodb.snapshot_codec import pack, unpack
from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import PodHealth
from chalicelib.model.pod import PodState
from chalicelib.model.pod_table import DEFAULTS
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from tests.builders import NOW, a_capacity, a_flavor, a_full_pod, a_pod
from tests.scheduler.strategies import profiles, requests, some_pods

JOINED = {
    "capacity": a_capacity(disk_gb=None, used=Amounts(7, 2**40), source="hypervisors"),
    "claimed": Amounts(3, 2048, 0, 1),
    "catalogue": {"m1.small": a_flavor(extra_specs={"a": "b"}, project_ids=frozenset({"p-1"}))},
    "health": PodHealth(NOW, NOW + timedelta(seconds=1), "timed out", NOW + timedelta(seconds=2)),
    "min_microversion": "2.1",
    "max_microversion": "2.96",
}
READ_ONLY = {
    "state_reason": "new switches",
    "project_credentials": {"p-1": "ours-there"},
    "pod_project_ids": {"p-1": "5" * 32},
    "generation": 70_000,
    "address_generation": 69_999,
    "created_at": NOW - timedelta(days=400, microseconds=1),
}
FULL = a_full_pod(**READ_ONLY, **JOINED)


def test_every_field_of_a_pod_is_kept():
    as_it_was_left = [name for name, default in DEFAULTS.items() if getattr(FULL, name) == default]
    assert as_it_was_left == [], "a new field's value is to differ from its default here"
    pods = [a_pod("pod-plain"), FULL, a_pod("pod-empty", catalogue={})]

    read = unpack(pack(snapshot_of(pods, version=9)))
    assert (list(read), read.version) == (pods, 9)


@settings(max_examples=50, deadline=None)
@given(some_pods(), requests(), profiles())
def test_a_packed_snapshot_decides_as_the_pods_do(pods, spec, profile):
    read = unpack(pack(snapshot_of(pods)))

    assert decide(read, spec, profile, "d") == decide(snapshot_of(pods), spec, profile, "d")


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

    assert (read.places, read.fills.fractions_after([0], (1.0, 0.0, 0.0, 0.0)), asked) == (
        {"pod-a": 0},
        [0.0],
        [],
    )
    assert (read[0], asked) == (pods[0], [1])


def test_a_pod_that_a_request_learned_more_of_is_changed_for_it_alone():
    read = unpack(pack(snapshot_of([a_pod("pod-a"), a_pod("pod-b")])))
    newer = replace(read[1], state=PodState.DRAINING)
    changed = read.with_pods([newer, a_pod("pod-gone")])

    assert list(changed) == [a_pod("pod-a"), newer]
    assert list(read) == [a_pod("pod-a"), a_pod("pod-b")]


def test_what_another_version_packed_for_the_winner_alone_is_passed_over(monkeypatch):
    written = snapshot_codec.write

    def write_as_another_version(pod, names):
        return {"colour": "red", **written(pod, [name for name in names if name != "dc_name"])}

    monkeypatch.setattr(snapshot_codec, "write", write_as_another_version)

    assert list(unpack(pack(snapshot_of([FULL])))) == [replace(FULL, dc_name="")]


def test_a_snapshot_of_the_version_before_holds_as_proven_what_had_reported(monkeypatch):
    written = snapshot_codec.write_pod

    def write_as_the_version_before(pod):
        return {name: value for name, value in written(pod).items() if name != "proven"}

    monkeypatch.setattr(snapshot_codec, "write_pod", write_as_the_version_before)
    pods = [a_pod("pod-a", capacity=a_capacity(), catalogue={}), a_pod("pod-b")]

    assert [pod.proven for pod in unpack(pack(snapshot_of(pods)))] == [True, False]
