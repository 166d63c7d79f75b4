"""Quota claims: take what a create needs of its project's quota, and give back what it doesn't use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import ge

from chalicelib import observability
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.claim import UNCOUNTED, Balance, Claim, Settlement, Share, settlement_of
from chalicelib.model.errors import OverQuota, PodClosed, PodFull, StoreBusy
from chalicelib.model.identity import Caller
from chalicelib.model.quota import COUNTED, Holder, servers_limits
from chalicelib.scheduler.decision import Decision
from chalicelib.service.asking.quotas import Quotas
from chalicelib.service.asking.usage import UsageReader
from chalicelib.service.ports import Clock, LocationStore, Pause, UsageStore

GiveBack = Callable[[], None]
TakeQuota = Callable[[Decision], GiveBack]
"""Takes what a decision's request needs of the quota. Raises OverQuota, StoreBusy."""


def unlimited(_: Decision) -> GiveBack:
    """Take nothing, for creates that no quota concerns."""
    return lambda: None


# Quotas have no disk. In their balances it counts the claims that may yet be made until somebody looks at
# what is used, so that the items stay small.
MOST_UNSETTLED = 50
MOST_TRIES = 3
# Until a server's host begins with it, we can't see whether Nova counts it already. It mostly takes a second.
MOST_LOOKS, PAUSE_SECONDS = 5, 0.5
LEFT_SECONDS = 18.0  # for another look, and for the create itself afterwards
SKEW = timedelta(seconds=60)  # of a pod's clock, by which it says since when a server is new


@dataclass(frozen=True, slots=True)
class QuotaClaiming:
    """Counts what creates take, where all processes see it, before the pods' Novas count it.

    ``settle_seconds`` is after which time a claim ends whose servers nobody saw.
    """

    quotas: Quotas
    usages: UsageStore
    reader: UsageReader
    locations: LocationStore
    clock: Clock
    pause: Pause
    settle_seconds: float = 180.0
    _unlimited: set[str] = field(default_factory=set)

    def take(self, caller: Caller, decision: Decision) -> GiveBack:
        """Claim under the limits of the project, and of a user with his own; the decision is the token.

        Nothing is written where no limit is. Raises OverQuota in Nova's words, and StoreBusy; nothing stays
        claimed then.
        """
        taken: list[Claim] = []
        try:
            for holder, limits in self._limited(caller):
                claim = _claim(holder, decision, int(self.clock().timestamp()))
                taken.append(claim)
                self._take(caller, holder, claim, limits)
        except BaseException:
            self._give_back(taken)  # the last may be taken all the same
            raise
        return lambda: self._give_back(taken)

    def _limited(self, caller: Caller) -> Iterable[tuple[Holder, Totals]]:
        project_id, user_id = caller.identity.project_id, caller.identity.user_id
        holders = [Holder(project_id)]
        if any(name in self.quotas.own_limits(project_id, user_id) for name in COUNTED):
            # First, so that who waits for his own limit holds nothing of his project's meanwhile.
            holders.insert(0, Holder(project_id, user_id))
        for holder in holders:
            limits = servers_limits(self.quotas.limits(project_id, holder.user_id))
            if any(limit is not None for limit in limits):
                self._unlimited.discard(holder.holder_id)
                yield holder, limits
            else:
                self._stop_counting(holder.holder_id)

    def _stop_counting(self, holder_id: str) -> None:
        """Forget the balance of a holder without limits, since this create won't be in it.

        Once for each process: then it can only come back from one that knows of new limits.
        """
        if holder_id not in self._unlimited:
            self.usages.forget(holder_id)
            self._unlimited.add(holder_id)

    def _take(self, caller: Caller, holder: Holder, claim: Claim, limits: Totals) -> None:
        """Claim. Before the quota refuses, what is used is looked at anew: servers may be gone by now."""
        unclear = Amounts()
        for looks in range(MOST_TRIES + MOST_LOOKS):
            try:
                self.usages.claim(claim, _least(claim.need, limits, looks > 0))
                return
            except PodClosed:
                self._begin(caller, holder)
            except PodFull as full:
                if looks:
                    patient = looks < MOST_LOOKS and caller.deadline.left_seconds() >= LEFT_SECONDS
                    if not patient or not _fits(claim, full.free + unclear, limits):
                        raise _over(claim, full.free, limits, unclear) from full
                    self.pause(PAUSE_SECONDS)
                unclear = self._look(caller, holder)
        raise StoreBusy("the quota is counted anew too often")

    def _begin(self, caller: Caller, holder: Holder) -> None:
        """Begin to count. A silent pod may have servers of any size, so the next create looks anew."""
        usage = self.reader.of(caller, holder)
        room = _room(usage.servers, unsettled=0)
        self.usages.begin(holder.holder_id, room if usage.complete else replace(room, disk_gb=1))

    def _look(self, caller: Caller, holder: Holder) -> Amounts:
        """Settle the balance by what the pods say is used. What a silent pod has, the balance knows best.

        Returns what may be counted twice: the claims of servers that wait for a host.
        """
        seen, observed_at = self.usages.read(holder.holder_id), self.clock()
        if seen is None:
            return Amounts()
        usage = self.reader.of(caller, holder, _oldest(seen))
        if not usage.complete:
            # Else each create from now on would look, and wait for the silent pod.
            more = Amounts(disk_gb=MOST_UNSETTLED - seen.free.disk_gb)
            self.usages.settle(Settlement(seen, None, more, changed={}))
            return Amounts()
        ended, waiting = self._shares(seen, usage.counted), self._shares(seen, usage.waiting)
        room = _room(usage.servers, unsettled=len(seen.claims))
        settled = settlement_of(seen, room, observed_at, self.settle_seconds, ended, waiting=waiting)
        if settled is not None:
            self.usages.settle(settled)
        return sum((_of_one(seen.claims[share.token]) for share in waiting), Amounts())

    def _shares(self, seen: Balance, server_ids: Iterable[str]) -> list[Share]:
        """The shares of these servers in the claims of a balance."""
        found = self.locations.found(server_ids)
        shares = [location.share for location in found if location.share is not None]
        return [share for share in shares if share.token in seen.claims]

    def _give_back(self, taken: Iterable[Claim]) -> None:
        for claim in taken:
            try:
                self.usages.release(claim)
            except Exception:  # whatever it is, it must not hide why the claim is given back
                observability.logger().warning("quota not given back", exc_info=True)


