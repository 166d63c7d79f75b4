from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.engine import decide, explain, passes
from chalicelib.scheduler.profile import PACK, PRESETS, SPREAD, Preference, Profile
from chalicelib.scheduler.rule import About, Filter, HoldsFor, Scope
from tests.builders import NOW, a_binding, a_capacity, a_filled_pod, a_flavor, a_pod, a_spec
from tests.scheduler.reference import replay
from tests.scheduler.rules import NumberWeigher, OnlyFilter


def chosen(pods, spec=None, profile=SPREAD):
    selected = decide(snapshot_of(pods), spec or a_spec(), profile, "decision-1").selected
    return selected.pod.pod_id if selected else None


def action(pods, spec, profile=SPREAD):
    return decide(snapshot_of(pods), spec, profile, "decision-1").action


IDLE, HALF, FULL = (
    a_filled_pod("pod-idle"),
    a_filled_pod("pod-half", vcpus_used=50),
    a_filled_pod("pod-full", vcpus_used=96),
)


def test_spread_takes_the_emptiest_pod():
    assert chosen([HALF, IDLE, FULL]) == "pod-idle"


def test_pack_takes_the_fullest_that_still_fits():
    assert chosen([HALF, IDLE, FULL], profile=PACK) == "pod-half"


def test_first_fit_takes_the_oldest():
    old = a_filled_pod("pod-old", vcpus_used=89, created_at=NOW - timedelta(days=800))

    assert chosen([IDLE, HALF, old], profile=PRESETS["first_fit"]) == "pod-old"


def test_the_operators_weight_is_worth_as_much_as_idle_capacity():
    assert chosen([IDLE, replace(HALF, weight=60.0)]) == "pod-half"
    assert chosen([IDLE, replace(HALF, weight=40.0)]) == "pod-idle"


def test_a_stale_report_loses_against_a_fresh_one():
    stale = a_capacity(reported_at=NOW - timedelta(seconds=300))

    assert chosen([a_pod("pod-a", capacity=stale), a_filled_pod("pod-b")]) == "pod-b"


def test_a_pods_own_lower_watermark_stops_it_though_the_profiles_would_not():
    strict = a_filled_pod("pod-strict", vcpus_used=60, bind_watermark=0.5)

    assert decide(snapshot_of([strict, HALF]), a_spec(), SPREAD, "d").rejected_counts == {"capacity": 1}


def test_the_first_create_binds():
    decision = decide(snapshot_of([IDLE, HALF], version=7), a_spec(), SPREAD, "decision-1")

    assert (decision.action, decision.selected.pod, decision.binding) == (Action.CREATE, IDLE, None)
    assert (decision.decision_id, decision.snapshot_version, decision.weighed_count) == ("decision-1", 7, 2)


def test_a_bound_pod_is_kept_though_another_is_somewhat_better():
    bound = a_filled_pod("pod-bound", vcpus_used=40)

    assert action([IDLE, bound], a_spec(bound_to="pod-bound")) is Action.KEEP


@pytest.mark.parametrize(
    ("preset", "expected"),
    [("spread", Action.KEEP), ("pack", Action.KEEP), ("follow_best", Action.UPDATE)],
)
def test_only_follow_best_moves_a_binding_because_its_pod_is_outweighed(preset, expected):
    dear, crowded = (
        replace(IDLE, weight=100.0),
        replace(HALF, capacity=replace(HALF.capacity, reported_at=NOW)),
    )

    assert action([dear, crowded], a_spec(bound_to="pod-half"), PRESETS[preset]) is expected


def test_a_binding_moves_away_from_a_full_pod():
    decision = decide(snapshot_of([IDLE, FULL]), a_spec(bound_to="pod-full"), SPREAD, "decision-1")

    assert (decision.action, decision.selected.pod, decision.binding.pod_id) == (
        Action.UPDATE,
        IDLE,
        "pod-full",
    )


def test_a_binding_moves_away_from_a_pod_that_is_gone():
    assert action([IDLE], a_spec(bound_to="pod-gone")) is Action.UPDATE


