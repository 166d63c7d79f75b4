"""Rehearsal bodies: a profile to try on kept decisions, and what would differ."""

from __future__ import annotations

from typing import Any

from chalicelib.model.fields import Reader, an_id, an_object, nullable, read_fields, text, whole
from chalicelib.model.json_values import write_time
from chalicelib.scheduler import profile_document
from chalicelib.scheduler.decision import Action, Decision
from chalicelib.scheduler.decision_text import binding_reason
from chalicelib.scheduler.redeciding import Difference, Redecided
from chalicelib.service.operating.rehearsal import RehearsalOrder, Rehearsed

MOST_DECISIONS = 500


def read_rehearsal(body: object) -> RehearsalOrder:
    """A profile's document, how many decisions, and whose. Raises InvalidField."""
    given = an_object('the body must be {"profile": {...}, "last": 200}')("body", body)
    values = read_fields(given, _READERS, required=("profile",))
    document = values.pop("profile")
    return RehearsalOrder(document, **{name: value for name, value in values.items() if value is not None})


def write_rehearsed(rehearsed: Rehearsed) -> dict[str, Any]:
    """Counts first, then each decision that would differ."""
    exact = sum(again.exact for again in rehearsed.decided)
    return {
        "profile": rehearsed.profile.document(),
        "decided": len(rehearsed.decided),
        "exact": exact,
        "partly": len(rehearsed.decided) - exact,
        "counts": {difference.value: count for difference, count in rehearsed.counts.items()},
        "differences": [
            _difference(again) for again in rehearsed.decided if again.difference is not Difference.SAME
        ],
    }


def _difference(again: Redecided) -> dict[str, Any]:
    spec = again.before.spec
    return {
        "decision_id": again.before.decision_id,
        "project_id": spec.project_id,
        "az_name": spec.az_name,
        "requested_at": write_time(spec.requested_at),
        "difference": again.difference.value,
        "exact": again.exact,
        "before": _outcome(again.before, again.action_before),
        "after": _outcome(again.after, again.after.action),
    }


def _outcome(decision: Decision, action: Action) -> dict[str, Any]:
    selected = decision.selected
    return {
        "action": action.value,
        "pod_id": selected.pod.pod_id if selected else None,
        "pod_name": selected.pod.pod_name if selected else None,
        "reason": binding_reason(decision),
    }


def _document(field: str, value: object) -> dict[str, Any]:
    given: dict[str, Any] = an_object('must be a profile\'s document, such as {"based_on": "pack"}')(
        field, value
    )
    profile_document.read(given)
    return given


_READERS: dict[str, Reader] = {
    "profile": _document,
    "last": whole(1, MOST_DECISIONS),
    "az_name": nullable(text()),
    "project_id": nullable(an_id),
}
