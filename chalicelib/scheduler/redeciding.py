"""Redeciding: decide a kept decision again under another profile, and say how sure the answer is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.model.errors import InvalidField
from chalicelib.model.pod import Pod
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action, Decision, RejectedPod
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.upholding import upholds


class Difference(StrEnum):
    """What another profile would have made of a create."""

    SAME = "same"
    OTHER_POD = "other_pod"
    OTHER_ACTION = "other_action"  # the same pod, but something else becomes of the binding
    NEWLY_REJECTED = "newly_rejected"
    NEWLY_POSSIBLE = "newly_possible"


@dataclass(frozen=True, slots=True)
class Redecided:
    """A decision and what it would have been.

    ``exact``: what was kept settles it. Else some pod could only be judged by its record of today, or
    not at all because it is gone.
    """

    before: Decision
    after: Decision
    exact: bool

    @property
    def action_before(self) -> Action:
        """What had been decided; lost races are no matter of profiles."""
        return self.before.contested or self.before.action

    @property
    def difference(self) -> Difference:
        """The difference that weighs most."""
        was, now = self.before.selected, self.after.selected
        if was is None or now is None:
            if was is now:
                return Difference.SAME
            return Difference.NEWLY_POSSIBLE if was is None else Difference.NEWLY_REJECTED
        if was.pod.pod_id != now.pod.pod_id:
            return Difference.OTHER_POD
        same = self.action_before is self.after.action
        return Difference.SAME if same else Difference.OTHER_ACTION


def redecide(decision: Decision, profile: Profile, today: Sequence[Pod]) -> Redecided:
    """Decide again: the pods kept in full by their records, rejected ones by the numbers kept.

    Where those leave a doubt (a rejection that the profile may lift, pods that passed or were left
    out without being kept), ``today``'s records stand in, of pods that existed then.
    """
    before = _profile_of(decision)
    kept = [weighed.pod for weighed in decision.weighed]
    kept += [rejected.pod for rejected in decision.rejected if rejected.pod is not None]
    upheld, doubted = _sorted_out(decision, profile, before)
    after = decide(snapshot_of(kept), decision.spec, profile, decision.decision_id)
    unkept = 0 if _settled(decision, after, profile, before) else _passed_unkept(decision)
    unkept += _doubtful_omitted(decision, profile, before)
    exact = not doubted and not unkept
    if not exact:
        settled = {pod.pod_id for pod in kept} | {pod.pod_id for pod in upheld}
        wanted = [pod for pod in today if pod.pod_id in doubted or (unkept and _existed(pod, decision))]
        stand_ins = [pod for pod in wanted if pod.pod_id not in settled]
        after = decide(snapshot_of([*kept, *stand_ins]), decision.spec, profile, decision.decision_id)
    counted = _counts(after, upheld, profile)
    return Redecided(decision, replace(after, rejected_counts=counted, zone_known=decision.zone_known), exact)


def _profile_of(decision: Decision) -> Profile:
    try:
        return Profile.from_document(decision.profile)
    except InvalidField:  # it names a rule that is no more: nothing can be said to be the same
        return Profile(filters=(), weighers={})


def _sorted_out(
    decision: Decision, profile: Profile, before: Profile
) -> tuple[list[RejectedPod], frozenset[str]]:
    """The pods that stay rejected, and the ids of those of which nobody can be sure."""
    upheld: list[RejectedPod] = []
    doubted: set[str] = set()
    for rejected in decision.rejected:
        if rejected.pod is not None:
            continue
        bound = rejected.pod_id in decision.spec.bound_pod_ids
        stays = any(upholds(profile, before, rejection, bound) for rejection in rejected.rejections)
        # Without a zone, the scopes of each bound pod's rejections decide what becomes of its binding.
        if stays and not (bound and decision.spec.az_name is None):
            upheld.append(rejected)
        else:
            doubted.add(rejected.pod_id)
    return upheld, frozenset(doubted)


def _passed_unkept(decision: Decision) -> int:
    return decision.weighed_count - len(decision.weighed)


def _settled(decision: Decision, after: Decision, profile: Profile, before: Profile) -> bool:
    """Whether pods that passed and weren't kept can't have won: weighed alike, topped by the same."""
    if decision.selected is None or after.selected is None:
        return _passed_unkept(decision) == 0
    weighing = [(p.preferences, p.tie_margin, p.tie_break) for p in (profile, before)]
    best = [max(weighed.score for weighed in each.weighed) for each in (decision, after)]
    winners = [each.selected.pod.pod_id for each in (decision, after) if each.selected]
    return weighing[0] == weighing[1] and best[0] == best[1] and winners[0] == winners[1]


def _doubtful_omitted(decision: Decision, profile: Profile, before: Profile) -> int:
    """How many pods were left out for size whose filter has changed since."""
    if not decision.omitted:
        return 0
    left_out = Counter(decision.rejected_counts)
    left_out.subtract(rejected.rejections[0].filter for rejected in decision.rejected)
    return sum(
        count
        for name, count in left_out.items()
        if profile.rule(name) is None or profile.rule(name) != before.rule(name)
    )


def _existed(pod: Pod, decision: Decision) -> bool:
    return pod.created_at <= decision.spec.requested_at


def _counts(after: Decision, upheld: Sequence[RejectedPod], profile: Profile) -> Mapping[str, int]:
    counts = Counter(after.rejected_counts)
    counts.update(rejected.rejections[0].filter for rejected in upheld)
    return {rule.name: counts[rule.name] for rule in profile.rules if counts[rule.name]}
