"""Repeats: a client that sends a create again with the same ``Idempotency-Key`` gets no second server."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from chalicelib.model.errors import (
    KeyReused,
    NotFound,
    OutcomePending,
    OutcomeUnknown,
    PodUnreachable,
    StillCreating,
    Unavailable,
)
from chalicelib.model.intent import Intent, IntentState, slot_of
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.asking.roster import Roster
from chalicelib.service.creating.finding import Finding
from chalicelib.service.creating.making import Making, written_answer
from chalicelib.service.ports import Clock, IntentStore


@dataclass(frozen=True, slots=True)
class Repeats:
    """Knows what became of a project's creates, by their keys."""

    intents: IntentStore
    roster: Roster
    finding: Finding
    clock: Clock

    def known(self, project_id: str, key: str, request: PodRequest) -> Intent | None:
        """The intent of an earlier request with this key; None when there is none.

        Raises KeyReused when that was another request, StillCreating when its outcome can't be known yet.
        """
        intent = self.intents.get(slot_of(project_id, key)) if key else None
        if intent is None:
            return None
        if intent.digest != digest_of(request):
            raise KeyReused
        if intent.state is IntentState.POSTING and not intent.is_settled(self.clock()):
            raise StillCreating
        return intent

    def answer(self, making: Making, intent: Intent) -> PodAnswer | None:
        """What the earlier request was answered, or would have been; None when it made nothing.

        Raises OutcomePending when that isn't known yet, and OutcomeUnknown when it never will be.
        """
        if intent.state is IntentState.DONE:
            return PodAnswer(self._pod(intent), _reply(making, intent))
        refused = intent.state is IntentState.FAILED and intent.absent_at is None
        if making.place is None and not refused:
            # Its servers carry no marker, so that nobody can tell whether there are any.
            raise OutcomeUnknown("The outcome of the create is unknown; list servers before trying again.")
        return None if intent.state is IntentState.FAILED else self._found(making, intent)

    def _found(self, making: Making, intent: Intent) -> PodAnswer:
        """What a lost create made. That it made nothing only the reconciler may say.

        It asks more than once, and whether the pod sees all its cells: a pod lists none of the servers of a
        cell that is down, as if they weren't there, and another attempt would make them twice.
        """
        try:
            found = self.finding.settled(making, self._pod(intent))
        except (PodUnreachable, PodRefused, Unavailable) as silence:
            raise OutcomePending from silence
        if found is None:
            raise OutcomePending
        return found

    def _pod(self, intent: Intent) -> Pod:
        try:
            return self.roster.pod(intent.pod_id)
        except NotFound as gone:
            raise OutcomeUnknown("The server was made in a place that is no longer there.") from gone


def _reply(making: Making, intent: Intent) -> PodReply:
    kept = intent.answer
    if kept is None:  # nobody saw the pod's
        return written_answer(making.order, intent.server_ids[0], {})
    return PodReply(kept.status, kept.headers, kept.body.encode())


def digest_of(request: PodRequest) -> str:
    """What tells a client's request from others: method, path, version of the API, and the body's bytes."""
    version = "legacy" if request.legacy else request.headers.get("x-openstack-nova-api-version", "")
    told = f"{request.method} {request.path} {version}\n".encode()
    return sha256(told + (request.body or b"")).hexdigest()
