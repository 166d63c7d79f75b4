"""What holds of every decision, whatever the pods, the request and the profile."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.model.amounts import Amounts
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.decision_codec import LIMIT_BYTES, pack, unpack
from chalicelib.scheduler.decision_text import binding_reason, tenant_view, text
from chalicelib.scheduler.engine import decide, explain, passes
from chalicelib.scheduler.normalize import by_bounds
from chalicelib.scheduler.profile import PACK, SPREAD
from chalicelib.scheduler.registry import FILTERS, WEIGHERS
from chalicelib.scheduler.rule import Scope
from chalicelib.scheduler.sentences import sentence
from tests.builders import NOW, a_binding, a_capacity
from tests.scheduler.reference import replay
from tests.scheduler.strategies import PODS, ZONES, fitting, profiles, requests, some_pods, with_all_rules

EXAMPLES = settings(max_examples=100)
_APART = ("current_binding", "build_failure")


def decided(pods, spec, profile):
    return decide(snapshot_of(pods), spec, profile, "decision-1")


def winner(decision):
    return decision.selected.pod.pod_id if decision.selected else None


def score(pod, spec, profile):
    """The score by its definition, one pod at a time."""
    return sum(
        multiplier * by_bounds([weigher.weigh(pod, spec)], weigher.bounds)[0]
        for weigher, multiplier in profile.preferences
    )


def judged_by(decision, pods, profile):
    """The binding that section 1 reads, that of the winner's zone, and the pod it names.

    With no zone asked for and none in the winner's, a binding whose pod is refused for the request
    alone is read instead (ADR 5).
    """
    spec, zone = decision.spec, decision.selected.pod.az_name
    known = {pod.pod_id: pod for pod in pods}
    bound = [(binding, known.get(binding.pod_id)) for binding in spec.bindings]
    here = [(binding, pod) for binding, pod in bound if binding.key.az_name == zone]
    refused = [(b, pod) for b, pod in bound if refused_for_the_request(pod, spec, profile)]
    readable = here or ([] if spec.az_name else refused)
    return readable[0] if readable else (None, None)


def refused_for_the_request(pod, spec, profile):
    return pod is not None and any(r.scope is Scope.REQUEST for r in explain(pod, spec, profile))


@EXAMPLES
@given(some_pods(), requests(), profiles(), st.randoms(use_true_random=False))
def test_the_order_of_pods_never_changes_the_outcome(pods, spec, profile, lots):
    shuffled = lots.sample(pods, len(pods))

    assert decided(shuffled, spec, profile) == decided(pods, spec, profile)


@EXAMPLES
@given(some_pods(), requests(), profiles(), st.sampled_from(PODS))
def test_a_rejected_pod_that_comes_or_goes_never_changes_the_winner(pods, spec, profile, pod_id):
    without = [pod for pod in pods if passes(pod, spec, profile) or pod.pod_id != pod_id]

    assert winner(decided(without, spec, profile)) == winner(decided(pods, spec, profile))


@EXAMPLES
@given(some_pods(), requests(), profiles(), st.data())
def test_a_pod_worse_by_more_than_the_tie_margin_never_changes_the_winner(pods, spec, profile, data):
    scores = {pod.pod_id: score(pod, spec, profile) for pod in pods if passes(pod, spec, profile)}
    best = max(scores.values(), default=0.0)
    worse = [pod_id for pod_id in scores if best - scores[pod_id] > profile.tie_margin + 1e-8]
    gone = data.draw(st.sets(st.sampled_from(worse))) if worse else set()
    without = [pod for pod in pods if pod.pod_id not in gone]

    assert winner(decided(without, spec, profile)) == winner(decided(pods, spec, profile))


@EXAMPLES
@given(some_pods(), requests(), profiles())
def test_the_winner_ties_with_the_best_score(pods, spec, profile):
    passed = [pod for pod in pods if passes(pod, spec, profile)]
    decision = decided(pods, spec, profile)

    assert (decision.selected is None) == (not passed)
    if passed:
        best = max(score(pod, spec, profile) for pod in passed)
        assert best - score(decision.selected.pod, spec, profile) <= profile.tie_margin + 1e-8
        assert abs(decision.selected.score - score(decision.selected.pod, spec, profile)) < 1e-9


@EXAMPLES
@given(some_pods(), requests(), profiles())
def test_a_replay_of_a_kept_decision_gives_the_same(pods, spec, profile):
    decision = decided(pods, spec, profile)
    packed = pack(decision)
    again = replay(unpack(packed))

    assert len(packed) <= LIMIT_BYTES
    assert (again.action, winner(again)) == (decision.action, winner(decision))
    assert [w[1:] for w in again.weighed] == [w[1:] for w in decision.weighed]
    assert [w.pod.pod_id for w in again.weighed] == [w.pod.pod_id for w in decision.weighed]
    assert again.rejected == unpack(packed).rejected


@EXAMPLES
@given(some_pods(), requests(), profiles())
def test_no_rejected_pod_is_ever_chosen(pods, spec, profile):
    decision = decided(pods, spec, profile)
    rejected = {pod.pod_id for pod in pods if not passes(pod, spec, profile)}

    assert not rejected & {weighed.pod.pod_id for weighed in decision.weighed}
    assert rejected == {pod.pod_id for pod in decision.rejected}
    assert sum(decision.rejected_counts.values()) == len(rejected)


@EXAMPLES
@given(some_pods(), requests(), profiles(loyalty=0.0))
def test_without_loyalty_the_action_is_literally_section_1s(pods, spec, profile):
    decision = decided(pods, spec, profile)
    if decision.selected is None:
        assert decision.action is Action.NONE
        return
    binding, bound_pod = judged_by(decision, pods, profile)
    assume(not refused_for_the_request(bound_pod, spec, profile))

    if binding is None:
        expected = Action.CREATE
    elif binding.pod_id == winner(decision):
        expected = Action.KEEP
    else:
        expected = Action.UPDATE
    assert decision.action is expected
    assert decision.binding == binding


@EXAMPLES
@given(some_pods(), requests(), st.sampled_from([SPREAD, PACK]), st.integers(0, 95))
def test_a_bound_pod_that_can_take_the_request_wins_unless_builds_failed(pods, spec, profile, vcpus_used):
    used = a_capacity(used=Amounts(vcpus=vcpus_used), reported_at=NOW - timedelta(hours=1))
    bound = replace(fitting(spec, "az1"), capacity=used)
    spec = replace(spec, failed_builds={}, failed_pod_ids=frozenset(), open_circuits=frozenset())
    binding = a_binding(bound.pod_id, bound.az_name, affinity_group=spec.affinity_group)
    spec = spec.with_bindings([binding])
    assume(passes(bound, spec, profile))

    assert winner(decided([*pods, bound], spec, profile)) == bound.pod_id


@pytest.mark.parametrize("profile", [SPREAD, PACK], ids=lambda profile: profile.name)
def test_a_binding_weighs_more_than_all_else_but_failed_builds(profile):
    """The worst case, which draws may miss: every other weigher at its bound, for the other pod."""
    others = [(weigher, by) for weigher, by in profile.preferences if weigher.name not in _APART]
    spans = (abs(by) * (w.bounds.high - w.bounds.low) / w.bounds.size for w, by in others)

    assert sum(spans) + profile.tie_margin < profile.weighers["current_binding"]


@EXAMPLES
@given(some_pods(), requests(), profiles(), st.sampled_from(ZONES))
def test_a_bound_pod_refused_for_the_request_keeps_its_binding(pods, spec, profile, zone):
    pods = [*pods, fitting(spec, zone)]
    decision = decided(pods, spec, profile)
    assume(decision.selected)  # some numbers keep every pod out
    _, bound_pod = judged_by(decision, pods, profile)

    if refused_for_the_request(bound_pod, spec, profile):
        assert decision.action is Action.DIVERT
    else:
        assert decision.action is not Action.DIVERT


@EXAMPLES
@given(some_pods(), requests(), with_all_rules)
def test_a_rule_that_does_not_apply_says_nothing(pods, spec, profile):
    """The engine skips it, so its per-pod method must agree."""
    for rule in profile.rules:
        if not rule.applies(spec):
            assert all(rule.reject(pod, spec) is None for pod in pods)
    for weigher, _ in profile.preferences:
        if not weigher.applies(spec):
            assert all(weigher.weigh(pod, spec) == 0.0 for pod in pods)


@EXAMPLES
@given(some_pods(), requests(), with_all_rules)
def test_a_filter_rejects_none_but_its_suspects(pods, spec, profile):
    """The engine asks only about these, so all others must pass the per-pod method."""
    snapshot = snapshot_of(pods)
    for rule in profile.rules:
        unasked = set(range(len(pods))) - set(rule.suspects(snapshot, range(len(pods)), spec))
        unasked -= snapshot.places_of(spec.singled_out)
        assert all(rule.reject(pods[place], spec) is None for place in unasked)


@EXAMPLES
@given(some_pods(), requests(), with_all_rules)
def test_every_rejection_has_a_sentence_that_its_numbers_fill(pods, spec, profile):
    for rule in profile.rules:
        for rejection in filter(None, (rule.reject(pod, spec) for pod in pods)):
            nameless = sentence(rejection, filters={})
            assert rejection.filter == rule.name
            assert sentence(rejection) != nameless, f"{rule.name} has no sentence that fits {nameless}"


@EXAMPLES
@given(some_pods(), requests(), with_all_rules)
def test_pods_weigh_together_what_they_weigh_alone(pods, spec, profile):
    snapshot = snapshot_of(pods)
    for weigher, _ in profile.preferences:
        together = weigher.weigh_places(snapshot, range(len(pods)), spec)
        assert together == [weigher.weigh(pod, spec) for pod in pods]


@EXAMPLES
@given(some_pods(), requests(), profiles())
def test_every_decision_can_be_told(pods, spec, profile):
    decision = decided(pods, spec, profile)
    view = tenant_view(decision)

    assert all(pod.pod_name not in str(view) and pod.pod_id not in str(view) for pod in pods)
    assert binding_reason(decision) in text(decision)
    for rejected in decision.rejected:
        assert len(rejected.rejections) >= 1


@given(with_all_rules)
def test_the_properties_cover_every_rule(profile):
    assert {rule.name for rule in profile.rules} == set(FILTERS)
    assert {preference.weigher.name for preference in profile.preferences} == set(WEIGHERS)