@pytest.mark.parametrize("state", [PodState.DRAINING, PodState.DISABLED])
def test_a_binding_moves_away_from_a_pod_that_takes_nothing_for_long(state):
    assert action([IDLE, replace(HALF, state=state)], a_spec(bound_to="pod-half")) is Action.UPDATE


def test_a_cordoned_pod_keeps_its_binding_and_the_server_goes_elsewhere():
    pods = [IDLE, replace(HALF, state=PodState.CORDONED)]
    decision = decide(snapshot_of(pods), a_spec(bound_to="pod-half"), SPREAD, "decision-1")

    assert (decision.action, decision.selected.pod) == (Action.DIVERT, IDLE)


def test_one_reason_about_the_request_is_enough_to_leave_the_binding():
    other_flavors = replace(FULL, catalogue={"m1.huge": a_flavor("m1.huge")})
    decision = decide(snapshot_of([IDLE, other_flavors]), a_spec(bound_to="pod-full"), SPREAD, "decision-1")

    assert decision.action is Action.DIVERT
    assert [rejection.filter for rejection in decision.rejected[0].rejections] == ["flavor", "capacity"]


def test_a_retry_leaves_the_binding():
    assert action([IDLE, HALF], a_spec(bound_to="pod-idle").failed_in("pod-idle")) is Action.DIVERT


def test_a_retry_moves_the_binding_that_the_refused_attempt_made():
    bound = a_binding("pod-idle", decision_id="decision-1")
    spec = a_spec(bound_to=[bound]).refused_in("pod-idle", "decision-1")

    assert action([IDLE, HALF], spec) is Action.UPDATE


def test_an_unbound_pod_stops_at_the_first_filter():
    hopeless = replace(FULL, state=PodState.DISABLED, denied_project_ids=frozenset({a_spec().project_id}))
    decision = decide(snapshot_of([IDLE, hopeless]), a_spec(), SPREAD, "decision-1")

    assert [rejection.filter for rejection in decision.rejected[0].rejections] == ["pod_state"]
    assert [rejection.filter for rejection in explain(hopeless, a_spec(), SPREAD)] == [
        "pod_state",
        "project_access",
        "capacity",
    ]


def test_no_pod_is_no_error():
    decision = decide(snapshot_of([FULL]), a_spec(), SPREAD, "decision-1")

    assert (decision.action, decision.selected, decision.weighed) == (Action.NONE, None, ())
    assert decision.rejected_counts == {"capacity": 1}
    assert decide(snapshot_of([]), a_spec(), SPREAD, "decision-1").action is Action.NONE


def test_the_action_is_judged_in_the_winners_zone():
    north, south = a_filled_pod("pod-n", az_name="az1"), a_filled_pod("pod-s", vcpus_used=60, az_name="az2")
    bound_south = a_spec(az_name=None, bound_to=[a_binding("pod-s", "az2")])
    bound_both = a_spec(az_name=None, bound_to=[a_binding("pod-s", "az2"), a_binding("pod-x", "az1")])

    def decided(spec):
        return decide(snapshot_of([north, south]), spec, PRESETS["follow_best"], "d")

    assert decided(bound_south).action is Action.CREATE
    assert decided(bound_both).binding.pod_id == "pod-x"
    assert decided(bound_both).action is Action.UPDATE


def test_with_no_zone_asked_a_divert_binds_nothing_in_another_zone():
    cordoned = a_filled_pod("pod-n", az_name="az1", state=PodState.CORDONED)
    south = a_filled_pod("pod-s", az_name="az2")
    bound = [a_binding("pod-n", "az1")]

    assert action([cordoned, south], a_spec(az_name=None, bound_to=bound)) is Action.DIVERT
    assert action([cordoned, south], a_spec(az_name="az2", bound_to=bound)) is Action.CREATE


