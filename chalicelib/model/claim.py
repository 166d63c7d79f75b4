"""Claim: room that creates took and that no report has seen yet, and the balance it is taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.model.amounts import Amounts, Totals

if TYPE_CHECKING:
    from chalicelib.model.pod import Pod

# Stands for the limit of a resource that isn't counted. It is never used up, so the same arithmetic and
# conditions hold whether a resource is counted or not, also while that changes.
UNCOUNTED = 10**18
# How many minutes one settlement drops, so that its write stays small; the next one drops the rest.
MOST_DROPPED = 16
# Claims this old can't be given back any more, so they need no minute of their own.
GATHERED_AFTER_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Claim:
    """Room taken for one create.

    It is noted under the ``minute`` in which it was made (whole minutes since 1970, UTC), and ends when a
    report drops that minute, ``settle_seconds`` after it or later.
    """

    pod_id: str
    minute: int
    need: Amounts

    def share(self, count: int) -> Claim:
        """What one of ``count`` equal servers takes of it; all shares together are never more than it."""
        return Claim(self.pod_id, self.minute, Amounts(*(amount // count for amount in self.need)))


@dataclass(frozen=True, slots=True)
class Balance:
    """What is free in a pod now, in one small item that all processes write; here as it was read.

    ``open`` False is the fence: nothing may be claimed. ``generation`` is that of the pod whose limits
    are in force. ``free`` is what is left under the limits (below zero: over them), ``claimed`` what no
    report has seen, by minute. ``observed_at`` dates the observation that was settled last (aware
    UTC), ``settlements`` counts them.
    """

    pod_id: str
    open: bool
    generation: int
    free: Amounts
    claimed: Mapping[int, Amounts]
    settlements: int = 0
    observed_at: datetime | None = None

    @property
    def claimed_in_all(self) -> Amounts:
        """What is claimed now."""
        return sum(self.claimed.values(), Amounts())


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an observation changes about a balance: a difference, so that it collides with no claim.

    ``dropped`` are the minutes that the observation covers. Without an observation (``observed_at`` None)
    their claims don't end: they are counted under the minute ``gathered_in`` from then on.
    """

    seen: Balance
    observed_at: datetime | None
    change: Amounts
    dropped: tuple[int, ...]
    gathered_in: int | None = None

    @property
    def gathered(self) -> Amounts:
        """What the dropped minutes held."""
        return sum((self.seen.claimed[minute] for minute in self.dropped), Amounts())

    def applied_to(self, claimed: Mapping[int, Amounts]) -> dict[int, Amounts]:
        """The claims by minute, once this is written."""
        kept = {minute: need for minute, need in claimed.items() if minute not in self.dropped}
        if self.gathered_in is not None:
            kept[self.gathered_in] = kept.get(self.gathered_in, Amounts()) + self.gathered
        return kept


def minute_of(at: datetime) -> int:
    """The minute of a claim made ``at`` a moment: whole minutes since 1970."""
    return int(at.timestamp() // 60)


def allowance(limits: Totals) -> Amounts:
    """The limits as numbers, UNCOUNTED where there is none."""
    return Amounts(*(UNCOUNTED if limit is None else limit for limit in limits))


def opening_balance(pod: Pod) -> Balance:
    """The balance of a pod that nothing was ever claimed from, by its last report."""
    free = allowance(pod.limits) - pod.used
    return Balance(pod.pod_id, pod.takes_new, pod.generation, free, claimed={})


def settlement(seen: Balance, pod: Pod, observed_at: datetime, settle_seconds: float) -> Settlement | None:
    """How an observation changes a balance; None when a later one was settled already.

    ``pod`` carries the observation. A minute is dropped once it has been over for ``settle_seconds`` when
    the observation began: by then each of its claims is a server that the observation counts, or failed.
    """
    if seen.observed_at is not None and observed_at < seen.observed_at:
        return None
    covered = (observed_at.timestamp() - settle_seconds) // 60  # minutes before this one had ended
    dropped = tuple(sorted(minute for minute in seen.claimed if minute < covered)[:MOST_DROPPED])
    kept = sum((need for minute, need in seen.claimed.items() if minute not in dropped), Amounts())
    free = allowance(pod.limits) - pod.used - kept
    return Settlement(seen, observed_at, free - seen.free, dropped)


def gathering(seen: Balance, now: datetime) -> Settlement | None:
    """How the old claims of a pod that doesn't report are put under one minute, the newest of theirs.

    They count as before and end no sooner, but the item stays small, however long the pod is silent.
    None when at most one minute is old.
    """
    old_before = (now.timestamp() - GATHERED_AFTER_SECONDS) // 60
    old = sorted(minute for minute in seen.claimed if minute < old_before)
    if len(old) < 2:
        return None
    joining = old[:-1][:MOST_DROPPED]
    return Settlement(seen, None, Amounts(), tuple(joining), gathered_in=old[-1])
