"""Intent store in memory. As in DynamoDB, a write must name the generation before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.adapters.memory.transaction import Step, Write, carry_out
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.intent import Intent, IntentState


class MemoryIntentStore:
    """Keeps the intents in a dict. Each expires ``ttl_days`` after it was made, whatever became of it."""

    def __init__(self, now: Callable[[], datetime], ttl_days: int = 7) -> None:
        """``now`` decides what has expired."""
        self._intents: dict[str, Intent] = {}
        self._now = now
        self._ttl = timedelta(days=ttl_days)

    def get(self, slot: str) -> Intent | None:
        """The intent in a slot; None when there is none, or it expired."""
        intent = self._intents.get(slot)
        return intent if intent is not None and intent.made_at + self._ttl > self._now() else None

    def put(self, intent: Intent, also: Sequence[Write] = ()) -> Intent:
        """Write if the stored generation is ``intent.generation``; returns it with the next one.

        Raises GenerationConflict, also when one of the writes that join isn't allowed now.
        """
        after = replace(intent, generation=intent.generation + 1)
        if self.get(intent.slot) != after:
            carry_out([self.write(intent), *also])
        return after

    def write(self, intent: Intent) -> Step:
        """The same, as a write that joins a binding's transaction."""
        after = replace(intent, generation=intent.generation + 1)
        return Step(act=lambda: self._keep(after), check=lambda: self._refuse_changed(intent))

    def posting(self, settled_by: datetime, limit: int, newest: bool = False) -> list[Intent]:
        """Those whose outcome isn't known and that are settled by then, the oldest first, or the newest."""
        found = [x for x in self._intents.values() if x.state is IntentState.POSTING]
        due = [x for x in found if x.settle_at <= settled_by]
        return sorted(due, key=lambda x: x.settle_at, reverse=newest)[:limit]

    def _keep(self, intent: Intent) -> None:
        self._intents[intent.slot] = intent

    def _refuse_changed(self, intent: Intent) -> None:
        stored = self.get(intent.slot)
        if (stored.generation if stored else 0) != intent.generation:
            raise GenerationConflict(f"create {intent.intent_id} was written meanwhile")
