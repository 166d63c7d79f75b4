"""Claim: room that creates took and that no report has seen yet, and the balance it is taken from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.model.amounts import Amounts, Totals

if TYPE_CHECKING:
    from chalicelib.model.pod import Pod

# Stands for the limit of a resource that isn't counted. It is never used up, so the same arithmetic and
# conditions hold whether a resource is counted or not, also while that changes.
UNCOUNTED = 10**18
# How many claims one settlement changes, so that its expressions fit into DynamoDB's 4 KB; another follows.
MOST_CHANGED = 100
# Claims this old can't be given back any more, so they need no token of their own.
GATHERED_AFTER_SECONDS = 1800.0
GATHERED = "gathered"  # the token under which they are counted together


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a claim that one of its create's servers takes; ``number`` counts them from 0."""

    pod_id: str
    token: str
    number: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Room taken in a pod for one create of ``count`` equal servers.

    ``token`` is the id of the decision that the create is sent by. It makes every write about the claim
    safe to repeat: a claim that is there isn't taken again, a share that has ended doesn't end again.
    ``made_at`` is in seconds since 1970. ``ended`` are the numbers of the shares that a report has seen, or
    that were given back.
    """

    pod_id: str
    token: str
    made_at: int
    need: Amounts
    count: int = 1
    ended: frozenset[int] = frozenset()

    @property
    def left(self) -> Amounts:
        """The room that it still takes."""
        return self.need - self.need.part(self.count).times(len(self.ended))

    def share(self, number: int) -> Share:
        """The part of one server."""
        return Share(self.pod_id, self.token, number)

    def without(self, numbers: Iterable[int]) -> Claim | None:
        """The claim when these shares have ended; None when all of them have."""
        ended = self.ended.union(number for number in numbers if 0 <= number < self.count)
        return None if len(ended) == self.count else replace(self, ended=ended)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is free in a pod now, in one small item that all processes write; here as it was read.

    ``open`` False is the fence: nothing may be claimed. ``generation`` is that of the pod whose limits
    are in force. ``free`` is what is left under the limits (below zero: over them), ``claims`` what no
    report has seen, by token. ``observed_at`` dates the observation that was settled last (aware
    UTC), ``settlements`` counts them.
    """

    pod_id: str
    open: bool
    generation: int
    free: Amounts
    claims: Mapping[str, Claim]
    settlements: int = 0
    observed_at: datetime | None = None

    @property
    def claimed(self) -> Amounts:
        """What is claimed now."""
        return _left(self.claims)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an observation changes about a balance: a difference, so that it collides with no new claim.

    ``changed`` are the claims as they are afterwards, by token; None: it has ended. Without an observation
    (``observed_at`` None) no room is freed. When ``complete`` is False, there is more to change than one
    write holds, so another settlement must follow.
    """

    seen: Balance
    observed_at: datetime | None
    change: Amounts
    changed: Mapping[str, Claim | None]
    complete: bool = True

    def applied_to(self, claims: Mapping[str, Claim]) -> dict[str, Claim]:
        """The claims by token, once this is written."""
        after = {**claims, **self.changed}
        return {token: claim for token, claim in after.items() if claim is not None}


def allowance(limits: Totals) -> Amounts:
    """The limits as numbers, UNCOUNTED where there is none."""
    return Amounts(*(UNCOUNTED if limit is None else limit for limit in limits))


def opening_balance(pod: Pod) -> Balance:
    """The balance of a pod that nothing was ever claimed from, by its last report."""
    free = allowance(pod.limits) - pod.used
    return Balance(pod.pod_id, pod.takes_new, pod.generation, free, claims={})


def settlement(
    seen: Balance,
    pod: Pod,
    observed_at: datetime,
    settle_seconds: float,
    ended: Iterable[Share] = (),
    *,
    waiting: Iterable[Share] = (),
) -> Settlement | None:
    """How an observation changes a balance; None when a later one was settled already.

    ``pod`` carries the observation, which began at ``observed_at``. The shares in ``ended`` end with it:
    their servers had a host before it began, so that it counts them, or they were gone. So does a claim
    that was made over ``settle_seconds`` before: by then its servers have a host, or failed. Only if a
    server was seen ``waiting`` for a host, its claim stays.
    """
    return settlement_of(
        seen, allowance(pod.limits) - pod.used, observed_at, settle_seconds, ended, waiting=waiting
    )


def settlement_of(
    seen: Balance,
    room: Amounts,
    observed_at: datetime,
    settle_seconds: float,
    ended: Iterable[Share] = (),
    *,
    waiting: Iterable[Share] = (),
) -> Settlement | None:
    """The same for any balance; ``room`` is what would be free by the observation if nothing were claimed."""
    if seen.observed_at is not None and observed_at < seen.observed_at:
        return None
    due, numbers = observed_at.timestamp() - settle_seconds, _numbers(ended)
    kept = {share.token for share in waiting}
    after = {
        token: None if claim.made_at < due and token not in kept else claim.without(numbers.get(token, ()))
        for token, claim in seen.claims.items()
    }
    differing = {token: claim for token, claim in after.items() if claim != seen.claims[token]}
    changed = dict(islice(differing.items(), MOST_CHANGED))
    settled = Settlement(seen, observed_at, Amounts(), changed, complete=len(changed) == len(differing))
    free = room - _left(settled.applied_to(seen.claims))
    return replace(settled, change=free - seen.free)


def gathering(seen: Balance, now: datetime) -> Settlement | None:
    """How the old claims of a pod that doesn't report are put under one token, as old as the newest of them.

    They count as before and end no sooner, but the item stays small, however long the pod is silent.
    None when at most one claim is old.
    """
    old_before = now.timestamp() - GATHERED_AFTER_SECONDS
    old = [claim for claim in seen.claims.values() if claim.made_at < old_before]
    if len(old) < 2:
        return None
    joined = {claim.token: claim for claim in old[:MOST_CHANGED]}
    if GATHERED in seen.claims:
        joined[GATHERED] = seen.claims[GATHERED]
    newest = max(claim.made_at for claim in joined.values())
    together = Claim(seen.pod_id, GATHERED, newest, _left(joined))
    return Settlement(seen, None, Amounts(), {**dict.fromkeys(joined), GATHERED: together})


def _left(claims: Mapping[str, Claim]) -> Amounts:
    return sum((claim.left for claim in claims.values()), Amounts())


def _numbers(shares: Iterable[Share]) -> dict[str, set[int]]:
    numbers: dict[str, set[int]] = {}
    for share in shares:
        numbers.setdefault(share.token, set()).add(share.number)
    return numbers
