import json
import random
import uuid
import zlib
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import HostCapacity, PodHealth
from chalicelib.model.pod import DiskMode, PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.model.window import Window
from chalicelib.scheduler.decision_codec import LIMIT_BYTES, pack, unpack
from chalicelib.scheduler.decision_facts import read_pod, write_pod
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from tests.builders import NOW, PROJECT, a_capacity, a_filled_pod, a_flavor, a_pod, a_spec
from tests.scheduler.reference import replay

CAD = {"resource": "CAD Modeling"}


def outcome(decision):
    scores = [(weighed.pod.pod_id, weighed.score, weighed.weights) for weighed in decision.weighed]
    return decision.action, decision.binding, scores


@cache
def ten_thousand_pods():
    return list(random_pods(10_000))


def random_pods(count):
    lots = random.Random(2)
    for _ in range(count):
        pod_id = str(uuid.UUID(int=lots.getrandbits(128)))
        yield a_filled_pod(
            pod_id,
            lots.randrange(100),
            az_name=lots.choice(["az1", "az2", "az3"]),
            state=lots.choice([PodState.ENABLED, PodState.ENABLED, PodState.CORDONED]),
            catalogue={"m1.small": a_flavor()},
        )


def test_a_decision_is_read_as_it_was_made():
    pods = [a_filled_pod(f"pod-{n}", vcpus_used=10 * n) for n in range(12)] + [a_pod("pod-z", az_name="az2")]
    decision = decide(
        snapshot_of(pods, version=7),
        a_spec(bound_to="pod-9", request_id="req-1", count=3).refused_in("pod-8", "decision-0"),
        SPREAD,
        "decision-1",
    )

    assert unpack(pack(decision)) == decision


def test_a_process_of_the_version_before_finds_the_ranges_that_it_reads():
    packed = pack(decide(snapshot_of([a_pod()]), a_spec(), SPREAD, "decision-1"))

    assert json.loads(zlib.decompress(packed))["ranges"] == {}


def test_a_process_of_the_version_before_finds_each_field_of_a_pod_that_it_reads():
    # These it takes by name, without a default.
    read_then = {
        "pod_id",
        "pod_name",
        "az_name",
        "pod_az_name",
        "weight",
        "headroom",
        "bind_watermark",
        "keep_watermark",
        "max_instances",
        "generation",
        "created_at",
        "state",
        "disk",
        "tags",
        "allowed",
        "denied",
        "capacity",
        "flavor",
        "health",
    }

    kept = write_pod(a_pod(pod_az_name="nova-1"), a_spec())

    assert read_then <= kept.keys()


def test_how_a_pod_fares_and_its_open_windows_are_kept():
    health = PodHealth(
        refreshed_at=NOW - timedelta(minutes=1),
        unreachable_since=NOW - timedelta(hours=2),
        unreachable_at=NOW - timedelta(hours=1),
    )
    around, later = (Window(NOW + timedelta(hours=n), NOW + timedelta(hours=n + 2)) for n in (-1, 1))
    pod, spec = a_pod(health=health, windows=(around, later)), a_spec()
    kept = read_pod(write_pod(pod, spec), spec.flavor.flavor_id)

    assert (kept.health, kept.windows) == (health, (around,))


def test_what_a_request_knows_of_pods_is_kept_for_those_that_a_replay_asks():
    pods = [a_filled_pod("pod-a"), a_filled_pod("pod-b"), a_filled_pod("pod-c")]
    spec = a_spec(
        bound_to="pod-b",
        open_circuits=frozenset({"pod-b", "pod-c"}),
        failed_builds={"pod-a": 2.5, "pod-c": 1.0},
    )

    kept = unpack(pack(decide(snapshot_of(pods), spec, SPREAD, "decision-1")))

    assert (kept.spec.open_circuits, kept.spec.failed_builds) == ({"pod-b"}, {"pod-a": 2.5})
    assert outcome(replay(kept)) == outcome(kept)


@pytest.mark.parametrize(
    ("az_name", "bound"), [("az1", "first"), ("az1", "gone"), (None, "rejected"), ("az9", "first")]
)
def test_ten_thousand_pods_fit_and_replay_the_same(az_name, bound):
    pods = ten_thousand_pods()
    bound_id = {"first": pods[0].pod_id, "gone": "pod-gone"}.get(bound) or next(
        pod.pod_id for pod in pods if pod.state is PodState.CORDONED
    )
    decision = decide(snapshot_of(pods), a_spec(az_name=az_name, bound_to=bound_id), SPREAD, "decision-1")
    packed = pack(decision)
    kept = unpack(packed)

    assert len(packed) <= LIMIT_BYTES
    assert outcome(replay(kept)) == outcome(decision)
    assert kept.rejected_counts == decision.rejected_counts
    assert len(kept.rejected) + kept.omitted == len(decision.rejected)
    assert kept.omitted > 0


def test_the_smallest_groups_of_rejections_are_kept_when_all_are_too_many():
    full = [a_filled_pod(f"full-{n}", 99) for n in range(5)]
    decision = decide(snapshot_of([*ten_thousand_pods(), *full]), a_spec(), SPREAD, "decision-1")
    kept = {pod.rejections[0].filter for pod in unpack(pack(decision)).rejected}

    assert decision.rejected_counts["capacity"] < decision.rejected_counts["pod_state"]
    assert "availability_zone" not in kept
    assert "capacity" in kept


