"""Strategies: pods, requests and profiles of every kind, small enough to collide."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import BindingKey
from chalicelib.model.capacity import PodHealth
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.window import Window
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.registry import FILTERS, WEIGHERS
from tests.builders import NOW, PROJECT, a_binding, a_capacity, a_flavor, a_pod, a_spec

ZONES = ("az1", "az2")
PODS = tuple(f"pod-{letter}" for letter in "abcdefgh")
TAG = {"resource": "CAD Modeling"}

mostly_enabled = st.sampled_from([PodState.ENABLED] * 5 + list(PodState))
ages = st.integers(-10, 1000).map(lambda seconds: NOW - timedelta(seconds=seconds))
reports = st.builds(
    lambda vcpus, used, ram_used, at: a_capacity(vcpus, used=Amounts(used, ram_used), reported_at=at),
    *(st.sampled_from([0, 10, 100, None]), st.integers(0, 100), st.integers(0, 102_400), ages),
)
catalogues = st.sampled_from(
    [None, None, {}, {"m1.small": a_flavor()}, {"m1.small": a_flavor()}, {"m1.small": a_flavor(vcpus=2)}]
)
open_window = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=1), reason="new switches")
past_window = Window(NOW - timedelta(hours=2), NOW - timedelta(hours=1))
project_lists = st.sampled_from([frozenset()] * 4 + [frozenset({PROJECT}), frozenset({"another"})])


@st.composite
def any_pod(draw: st.DrawFn, pod_id: str) -> Pod:
    """A pod in any state, full or not, open or not."""
    return a_pod(
        pod_id,
        az_name=draw(st.sampled_from([*ZONES * 3, ""])),
        created_at=NOW - timedelta(days=draw(st.integers(0, 900))),
        state=draw(mostly_enabled),
        affinity_tags=draw(st.sampled_from([{}, {}, {}, TAG])),
        weight=draw(st.floats(0, 100)),
        headroom=draw(st.sampled_from([0.0, 0.1, 0.42])),
        bind_watermark=draw(st.sampled_from([None, None, 0.5, 0.97])),
        allowed_project_ids=draw(project_lists),
        denied_project_ids=draw(st.sampled_from([frozenset()] * 4 + [frozenset({"another"})])),
        capacity=draw(st.none() | reports),
        catalogue=draw(catalogues),
        windows=draw(st.sampled_from([()] * 5 + [(past_window,), (past_window, open_window)])),
        health=PodHealth(
            unreachable_since=draw(st.sampled_from([None, None, None]) | ages),
            unreachable_at=draw(st.none() | ages),
        ),
    )


@st.composite
def some_pods(draw: st.DrawFn) -> list[Pod]:
    """Up to six pods, each with an id of its own."""
    pod_ids = draw(st.lists(st.sampled_from(PODS), unique=True, max_size=6))
    return [draw(any_pod(pod_id)) for pod_id in pod_ids]


@st.composite
def requests(draw: st.DrawFn) -> RequestSpec:
    """A request of a project that may be bound in each zone, to pods that may be gone."""
    bound = draw(st.dictionaries(st.sampled_from(ZONES), st.sampled_from(PODS)))
    flavor = a_flavor(vcpus=1, extra_specs=draw(st.sampled_from([{}, {}, TAG])))
    spec = a_spec(
        flavor,
        az_name=draw(st.sampled_from([*ZONES, None, "az9"])),
        count=draw(st.sampled_from([1, 1, 5, 40])),
        failed_pod_ids=draw(st.frozensets(st.sampled_from(PODS), max_size=2)),
        open_circuits=draw(st.frozensets(st.sampled_from(PODS), max_size=2)),
        request_id=draw(st.sampled_from(["", "r", "r2"])),
        pinned_pod_ids=draw(st.sampled_from([{}, {}, {"network n1": frozenset(PODS[:4])}])),
        failed_builds=draw(st.dictionaries(st.sampled_from(PODS), st.floats(0.01, 20), max_size=3)),
    )
    keys = {zone: BindingKey(PROJECT, zone, spec.affinity_group) for zone in bound}
    return spec.with_bindings(
        a_binding(pod_id, zone, affinity_group=keys[zone].affinity_group) for zone, pod_id in bound.items()
    )


@st.composite
def profiles(draw: st.DrawFn, loyalty: float | None = None) -> Profile:
    """A profile of registered rules; ``loyalty`` is the multiplier of current_binding."""
    weighers = draw(st.dictionaries(st.sampled_from(sorted(WEIGHERS)), st.floats(-2, 2)))
    if loyalty is not None:
        weighers["current_binding"] = loyalty
    filters = draw(st.lists(st.sampled_from(sorted(FILTERS)), unique=True) | st.just(list(FILTERS)))
    return Profile(
        filters=tuple(filters),
        weighers=weighers,
        tie_margin=draw(st.sampled_from([0.0, 0.05, 0.5])),
        tie_break=draw(st.sampled_from(["hash", "created_at"])),
    )