def _claim(holder: Holder, decision: Decision, made_at: int) -> Claim:
    spec = decision.spec
    one = Amounts(vcpus=spec.flavor.vcpus, ram_mb=spec.flavor.ram_mb, instances=1)
    need = one.times(spec.count) + Amounts(disk_gb=1)
    return Claim(holder.holder_id, decision.decision_id, made_at, need, spec.count)


def _of_one(claim: Claim) -> Amounts:
    return claim.need.part(claim.count)


def _least(need: Amounts, limits: Totals, looked: bool) -> Amounts:
    """What must be free that the limits hold. What a balance has free is what is used, below zero.

    Who has just looked at what is used needn't do it again, though the balance holds many claims.
    """
    pairs = zip(need, limits, strict=True)
    least = Amounts(*(-UNCOUNTED if limit is None else amount - limit for amount, limit in pairs))
    return least if looked else replace(least, disk_gb=need.disk_gb)


def _fits(claim: Claim, free: Amounts, limits: Totals) -> bool:
    return all(map(ge, free, _least(claim.need, limits, looked=True)))


def _room(used: Amounts, unsettled: int) -> Amounts:
    return Amounts(disk_gb=MOST_UNSETTLED + unsettled) - used


def _oldest(seen: Balance) -> datetime | None:
    made = [claim.made_at for claim in seen.claims.values()]
    return datetime.fromtimestamp(min(made), UTC) - SKEW if made else None


def _over(claim: Claim, free: Amounts, limits: Totals, unclear: Amounts) -> OverQuota:
    """The refusal in Nova's words. Fewer servers may fit if what is ``unclear`` turns out to count once."""
    asked = list(zip(("cores", "ram", "disk", "instances"), claim.need, free, limits, strict=True))
    over = sorted(
        (name, str(amount), str(-left), str(limit))
        for name, amount, left, limit in asked
        if limit is not None and amount - left > limit
    )
    names, needs, useds, limited = (", ".join(texts) for texts in zip(*over, strict=True))
    at_best = zip(claim.need, free + unclear, limits, strict=True)
    limiting = [(need, left, limit) for need, left, limit in at_best if limit is not None and need]
    fitting = min(((limit + left) * claim.count // need for need, left, limit in limiting), default=0)
    return OverQuota(
        f"Quota exceeded for {names}: Requested {needs}, but already used {useds} of {limited} {names}",
        max(0, fitting),
    )
