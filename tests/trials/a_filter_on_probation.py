"""Tests of the README's filter, ``probation``; test_a_new_filter runs them in a copy that has it."""

from datetime import timedelta

import pytest

from chalicelib.model.errors import InvalidField
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision_text import binding_reason, tenant_view
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.plans import PLANS
from chalicelib.scheduler.profile import PRESETS, Profile
from chalicelib.scheduler.registry import FILTERS
from tests.builders import NOW, a_filled_pod, a_spec

OLD = [a_filled_pod(f"pod-{n:03}", n % 80) for n in range(300)]
YOUNG = a_filled_pod("pod-young", created_at=NOW - timedelta(hours=6))


def test_every_preset_runs_it_and_its_parameter_is_a_field_of_the_document():
    assert all("probation" in profile.filters for profile in PRESETS.values())
    assert Profile().document()["probation_hours"] == 0.0
    assert Profile.from_document({"probation_hours": 24}).parameters["probation_hours"] == 24.0


@pytest.mark.parametrize("wrong", [-1, 8761, "24", True, None])
def test_the_parameters_bounds_are_checked_when_a_profile_is_written(wrong):
    with pytest.raises(InvalidField) as refused:
        Profile.from_document({"probation_hours": wrong})

    assert refused.value.field == "probation_hours"


def test_it_decides_and_explains_itself():
    profile = Profile.from_document({"probation_hours": 24})
    decision = decide(snapshot_of([YOUNG, *OLD]), a_spec(bound_to="pod-young"), profile, "d")

    assert decision.rejected_counts == {"probation": 1}
    assert binding_reason(decision).endswith("is 6.0 h old, and on probation for 24 h")
    assert tenant_view(decision)["pods_rejected"][0]["reason"] == "is too new"


def test_the_others_stay_on_the_batch_path():
    """Only the new filter is asked about one pod after another."""
    asked = []
    profile = Profile.from_document({"probation_hours": 24})
    snapshot = snapshot_of([YOUNG, *OLD])
    decide(snapshot, a_spec(), profile, "warm")
    with pytest.MonkeyPatch.context() as patch:
        for rule in FILTERS.values():
            reject = rule.reject
            patch.setattr(
                rule, "reject", lambda s, *pod_and_spec, r=reject: asked.append(s) or r(s, *pod_and_spec)
            )
        decide(snapshot, a_spec(project_id="another"), profile, "d")

    assert len(PLANS.of(snapshot)) == 1
    assert [rule.name for rule in asked] == ["probation"] * len(snapshot)
