"""Intent: what a create is about to make, written before its pod is told, so that no crash loses a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

_PREFIX = "trio2o"
_SLOT_LETTERS = 32
MOST_JOINED = 90  # locations in one write with their intent; DynamoDB takes a hundred writes


class IntentState(StrEnum):
    """How far a create has come."""

    POSTING = "posting"  # its pod may have been told; nobody knows yet what came of it
    DONE = "done"  # its servers are known
    FAILED = "failed"  # it made nothing


class Marker(NamedTuple):
    """What a create leaves on its servers until they are known: a tag, or a metadata key.

    It says which intent made a server, and at which attempt.
    """

    intent_id: str
    attempt: int

    def __str__(self) -> str:
        """At most 60 letters, as Nova allows a tag."""
        return f"{_PREFIX}:{self.intent_id}:{self.attempt}"

    @property
    def slot(self) -> str:
        """Where its intent is stored."""
        return self.intent_id[:_SLOT_LETTERS]


def marker_in(text: object) -> Marker | None:
    """The marker that a tag or a metadata key is; None for one that is somebody else's."""
    if not isinstance(text, str):
        return None
    prefix, _, rest = text.partition(":")
    intent_id, _, attempt = rest.partition(":")
    ours = prefix == _PREFIX and intent_id.isalnum() and attempt.isascii() and attempt.isdecimal()
    if not ours or len(attempt) > 3:
        return None
    return Marker(intent_id, int(attempt))


def slot_of(project_id: str, key: str) -> str:
    """Where the intent of a project's create with this ``Idempotency-Key`` is stored."""
    return sha256(f"{project_id}\n{key}".encode()).hexdigest()[:_SLOT_LETTERS]


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a create's client was answered, for when it asks again with the same key.

    The body is without ``adminPass``, which is never stored.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Intent:
    """A create of a project, from the moment before its pod is told until its servers are known.

    ``intent_id`` is its slot, which is made of the client's ``Idempotency-Key`` or else random, followed by
    random letters: a key may be used again after it expired, but a marker never. ``digest`` tells the
    request from another one with the same key. ``decision_id`` and ``count`` name its claim, whose shares
    its servers get. From ``settle_at`` on, no request for it can still arrive at the pod. ``absent_at`` is
    when its pod first proved that it has no such server. Generation counts writes; 0 was never written.
    """

    intent_id: str
    project_id: str
    user_id: str
    request_id: str
    pod_id: str
    decision_id: str
    made_at: datetime
    settle_at: datetime
    count: int = 1
    attempt: int = 1
    key: str = ""
    digest: str = ""
    state: IntentState = IntentState.POSTING
    server_ids: tuple[str, ...] = ()
    answer: KeptAnswer | None = None
    absent_at: datetime | None = None
    generation: int = 0

    @property
    def slot(self) -> str:
        """Where it is stored."""
        return self.intent_id[:_SLOT_LETTERS]

    @property
    def marker(self) -> Marker:
        """What its servers carry, of this attempt."""
        return Marker(self.intent_id, self.attempt)

    def is_settled(self, now: datetime) -> bool:
        """Whether nothing more can come of its last attempt than has come of it by now."""
        return now >= self.settle_at

    def tried_again(self, pod_id: str, decision_id: str, now: datetime, settle: timedelta) -> Intent:
        """Its next attempt, in this pod."""
        return replace(
            self,
            state=IntentState.POSTING,
            attempt=self.attempt + 1,
            pod_id=pod_id,
            decision_id=decision_id,
            settle_at=now + settle,
            absent_at=None,
        )

    def done(self, server_ids: tuple[str, ...], answer: KeptAnswer | None) -> Intent:
        """It made these servers, and its client got this answer (None: nobody saw one)."""
        return replace(self, state=IntentState.DONE, server_ids=server_ids, answer=answer, absent_at=None)

    def failed(self) -> Intent:
        """The end of a create that made no server."""
        return replace(self, state=IntentState.FAILED)

    def absent(self, now: datetime) -> Intent:
        """Its pod proved now that it has no such server. The first time counts."""
        return self if self.absent_at else replace(self, absent_at=now)
