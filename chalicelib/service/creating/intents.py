"""Intents: what a create is about to make is written before its pod is told, so that no crash loses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from chalicelib import observability
from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import GenerationConflict, StillCreating
from chalicelib.model.identity import Caller
from chalicelib.model.intent import MOST_JOINED, Intent, IntentState, KeptAnswer, Marker, slot_of
from chalicelib.model.location import Location
from chalicelib.service.creating.choosing import Chosen
from chalicelib.service.ports import Clock, Ids, IntentStore, LocationStore, Write

# An intent that was tried that often begins anew, under another id, since a marker has few digits for it.
MOST_ATTEMPTS = 900
LEAST_SECONDS = 1.0  # for the answer to the client


class NoIntent:
    """Of a create that nobody has to find again, such as one of the simulation."""

    def writes(self, chosen: Chosen) -> Sequence[Write]:
        """What must join the transaction that writes the binding, or ``ensure`` writes it alone."""
        return ()

    def joined(self, chosen: Chosen) -> None:
        """Take note that what joined was written."""

    def check(self) -> None:
        """Raise StillCreating when another request has begun this create."""

    def ensure(self, chosen: Chosen) -> None:
        """Make sure that the attempt is written. Raises StillCreating, StoreBusy."""

    def failed(self) -> None:
        """Write, where that can be done, that the attempts made nothing."""


@dataclass(slots=True)
class KeptIntent(NoIntent):
    """The intent of one create through its attempts.

    ``first`` is what the first attempt writes. ``stored`` is what the store has of it by now, which may be an
    earlier request's that had the same key.
    """

    store: IntentStore
    locations: LocationStore
    clock: Clock
    settle: timedelta
    first: Intent
    stored: Intent | None = None
    _joining: Intent | None = None

    @property
    def marker(self) -> Marker:
        """The marker of the attempt that was written last."""
        return (self.stored or self.first).marker

    @property
    def written(self) -> Intent:
        """What is stored; only after it was begun."""
        assert self.stored is not None, "this create was not begun"
        return self.stored

    @property
    def is_settled(self) -> bool:
        """Whether nothing more can come of the last attempt."""
        return self.written.is_settled(self.clock())

    @property
    def has_key(self) -> bool:
        """Whether the client may send the same request again, and get the answer of this one."""
        return bool(self.first.key)

    def writes(self, chosen: Chosen) -> Sequence[Write]:
        """The attempt, as a write that joins the binding's transaction."""
        self._joining = self._attempt(chosen)
        return (self.store.write(self._joining),)

    def joined(self, chosen: Chosen) -> None:
        """Take note that the attempt was written with the binding."""
        if self._joining is not None:
            self.stored = replace(self._joining, generation=self._joining.generation + 1)

    def check(self) -> None:
        """Raise StillCreating when another request with the same key has written first."""
        if self.has_key:
            generation = self.stored.generation if self.stored else 0
            there = self.store.get(self.first.slot)
            if there is not None and there.generation != generation:
                raise StillCreating

    def ensure(self, chosen: Chosen) -> None:
        """Write the attempt, unless it was written with the binding."""
        if self.stored is not None and self.stored.decision_id == chosen.decision.decision_id:
            return
        try:
            self.stored = self.store.put(self._attempt(chosen))
        except GenerationConflict as lost:
            raise StillCreating from lost

    def failed(self) -> None:
        """Write that the attempts made nothing; whoever looks for what they made finds out by himself."""
        if self.stored is not None and self.stored.state is IntentState.POSTING:
            try:
                self.stored = self.store.put(self.stored.failed())
            except Exception:
                extra = {"intent_id": self.stored.intent_id}
                observability.logger().warning("intent not ended", extra=extra, exc_info=True)

    def done(self, locations: Sequence[Location], answer: KeptAnswer, deadline: Deadline) -> None:
        """Write that these servers were made, with their locations: all of it at once, up to 90 of them.

        The answer is kept only for a client that may ask again. What there is no time for is left out, and
        then the create isn't done: its other servers are still to be found.
        """
        made, rest = tuple(location.resource_id for location in locations), locations
        while len(rest) > MOST_JOINED:
            self._put(self.written, rest[:MOST_JOINED])
            rest = rest[MOST_JOINED:]
            if deadline.left_seconds() < LEAST_SECONDS:
                observability.logger().warning("locations left to searches", extra={"pod": rest[0].pod_id})
                return
        self._put(self.written.done(made, answer if self.has_key else None), rest)

    def _put(self, intent: Intent, locations: Sequence[Location]) -> None:
        try:
            self.stored = self.store.put(intent, [self.locations.addition(each) for each in locations])
        except GenerationConflict:
            kept = self.locations.found(each.resource_id for each in locations)
            there = {each.resource_id for each in kept if each.ended_at is None and not each.was_only_found}
            if not there:
                raise
            missing = [each for each in locations if each.resource_id not in there]
            self.stored = self.store.put(intent, [self.locations.addition(each) for each in missing])

    def _attempt(self, chosen: Chosen) -> Intent:
        now, decision = self.clock(), chosen.decision
        if self.stored is not None and self.stored.attempt < MOST_ATTEMPTS:
            before = replace(self.stored, request_id=self.first.request_id, user_id=self.first.user_id)
            again = before.tried_again(chosen.pod.pod_id, decision.decision_id, now, self.settle)
            return replace(again, count=decision.spec.count)
        return replace(
            self.first,
            pod_id=chosen.pod.pod_id,
            decision_id=decision.decision_id,
            settle_at=now + self.settle,
            count=decision.spec.count,
            generation=self.stored.generation if self.stored else 0,
        )


@dataclass(frozen=True, slots=True)
class Intents:
    """Makes the intents of creates. ``settle_seconds`` is after which time no request can still arrive."""

    store: IntentStore
    locations: LocationStore
    clock: Clock
    ids: Ids
    settle_seconds: float

    def of(self, caller: Caller, key: str = "", digest: str = "", stored: Intent | None = None) -> KeptIntent:
        """The intent of a caller's create, and of the one that he begins anew with the same key."""
        identity, chance = caller.identity, sha256(self.ids().encode()).hexdigest()
        now, settle = self.clock(), timedelta(seconds=self.settle_seconds)
        first = Intent(
            intent_id=(slot_of(identity.project_id, key) + chance[:12]) if key else chance[:44],
            project_id=identity.project_id,
            user_id=identity.user_id,
            request_id=caller.request_id,
            pod_id="",
            decision_id="",
            made_at=now,
            settle_at=now + settle,
            key=key,
            digest=digest,
        )
        return KeptIntent(self.store, self.locations, self.clock, settle, first, stored)