def test_with_no_zone_asked_every_bound_pod_counts_as_bound():
    pods = [a_filled_pod("pod-a", 93, az_name="az1"), a_filled_pod("pod-b", 93, az_name="az2")]
    spec = a_spec(az_name=None, bound_to=[a_binding("pod-a", "az1"), a_binding("pod-b", "az2")])
    decision = decide(snapshot_of(pods), spec, SPREAD, "d")

    assert (decision.action, decision.weighed_count) == (Action.KEEP, 2)


def test_a_binding_of_another_zone_does_not_matter_when_a_zone_is_asked_for():
    assert action([IDLE], a_spec(bound_to=[a_binding("pod-z", "az9")])) is Action.CREATE


def test_a_zone_without_any_pod_is_unknown():
    assert decide(snapshot_of([IDLE]), a_spec(az_name="az9"), SPREAD, "d").zone_known is False
    assert decide(snapshot_of([IDLE]), a_spec(az_name=None), SPREAD, "d").zone_known is True


def test_access_is_denied_when_every_pod_of_the_zone_is_closed_to_the_project():
    closed = replace(IDLE, allowed_project_ids=frozenset({"another"}))
    closed_and_off = replace(closed, pod_id="pod-off", state=PodState.DISABLED)
    elsewhere = a_filled_pod("pod-e", az_name="az2")

    assert decide(snapshot_of([closed, closed_and_off, elsewhere]), a_spec(), SPREAD, "d").access_denied
    assert not decide(snapshot_of([closed, FULL]), a_spec(), SPREAD, "d").access_denied
    assert not decide(snapshot_of([closed, HALF]), a_spec(), SPREAD, "d").access_denied
    assert not decide(snapshot_of([elsewhere]), a_spec(), SPREAD, "d").access_denied


def test_a_filter_about_access_must_hold_for_kinds_since_it_is_asked_about_them():
    """Kinds have blank names: by this filter, a project would have no access, where the pod is only full."""
    about, reject = (
        About.ACCESS,
        lambda self, pod, spec: OnlyFilter(frozenset({"pod-full"})).reject(pod, spec),
    )

    for reach in (HoldsFor.REQUEST, HoldsFor.POD):
        with pytest.raises(TypeError, match="must hold for KIND"):
            type("ByName", (Filter,), {"about": about, "holds_for": reach, "reject": reject})


def test_new_projects_spread_over_pods_that_tie():
    pods = [a_filled_pod(f"pod-{n}", vcpus_used=10 + n) for n in range(4)]
    counts = Counter(chosen(pods, a_spec(project_id=f"project-{n}")) for n in range(400))

    assert len(counts) == 4
    assert min(counts.values()) > 60


def test_a_tie_is_broken_the_same_way_everywhere_and_always():
    pods = [a_filled_pod(f"pod-{n}") for n in range(20)]

    assert chosen(pods) == chosen(pods[::-1]) == "pod-16"


def test_exactly_at_the_tie_margin_is_a_tie():
    at, over = a_filled_pod("pod-at", vcpus_used=5), a_filled_pod("pod-over", vcpus_used=6)
    projects = [a_spec(project_id=f"project-{n}") for n in range(30)]

    assert {chosen([IDLE, at], spec) for spec in projects} == {"pod-idle", "pod-at"}
    assert {chosen([IDLE, over], spec) for spec in projects} == {"pod-idle"}


@pytest.mark.parametrize("percent", range(1, 60))
def test_no_rounding_breaks_a_tie_at_the_margin(percent):
    at = a_filled_pod("pod-at", vcpus_used=percent)
    profile = replace(SPREAD, tie_margin=percent / 100)
    projects = [a_spec(project_id=f"project-{n}") for n in range(30)]

    assert {chosen([IDLE, at], spec, profile) for spec in projects} == {"pod-idle", "pod-at"}


def test_first_fit_breaks_ties_by_age_then_by_id():
    pods = [a_pod("pod-c", created_at=NOW), a_pod("pod-b"), a_pod("pod-a")]
    profile = replace(PRESETS["first_fit"], weighers={})

    assert chosen(pods, profile=profile) == "pod-a"
    assert chosen(pods[:2], profile=profile) == "pod-b"


