"""Ports to what is stored of quotas: the limits, and how much of them is used up.

Each has two adapters: DynamoDB's, and one in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Balance, Claim, Settlement
from chalicelib.model.quota import Holder, QuotaSet


class QuotaStore(Protocol):
    """The limits that admins have written."""

    def get(self, holder: Holder) -> QuotaSet:
        """Read strongly; empty, of generation 0, when none were ever written."""

    def of_project(self, project_id: str) -> Sequence[QuotaSet]:
        """What was written for a project and for its users, read strongly."""

    def put(self, quota: QuotaSet) -> None:
        """Write ``quota.generation`` if the stored one is one less. Raises GenerationConflict."""

    def note(self, quota: QuotaSet) -> None:
        """Keep which pods were given these limits, unless others were written since."""

    def list(self) -> Sequence[QuotaSet]:
        """All that was ever written (a scan; only the refresh and the health page ask)."""


class UsageStore(Protocol):
    """What holders of a quota use, counted by all processes at once (see docs/design.md, Quotas).

    It is a balance like that of a pod's room, kept by the holder's id: what is free is what is used, below
    zero, so that a claim brings the limit along and a new limit needs no write here.
    """

    def read(self, holder_id: str) -> Balance | None:
        """Read strongly; None when nothing was ever claimed."""

    def begin(self, holder_id: str, free: Amounts) -> None:
        """Write a holder's first balance; nothing happens when there is one."""

    def claim(self, claim: Claim, least: Amounts) -> Claim:
        """Take its need in one write, if at least ``least`` is free of each resource.

        Returns the claim as it is stored; claiming with the same token again takes nothing. Raises
        PodFull; PodClosed when there is no balance; StoreBusy.
        """

    def forget(self, holder_id: str) -> None:
        """Delete the balance, which the next create begins anew; nothing happens when there is none."""

    def release(self, claim: Claim) -> None:
        """Give back what is left of a claim; nothing happens when it has ended. Raises StoreBusy."""

    def settle(self, settled: Settlement) -> bool:
        """Write what an observation changes; False, and nothing is written, when the balance has changed."""
