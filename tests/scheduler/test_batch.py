"""A snapshot is decided on in columns; what comes of it is what the rules say pod by pod."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model.snapshot import snapshot_of
from chalicelib.model.window import Window
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.plan import MOST_PLANS
from chalicelib.scheduler.profile import FIRST_FIT, PACK, PRESETS, SPREAD, Preference, Profile
from chalicelib.scheduler.ranking import KEPT
from tests.builders import NOW, a_capacity, a_filled_pod, a_flavor, a_pod, a_spec
from tests.scheduler.rules import NumberWeigher, OnlyFilter
from tests.scheduler.strategies import any_pod, profiles, requests, some_pods

MANY = settings(max_examples=150, deadline=None)
seconds = st.lists(st.sampled_from([0, 0, 1, 15, 59, 61, 400]), min_size=1, max_size=4)


@st.composite
def fleets(draw: st.DrawFn) -> list:
    """Enough pods that some are neither tied nor among the best that are kept."""
    alike = draw(st.lists(any_pod("a pod"), min_size=1, max_size=5))
    numbers = range(draw(st.integers(0, 3 * KEPT)))
    return [
        replace(alike[draw(st.integers(0, len(alike) - 1))], pod_id=f"fleet-{n:02}", weight=float(n % 7))
        for n in numbers
    ]


def both(pods, snapshot, spec, profile):
    return decide(pods, spec, profile, "d"), replace(decide(snapshot, spec, profile, "d"), snapshot_version=0)


@MANY
@given(some_pods(), fleets(), st.lists(requests(), min_size=1, max_size=4), profiles(), seconds)
def test_the_columns_decide_as_the_rules_do_pod_by_pod(few, fleet, specs, profile, later):
    """Each snapshot is asked several times, by several projects, at several moments."""
    pods = few + fleet
    snapshot = snapshot_of(pods, version=7)

    for spec in specs:
        for passed in later:
            asked = replace(spec, requested_at=NOW + timedelta(seconds=passed))
            one_by_one, in_columns = both(pods, snapshot, asked, profile)
            assert in_columns == one_by_one


@MANY
@given(fleets(), requests(), st.sampled_from(sorted(PRESETS)))
def test_so_they_do_under_every_preset(pods, spec, name):
    one_by_one, in_columns = both(pods, snapshot_of(pods), spec, PRESETS[name])

    assert in_columns == one_by_one


@pytest.mark.parametrize("profile", [SPREAD, FIRST_FIT, PACK], ids=lambda profile: profile.name)
def test_the_presets_are_planned_for(profile):
    snapshot = snapshot_of([a_filled_pod("pod-a")])
    decide(snapshot, a_spec(bound_to="pod-a"), profile, "d")

    assert len(snapshot.kept) == 1


def test_requests_of_one_class_share_a_plan_whoever_asks():
    snapshot = snapshot_of([a_filled_pod("pod-a"), a_filled_pod("pod-b", vcpus_used=95)])
    first = decide(snapshot, a_spec(), SPREAD, "d-1")
    second = decide(snapshot, a_spec(project_id="another", bound_to="pod-a"), SPREAD, "d-2")

    assert len(snapshot.kept) == 1
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

    assert len(snapshot.kept) == MOST_PLANS


def test_a_plan_that_is_used_outlives_those_that_are_not():
    snapshot = snapshot_of([a_filled_pod("pod-a"), a_filled_pod("pod-b", vcpus_used=95)])
    first = decide(snapshot, a_spec(), SPREAD, "d")
    for count in range(2, 2 * MOST_PLANS):
        decide(snapshot, a_spec(count=count), SPREAD, "d")
        decide(snapshot, a_spec(), SPREAD, "d")

    assert decide(snapshot, a_spec(), SPREAD, "d").rejected is first.rejected


@pytest.mark.parametrize(
    "profile",
    [
        Profile(custom_filters=(OnlyFilter(frozenset({"pod-b"})),)),
        Profile(custom_weighers=(Preference(NumberWeigher(), 1.0),)),
    ],
    ids=["filter", "weigher"],
)
def test_a_rule_without_a_form_for_columns_is_asked_pod_by_pod(profile):
    pods = [a_filled_pod("pod-a", weight=1.0), a_filled_pod("pod-b", weight=2.0)]
    snapshot = snapshot_of(pods)
    one_by_one, in_columns = both(pods, snapshot, a_spec(), profile)

    assert in_columns == one_by_one
    assert in_columns.selected.pod.pod_id == "pod-b"
    assert not snapshot.kept


def test_a_decision_tells_the_version_that_it_was_made_on():
    assert decide(snapshot_of([a_pod()], version=41), a_spec(), SPREAD, "d").snapshot_version == 41


def test_a_decision_makes_objects_of_few_pods():
    pods = [
        a_pod(f"pod-{n}", capacity=a_capacity(used=replace(a_capacity().used, vcpus=n % 80)))
        for n in range(500)
    ]
    snapshot = snapshot_of(pods)
    decide(snapshot, a_spec(bound_to="pod-3"), SPREAD, "d")

    assert len(snapshot._made) < len(pods) / 10


def test_a_window_that_opens_between_two_requests_is_in_force_for_the_second():
    window = Window(NOW + timedelta(seconds=10), NOW + timedelta(hours=1))
    pods = [a_filled_pod("pod-a"), a_filled_pod("pod-b", vcpus_used=50, windows=(window,))]
    snapshot = snapshot_of(pods)

    for seconds_passed in (0, 20):
        spec = a_spec(requested_at=NOW + timedelta(seconds=seconds_passed))
        one_by_one, in_columns = both(pods, snapshot, spec, SPREAD)
        assert in_columns == one_by_one
        assert bool(in_columns.rejected) is (seconds_passed == 20)