def test_the_selected_pod_comes_first_then_the_best_and_the_bound_one():
    pods = [a_filled_pod(f"pod-{n:02}", vcpus_used=2 * n) for n in range(40)]
    loyal = replace(SPREAD, weighers={**SPREAD.weighers, "current_binding": 0.01})
    decision = decide(snapshot_of(pods), a_spec(bound_to="pod-39"), loyal, "d")
    ids = [weighed.pod.pod_id for weighed in decision.weighed]

    assert (len(ids), ids[-1], decision.weighed_count) == (17, "pod-39", 40)
    assert ids[0] == decision.selected.pod.pod_id in {"pod-00", "pod-01", "pod-02"}
    assert sorted(ids[:16]) == [f"pod-{n:02}" for n in range(16)]
    assert ids[1:16] == sorted(ids[1:16])


def test_a_winner_by_lot_is_followed_by_the_best_scores():
    pods = [a_filled_pod(f"pod-{n:02}", vcpus_used=n) for n in range(40)]
    wide = replace(SPREAD, tie_margin=1.0)
    decisions = [decide(snapshot_of(pods), a_spec(project_id=f"project-{n}"), wide, "d") for n in range(20)]

    assert any(d.selected.pod.pod_id > "pod-15" for d in decisions)
    for decision in decisions:
        others = [weighed.pod.pod_id for weighed in decision.weighed[1:]]
        best = [pod.pod_id for pod in pods if pod.pod_id != decision.selected.pod.pod_id]
        assert others == best[:15]


def test_each_weight_is_told_raw_normalised_and_multiplied():
    pod = replace(a_filled_pod(vcpus_used=49), weight=50.0)
    weights = {
        weight.weigher: weight[1:]
        for weight in decide(snapshot_of([pod]), a_spec(), SPREAD, "d").selected.weights
    }

    assert weights["idle_capacity"] == (0.5, 0.5, 0.5)
    assert weights["static_weight"] == (50.0, 0.5, 0.5)
    assert weights["creation_time"] == (pytest.approx(30 / 395), pytest.approx(30 / 395), 0.0)
    assert decide(snapshot_of([pod]), a_spec(), SPREAD, "d").selected.score == 1.0


def test_weights_beyond_their_bounds_are_clamped():
    assert (
        decide(snapshot_of([a_pod(weight=1e9)]), a_spec(), SPREAD, "d").selected.weights[3].normalised == 1.0
    )


def test_a_rule_of_ones_own_counts_like_any_other():
    profile = replace(SPREAD, custom_filters=(OnlyFilter(frozenset({"pod-half"}), Scope.REQUEST),))

    assert chosen([IDLE, HALF], profile=profile) == "pod-half"
    assert (
        decide(snapshot_of([IDLE, HALF]), a_spec(bound_to="pod-idle"), profile, "d").action is Action.DIVERT
    )


def test_a_weigher_of_ones_own_counts_and_is_replayed():
    pods = [a_pod(f"pod-{n:02}", weight=2.0 * n) for n in range(40)]
    profile = Profile(weighers={}, custom_weighers=(Preference(NumberWeigher(), 1.0),))
    decision = decide(snapshot_of(pods), a_spec(), profile, "d")

    assert decision.weighed[0].score == pytest.approx(0.78, abs=0.05)
    assert replay(decision, profile) == decision


def test_a_profile_without_rules_takes_any_pod():
    assert (
        chosen([a_pod("pod-a", state=PodState.DISABLED)], profile=Profile(filters=(), weighers=())) == "pod-a"
    )


def test_passing_is_being_rejected_by_no_filter():
    assert passes(IDLE, a_spec(), SPREAD)
    assert not passes(FULL, a_spec(), SPREAD)


def test_a_need_of_many_servers_is_weighed_at_once():
    assert (
        chosen(
            [HALF, a_pod("pod-b", capacity=a_capacity(vcpus=1000, used=Amounts(vcpus=500)))], a_spec(count=30)
        )
        == "pod-b"
    )
