"""Strategies: pods, requests and profiles of every kind, small enough to collide.

A draw costs more than a decision, and a strategy that is made inside a test is checked at each example. So
strategies are made once, here, and what has few values is drawn together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from random import Random
from typing import Any

from hypothesis import strategies as st

from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import BindingKey
from chalicelib.model.capacity import PodHealth
from chalicelib.model.errors import InvalidField
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.window import Window
from chalicelib.scheduler.parameter import Parameter
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.registry import FILTERS, PARAMETERS, WEIGHERS
from tests.builders import NOW, PROJECT, a_binding, a_capacity, a_flavor, a_pod, a_spec

ZONES = ("az1", "az2")
PODS = tuple(f"pod-{letter}" for letter in "abcdefgh")
FITTING = "pod-z"  # takes every request that it was made for
TAG = {"resource": "CAD Modeling"}


def one_of_each(**choices: Sequence[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """For each name one of its choices, with a single draw; it shrinks to the first of each."""
    return st.sampled_from([dict(zip(choices, row, strict=True)) for row in product(*choices.values())])


open_window = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=1), reason="new switches")
past_window = Window(NOW - timedelta(hours=2), NOW - timedelta(hours=1))
_ages = st.integers(-10, 1000).map(lambda seconds: NOW - timedelta(seconds=seconds))
_small = {"m1.small": a_flavor()}
_offers = one_of_each(
    az_name=[*ZONES * 3, ""],
    state=[PodState.ENABLED] * 5 + list(PodState),
    affinity_tags=[{}, {}, {}, TAG],
    catalogue=[None, None, {}, _small, _small, {"m1.small": a_flavor(vcpus=2)}],
)
_conditions = one_of_each(
    headroom=[0.0, 0.1, 0.42],
    bind_watermark=[None, None, 0.5, 0.97],
    allowed_project_ids=[frozenset()] * 4 + [frozenset({PROJECT}), frozenset({"another"})],
    denied_project_ids=[frozenset()] * 4 + [frozenset({"another"})],
    proven=[True, True, False],
    windows=[()] * 5 + [(past_window,), (past_window, open_window)],
)
_days = st.integers(0, 900)
_weights = st.floats(0, 100)
_capacities = st.none() | st.builds(
    lambda vcpus, used, ram_used, at: a_capacity(vcpus, used=Amounts(used, ram_used), reported_at=at),
    *(st.sampled_from([0, 10, 100, None]), st.integers(0, 100), st.integers(0, 102_400), _ages),
)
_health = st.builds(
    PodHealth,
    unreachable_since=st.sampled_from([None, None, None]) | _ages,
    unreachable_at=st.none() | _ages,
)
_ids = st.lists(st.sampled_from(PODS), unique=True, max_size=6)

_FEW = [frozenset()] * 9 + [frozenset(few) for size in (1, 2) for few in combinations(PODS, size)]
_asked = one_of_each(
    extra_specs=[{}, {}, TAG],
    az_name=[*ZONES, None, "az9"],
    count=[1, 1, 5, 40],
    request_id=["", "r", "r2"],
    pinned_pod_ids=[{}, {}, {"network n1": frozenset([*PODS[:4], FITTING])}],
)
_known = one_of_each(failed_pod_ids=_FEW, open_circuits=_FEW)
_bound = one_of_each(**dict.fromkeys(ZONES, [None] * 4 + [*PODS, FITTING]))
_builds = st.dictionaries(st.sampled_from(PODS), st.floats(0.01, 20), max_size=3)

_multipliers = st.dictionaries(st.sampled_from(sorted(WEIGHERS)), st.floats(-2, 2))


def _profiles_with_all_rules(how_many: int) -> list[Profile]:
    """With all sorts of parameters, the first with none but defaults; the same ones each time."""
    dice = Random(0)
    made = [Profile(weighers=dict.fromkeys(WEIGHERS, 1.0))]
    while len(made) < how_many:
        numbers = {name: _value_of(declared, dice) for name, declared in PARAMETERS.items()}
        try:
            made.append(made[0].having(**numbers))
        except InvalidField:  # those numbers make no sense together
            continue
    return made


def _value_of(declared: Parameter, dice: Random) -> float:
    """The default, a bound or something between; bounds may be wide, so it is often near the lower one."""
    default, low, high, _ = declared
    between = [low + (high - low) * dice.random() ** power for power in (1, 1, 20)]
    return dice.choice([default, default, default, low, high, *between])


# Both kinds of rules, all of them: a default may make of a rule one that never says anything.
with_all_rules = st.sampled_from(_profiles_with_all_rules(300))
_filters = st.lists(st.sampled_from(sorted(FILTERS)), unique=True) | st.just(list(FILTERS))
_ties = one_of_each(tie_margin=[0.0, 0.05, 0.5], tie_break=["hash", "created_at"])


@st.composite
def any_pod(draw: st.DrawFn, pod_id: str) -> Pod:
    """A pod in any state, full or not, open or not."""
    return a_pod(
        pod_id,
        **draw(_offers),
        **draw(_conditions),
        created_at=NOW - timedelta(days=draw(_days)),
        weight=draw(_weights),
        capacity=draw(_capacities),
        health=draw(_health),
    )


_any_pods = {pod_id: any_pod(pod_id) for pod_id in PODS}


@st.composite
def some_pods(draw: st.DrawFn) -> list[Pod]:
    """Up to six pods, each with an id of its own."""
    return [draw(_any_pods[pod_id]) for pod_id in draw(_ids)]


@st.composite
def requests(draw: st.DrawFn) -> RequestSpec:
    """A request of a project that may be bound in each zone, to pods that may be gone."""
    asked = draw(_asked)
    flavor = a_flavor(vcpus=1, extra_specs=asked["extra_specs"])
    others = {name: value for name, value in asked.items() if name != "extra_specs"}
    spec = a_spec(flavor, **others, **draw(_known), failed_builds=draw(_builds))
    bound = {zone: pod_id for zone, pod_id in draw(_bound).items() if pod_id}
    keys = {zone: BindingKey(PROJECT, zone, spec.affinity_group) for zone in bound}
    return spec.with_bindings(
        a_binding(pod_id, zone, affinity_group=keys[zone].affinity_group) for zone, pod_id in bound.items()
    )


def fitting(spec: RequestSpec, zone: str) -> Pod:
    """An old pod that takes the request under nearly any profile; in ``zone`` if the request names none."""
    born = datetime(2000, 1, 1, tzinfo=UTC)
    return a_pod(FITTING, spec.az_name or zone, affinity_tags=spec.affinity_tags, created_at=born)


@st.composite
def profiles(draw: st.DrawFn, loyalty: float | None = None) -> Profile:
    """Some registered rules with any parameters; ``loyalty`` is the multiplier of current_binding."""
    weighers = draw(_multipliers)
    if loyalty is not None:
        weighers["current_binding"] = loyalty
    return draw(with_all_rules).having(filters=tuple(draw(_filters)), weighers=weighers, **draw(_ties))