def test_the_bound_pods_reasons_are_kept_whatever_is_left_out():
    pods = [*ten_thousand_pods(), a_filled_pod("pod-bound", 99, state=PodState.CORDONED)]
    kept = unpack(pack(decide(snapshot_of(pods), a_spec(bound_to="pod-bound"), SPREAD, "decision-1")))
    bound = next(pod for pod in kept.rejected if pod.pod_id == "pod-bound")

    assert [rejection.filter for rejection in bound.rejections] == ["pod_state", "capacity"]


def test_hosts_other_flavors_and_other_projects_are_not_kept():
    lots = random.Random(3)
    names = [str(uuid.UUID(int=lots.getrandbits(128))) for _ in range(2000)]
    hosts = tuple(HostCapacity(name, Totals(64, 1, 1), Amounts()) for name in names)
    others = frozenset(names)
    flavors = {name: a_flavor(name) for name in names} | {
        "m1.small": a_flavor(project_ids=others | {PROJECT})
    }
    pods = [
        a_pod(
            f"pod-{n}",
            capacity=a_capacity(hosts=hosts),
            catalogue=flavors,
            allowed_project_ids=others | {PROJECT},
        )
        for n in range(20)
    ]
    decision = decide(snapshot_of(pods), a_spec(), SPREAD, "decision-1")
    packed = pack(decision)

    assert len(packed) < 4096
    assert outcome(replay(unpack(packed))) == outcome(decision)
    assert not others & {name for pod in unpack(packed).weighed for name in pod.pod.allowed_project_ids}


@pytest.mark.parametrize(
    "fields",
    [
        {"allowed_project_ids": frozenset({"another"})},
        {"denied_project_ids": frozenset({PROJECT, "another"})},
        {"affinity_tags": {"gpu": "yes", "ssd": "no"}},
        {"catalogue": {}},
        {"catalogue": {"m1.small": a_flavor(vcpus=9)}},
        {"catalogue": {"m1.small": a_flavor(project_ids=frozenset({"another"}))}},
        {"state": PodState.CORDONED},
        {"headroom": 0.99, "capacity": a_capacity(used=Amounts(vcpus=50))},
        {"max_instances": 0},
        {"az_name": ""},
        {"proven": False},
    ],
)
def test_a_rejected_bound_pod_is_rejected_again_in_a_replay(fields):
    bound = a_pod("pod-bound", **fields)
    decision = decide(
        snapshot_of([bound, a_pod("pod-b")]), a_spec(bound_to="pod-bound"), SPREAD, "decision-1"
    )
    kept = unpack(pack(decision))

    assert decision.rejected
    assert outcome(replay(kept)) == outcome(decision)
    again = decide(snapshot_of([kept.rejected[0].pod]), kept.spec, SPREAD, "decision-2").rejected[0]
    reasons = [rejection[:3] for rejection in decision.rejected[0].rejections]
    assert [rejection[:3] for rejection in again.rejections] == reasons


def test_affinity_is_replayed():
    pods = [
        a_pod("pod-a", affinity_tags={**CAD, "gpu": "yes"}),
        a_pod("pod-b", affinity_tags=CAD),
        a_pod("pod-c"),
    ]
    decision = decide(
        snapshot_of(pods), a_spec(a_flavor(extra_specs={**CAD, "hw:mem": "1"})), SPREAD, "decision-1"
    )
    kept = unpack(pack(decision))

    assert kept.spec.affinity_group == decision.spec.affinity_group
    assert outcome(replay(kept)) == outcome(decision)


def test_a_pod_stays_readable_as_earlier_versions_kept_it():
    """They wrote times with an offset, and knew no microversions, claims or windows."""
    kept = {
        **{"pod_id": "pod-a", "pod_name": "PodA", "az_name": "az1", "pod_az_name": "nova", "weight": 7.5},
        **{"headroom": 0.1, "bind_watermark": None, "keep_watermark": 0.9, "max_instances": 40},
        **{"generation": 3, "created_at": "2025-05-02T12:00:00+00:00", "state": "cordoned", "disk": "shared"},
        **{"tags": CAD, "allowed": [PROJECT], "denied": [], "flavor": None, "health": [None, None]},
        "capacity": [[100, 102400, 10000, None], [10, 0, 0, 0], "2025-06-01T12:00:00+00:00", "placement"],
    }

    assert read_pod(kept, "m1.small") == a_pod(
        pod_az_name="nova",
        weight=7.5,
        headroom=0.1,
        keep_watermark=0.9,
        max_instances=40,
        generation=3,
        state=PodState.CORDONED,
        disk=DiskMode.SHARED,
        affinity_tags=CAD,
        allowed_project_ids=frozenset({PROJECT}),
        capacity=a_capacity(used=Amounts(10)),
    )


def test_a_decision_of_absurd_texts_is_refused_rather_than_kept_too_large():
    lots = random.Random(4)
    reason = "".join(chr(lots.randrange(0x4E00, 0x9FFF)) for _ in range(40_000))
    spec = a_spec(bound_to="pod-a")
    spec = spec.with_bindings([replace(spec.bindings[0], reason=reason)])

    with pytest.raises(ValueError, match="decision-1"):
        pack(decide(snapshot_of([a_pod()]), spec, SPREAD, "decision-1"))


def test_what_was_claimed_in_a_pod_is_kept_with_it():
    pod = a_filled_pod("pod-a", claimed=Amounts(2, 512, 1))

    assert read_pod(write_pod(pod, a_spec()), a_flavor().flavor_id).claimed == Amounts(2, 512, 1)
