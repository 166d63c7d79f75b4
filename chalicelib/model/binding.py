"""Binding: the pod that serves a project in a zone for an affinity group, and the events that led there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import quote, unquote


class BindingKey(NamedTuple):
    """A project has at most one active binding for each zone and affinity group."""

    project_id: str
    az_name: str
    affinity_group: str

    @property
    def binding_id(self) -> str:
        """The binding's id in the admin API: ``project:zone:group``, each percent-encoded."""
        return ":".join(quote(part, safe="") for part in self)

    @classmethod
    def parse(cls, binding_id: str) -> BindingKey | None:
        """The key that an id stands for; None when it is no binding's id."""
        parts = [unquote(part) for part in binding_id.split(":")]
        return cls(*parts) if len(parts) == 3 and all(parts) else None


class BindingAction(StrEnum):
    """What an event did to the binding."""

    CREATED = "created"
    UPDATED = "updated"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Binding:
    """The state of a binding at one generation.

    ``is_binding`` is False once it ended; the item stays and its generation counts on. Generation
    counts writes from 1 without gaps. ``decision_id`` is empty when an operator bound by hand.
    """

    key: BindingKey
    pod_id: str
    generation: int
    created_at: datetime
    updated_at: datetime
    is_binding: bool = True
    reason: str = ""
    decision_id: str = ""

    def moved(self, pod_id: str, at: datetime, reason: str, decision_id: str = "") -> Binding:
        """The next generation, bound to ``pod_id``; an ended binding comes back to life."""
        return replace(
            self,
            pod_id=pod_id,
            generation=self.generation + 1,
            updated_at=at,
            is_binding=True,
            reason=reason,
            decision_id=decision_id,
        )

    def ended(self, at: datetime, reason: str) -> Binding:
        """The next generation, no longer binding."""
        return replace(
            self,
            generation=self.generation + 1,
            updated_at=at,
            is_binding=False,
            reason=reason,
            decision_id="",
        )


@dataclass(frozen=True, slots=True)
class BindingEvent:
    """One write of a binding: append-only, one a generation.

    ``previous_pod_id`` is empty when nothing was bound before.
    """

    key: BindingKey
    generation: int
    action: BindingAction
    pod_id: str
    previous_pod_id: str
    reason: str
    decision_id: str
    request_id: str
    user_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BindingChange:
    """A binding's next state with its event; written together or not at all.

    The store writes it only if the stored generation is ``after.generation - 1`` (none stored: 0).
    """

    after: Binding
    event: BindingEvent

    def is_written_as(self, event: BindingEvent) -> bool:
        """Whether a stored event is this very change's, so that the write succeeded though it looked lost.

        An event without decision and request id may be that of an equal change, so it never counts as ours.
        """
        return event == self.event and bool(event.decision_id or event.request_id)


def change_of(
    before: Binding | None, after: Binding, request_id: str = "", user_id: str = ""
) -> BindingChange:
    """The change that leads from one state of a binding to the next."""
    was_bound = before is not None and before.is_binding
    if not after.is_binding:
        action = BindingAction.ENDED
    else:
        action = BindingAction.UPDATED if was_bound else BindingAction.CREATED
    event = BindingEvent(
        key=after.key,
        generation=after.generation,
        action=action,
        pod_id=after.pod_id,
        previous_pod_id=before.pod_id if before is not None and was_bound else "",
        reason=after.reason,
        decision_id=after.decision_id,
        request_id=request_id,
        user_id=user_id,
        at=after.updated_at,
    )
    return BindingChange(after, event)
