"""A snapshot is decided on in columns; what comes of it is what the rules say pod by pod."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model.snapshot import snapshot_of
from chalicelib.model.window import Window
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.plans import MOST_PLANS, PLANS
from chalicelib.scheduler.profile import PRESETS, SPREAD, Preference, Profile
from chalicelib.scheduler.ranking import KEPT
from chalicelib.scheduler.registry import FILTERS, WEIGHERS
from chalicelib.scheduler.rule import Filter, HoldsFor
from tests.builders import NOW, a_capacity, a_filled_pod, a_flavor, a_pod, a_spec
from tests.scheduler.reference import decide_pod_by_pod
from tests.scheduler.rules import NumberWeigher, WhimFilter
from tests.scheduler.strategies import any_pod, profiles, requests, some_pods, with_all_rules

MANY = settings(max_examples=200)
models = st.lists(any_pod("a pod"), min_size=1, max_size=5)
sizes = st.integers(0, 3 * KEPT)
whims = st.lists(st.builds(WhimFilter, st.integers(0, 9)), max_size=2)
numbers = st.lists(st.builds(Preference, st.just(NumberWeigher()), st.floats(-2, 2)), max_size=1)
any_profile = profiles()
seconds = st.lists(st.sampled_from([0, 0, 1, 15, 59, 61, 400]), min_size=1, max_size=4)
later_hours = st.sampled_from([0, 1, 24, 5000])


@st.composite
def fleets(draw: st.DrawFn) -> list:
    """Enough pods that some are neither tied nor among the best that are kept."""
    alike = draw(models)
    size = draw(sizes)
    which = draw(st.binary(min_size=size, max_size=size))  # one draw for all
    return [
        replace(alike[which[n] % len(alike)], pod_id=f"fleet-{n:02}", weight=float(n % 7))
        for n in range(size)
    ]


def both(snapshot, spec, profile):
    return decide_pod_by_pod(snapshot, spec, profile), decide(snapshot, spec, profile, "decision-1")


@st.composite
def any_rules(draw: st.DrawFn) -> Profile:
    """A profile of registered rules, sometimes with others that say nothing about how they may be batched."""
    profile = draw(any_profile)
    return replace(profile, custom_filters=tuple(draw(whims)), custom_weighers=tuple(draw(numbers)))


@MANY
@given(some_pods(), fleets(), st.lists(requests(), min_size=1, max_size=4), any_rules(), seconds)
def test_the_columns_decide_as_the_rules_do_pod_by_pod(few, fleet, specs, profile, later):
    """Each snapshot is asked several times, by several projects, at several moments."""
    pods = few + fleet
    snapshot = snapshot_of(pods, version=7)
    assert list(snapshot) == pods

    for spec in specs:
        for passed in later:
            asked = replace(spec, requested_at=NOW + timedelta(seconds=passed))
            one_by_one, in_columns = both(snapshot, asked, profile)
            assert in_columns == one_by_one


@MANY
@given(fleets(), requests(), st.sampled_from(sorted(PRESETS)))
def test_so_they_do_under_every_preset(pods, spec, name):
    one_by_one, in_columns = both(snapshot_of(pods), spec, PRESETS[name])

    assert in_columns == one_by_one


@settings(max_examples=100)
@given(fleets(), fleets(), requests(), any_rules())
def test_what_one_request_has_learned_of_pods_counts_for_it_alone(pods, newer, spec, profile):
    snapshot = snapshot_of(pods)
    learned = {pod.pod_id: pod for pod in newer}
    newer = [  # whatever is learned, a pod stays in its zone and keeps its age
        replace(learned[pod.pod_id], az_name=pod.az_name, created_at=pod.created_at)
        for pod in pods
        if pod.pod_id in learned
    ]

    for known in (snapshot.with_pods(newer), snapshot):
        one_by_one, in_columns = both(known, spec, profile)
        assert in_columns.selected == one_by_one.selected
        assert in_columns.rejected == one_by_one.rejected


def test_a_weigher_that_says_nothing_of_its_reach_may_lift_any_pod_at_each_request():
    snapshot = snapshot_of(a_filled_pod(f"pod-{n:02}", n, weight=2.0 * n) for n in range(40))
    profile = replace(SPREAD, weighers={"idle_capacity": 1.0}, tie_margin=0.0)
    profile = replace(profile, custom_weighers=(Preference(NumberWeigher(), 2.0),))

    for request_id, best in (("r", "pod-00"), ("r2", "pod-39"), ("r", "pod-00")):
        one_by_one, in_columns = both(snapshot, a_spec(request_id=request_id), profile)
        assert in_columns == one_by_one
        assert in_columns.selected.pod.pod_id == best


def test_a_plan_knows_nothing_of_what_one_request_has_learned():
    snapshot = snapshot_of([a_filled_pod("pod-a", 95), a_filled_pod("pod-b")])
    learned = snapshot.with_pods([a_filled_pod("pod-a", 99)])

    told = [decide(known, a_spec(), SPREAD, "d").rejected[0] for known in (learned, snapshot)]

    assert [rejected.rejections[0].numbers[1] for rejected in told] == [1.0, 0.96]


def test_a_rule_that_says_nothing_of_its_reach_falls_back_alone():
    """All that can be kept is kept, however unknown one filter and one weigher are."""
    pods = [a_filled_pod(f"pod-{n:02}", n) for n in range(40)]
    snapshot = snapshot_of([*pods, a_pod("pod-far", "az2")])
    profile = replace(
        SPREAD,
        custom_filters=(CountingFilter(),),
        custom_weighers=(Preference(NumberWeigher(), 1.0),),
    )
    CountingFilter.asked.clear()
    for request_id in ("r-1", "r-02"):
        decide(snapshot, a_spec(request_id=request_id), profile, "d")

    assert len(PLANS.of(snapshot)) == 1
    assert sorted(CountingFilter.asked) == sorted(2 * [pod.pod_id for pod in pods])


# By name: one that is new may well say nothing of its reach, and one of these mustn't lose what it says.
PLANNED = {"all_pods", "bottom_pod", "availability_zone", "pod_state", "breaker", "project_access"}
PLANNED |= {"proven", "resource_affinity", "flavor", "locality", "capacity", "retry"}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_asks_no_rule_pod_by_pod_once_there_is_a_plan(preset, monkeypatch):
    snapshot = snapshot_of([a_filled_pod(f"pod-{n:03}", n % 99) for n in range(300)])
    first = decide(snapshot, a_spec(), preset, "warm")
    asked = Counter()

    def counted(name, method):
        return lambda *given: asked.update([name]) or method(*given)

    for name, rule in FILTERS.items():
        monkeypatch.setattr(rule, "reject", counted(name, rule.reject))
    for name, rule in WEIGHERS.items():
        monkeypatch.setattr(rule, "weigh", counted(name, rule.weigh))
    second = decide(snapshot, a_spec(project_id="another"), preset, "d")

    assert len(PLANS.of(snapshot)) == 1
    assert second.weighed_count == first.weighed_count == 273
    assert not asked.keys() & PLANNED
    assert max(asked[name] for name in WEIGHERS) <= KEPT, (
        "the weights of those that a decision keeps are told one by one"
    )
    assert all(weigher.holds_for is not HoldsFor.REQUEST for weigher, _ in preset.preferences)


@dataclass(frozen=True)
class CountingFilter(Filter):
    """Lets all pass, and remembers whom it was asked about."""

    name: ClassVar[str] = "counting"
    sentences: ClassVar[dict[str, str]] = {}
    asked: ClassVar[list[str]] = []

    def reject(self, pod, spec):
        self.asked.append(pod.pod_id)


def test_requests_of_one_class_share_a_plan_whoever_asks():
    snapshot = snapshot_of([a_filled_pod("pod-a"), a_filled_pod("pod-b", vcpus_used=95)])
    first = decide(snapshot, a_spec(), SPREAD, "d-1")
    second = decide(snapshot, a_spec(project_id="another", bound_to="pod-a"), SPREAD, "d-2")

    assert len(PLANS.of(snapshot)) == 1
    assert second.rejected is first.rejected, "a rejected pod isn't built again for each decision"


def test_a_project_that_a_list_names_has_a_plan_of_its_own():
    private = a_pod("pod-a", allowed_project_ids=frozenset({"insider"}))
    snapshot = snapshot_of([private])

    assert decide(snapshot, a_spec(project_id="insider"), SPREAD, "d").action is Action.CREATE
    assert decide(snapshot, a_spec(project_id="outsider"), SPREAD, "d").access_denied


def test_a_flavor_of_few_projects_is_theirs_in_columns_too():
    flavor = a_flavor(project_ids=frozenset({"insider"}))
    snapshot = snapshot_of([a_pod("pod-a", catalogue={flavor.flavor_id: flavor})])

    assert decide(snapshot, a_spec(flavor, project_id="insider"), SPREAD, "d").action is Action.CREATE
    assert decide(snapshot, a_spec(flavor, project_id="outsider"), SPREAD, "d").action is Action.NONE


def test_no_more_plans_are_kept_than_fit():
    snapshot = snapshot_of([a_filled_pod("pod-a")])
    for count in range(1, MOST_PLANS + 10):
        decide(snapshot, a_spec(count=count), SPREAD, "d")

    assert len(PLANS.of(snapshot)) == MOST_PLANS


def test_a_plan_that_is_used_outlives_those_that_are_not():
    snapshot = snapshot_of([a_filled_pod("pod-a"), a_filled_pod("pod-b", vcpus_used=95)])
    first = decide(snapshot, a_spec(), SPREAD, "d")
    for count in range(2, 2 * MOST_PLANS):
        decide(snapshot, a_spec(count=count), SPREAD, "d")
        decide(snapshot, a_spec(), SPREAD, "d")

    assert decide(snapshot, a_spec(), SPREAD, "d").rejected is first.rejected


def test_plans_go_with_their_snapshot():
    snapshot = snapshot_of([a_filled_pod("pod-a")])
    decide(snapshot.with_pods([a_filled_pod("pod-a", 99)]), a_spec(), SPREAD, "d")
    assert len(PLANS.of(snapshot)) == 1
    before = PLANS.snapshots()

    del snapshot

    assert PLANS.snapshots() == before - 1


@MANY
@given(some_pods(), requests(), with_all_rules, later_hours)
def test_a_rule_is_honest_about_how_far_its_answers_reach(pods, spec, profile, hours):
    """A pod that isn't singled out or unsettled is judged alike for all of its class, whenever they come, and
    alike with all pods of its kind.
    """
    snapshot = snapshot_of(pods)
    project_id = spec.project_id if spec.project_id in snapshot.named_projects else ""
    anyone = spec.of_class(project_id)
    later = replace(anyone, requested_at=NOW + timedelta(hours=hours))
    singled_out = snapshot.places_of(spec.singled_out) | snapshot.unsettled
    ordinary = [place for place in range(len(pods)) if place not in singled_out]

    for rule in profile.rules:
        for place in ordinary if rule.holds_for is not HoldsFor.REQUEST else ():
            verdict = rule.reject(pods[place], spec)
            assert verdict == rule.reject(pods[place], later)
            if rule.holds_for is HoldsFor.KIND:
                assert verdict == rule.reject(snapshot.kinds[snapshot.columns.kinds[place]], spec)
    for weigher, _ in profile.preferences:
        another = anyone if weigher.apart_per_second() else later
        for place in ordinary if weigher.holds_for is not HoldsFor.REQUEST else ():
            assert weigher.weigh(pods[place], spec) == weigher.weigh(pods[place], another)


def test_a_decision_tells_the_version_that_it_was_made_on():
    assert decide(snapshot_of([a_pod()], version=41), a_spec(), SPREAD, "d").snapshot_version == 41


def test_a_decision_makes_objects_of_few_pods_unless_a_filter_asks_about_each():
    kept = [rule.name for rule in SPREAD.rules if rule.holds_for is not HoldsFor.REQUEST]
    pods = [
        a_pod(f"pod-{n}", capacity=a_capacity(used=replace(a_capacity().used, vcpus=n % 80)))
        for n in range(500)
    ]
    snapshot = snapshot_of(pods)
    decide(snapshot, a_spec(bound_to="pod-3"), SPREAD.having(filters=kept), "d")

    assert len(snapshot._made) < len(pods) / 10


def test_a_window_that_opens_between_two_requests_is_in_force_for_the_second():
    window = Window(NOW + timedelta(seconds=10), NOW + timedelta(hours=1))
    pods = [a_filled_pod("pod-a"), a_filled_pod("pod-b", vcpus_used=50, windows=(window,))]
    snapshot = snapshot_of(pods)

    for seconds_passed in (0, 20):
        spec = a_spec(requested_at=NOW + timedelta(seconds=seconds_passed))
        one_by_one, in_columns = both(snapshot, spec, SPREAD)
        assert in_columns == one_by_one
        assert bool(in_columns.rejected) is (seconds_passed == 20)
