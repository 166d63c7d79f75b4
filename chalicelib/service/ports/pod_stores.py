"""Ports to what is stored of pods. Each has two adapters: DynamoDB's, and one in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import Capacity, CapacityReport, Catalogue, PodHealth
from chalicelib.model.claim import Balance, Claim, Settlement, Share
from chalicelib.model.deed import Deed
from chalicelib.model.pod import Pod
from chalicelib.model.pod_event import PodEvent
from chalicelib.model.snapshot import Snapshot
from chalicelib.model.trouble import Trouble


class PodStore(Protocol):
    """The operator's pods, joined with what they last reported and what was claimed since.

    Each write adds an event to the pod's history, in the same transaction.
    """

    def create(self, pod: Pod, deed: Deed) -> None:
        """Raises Conflict, naming ``pod_name``, when the name or id is taken."""

    def get(self, pod_id: str) -> Pod:
        """Read strongly. Raises NotFound."""

    def list(self) -> list[Pod]:
        """All pods, oldest first, each with its capacity, catalogue and health."""

    def update(self, before: Pod, after: Pod, deed: Deed) -> Pod:
        """Write if the stored generation is that of ``before``; returns ``after`` with the next one.

        Raises GenerationConflict, or Conflict when a new name is taken, or when a project of its own Keystone
        that it newly serves a project by was ever another project's.
        """

    def delete(self, pod: Pod, deed: Deed) -> None:
        """Raises GenerationConflict when it was written since it was read."""

    def history(self, pod_id: str, after: int = 0, limit: int = 1000) -> Sequence[PodEvent]:
        """Events of generations beyond ``after``, oldest first, read strongly; those of deleted pods stay."""


class PodNumberStore(Protocol):
    """A small number for each pod, for good: one that was ever given is never given to another pod."""

    def of(self, pod_ids: Iterable[str]) -> Mapping[str, int]:
        """Every number that was ever given, after each of these pods has got one; read strongly."""


class SnapshotStore(Protocol):
    """All pods at one version, packed: what creates read instead of them."""

    def version(self) -> int:
        """The stored version, read strongly; 0: none was ever written."""

    def get(self) -> Snapshot | None:
        """Read strongly; None when there is none that can be read."""

    def put(self, snapshot: Snapshot) -> None:
        """Write ``snapshot.version`` if the stored one is one less. Raises GenerationConflict."""


class LeaseStore(Protocol):
    """Who may observe all pods now."""

    def take(self, at: datetime, until: datetime) -> bool:
        """Take the lease if it is free ``at`` this moment; False when another process has it.

        It ends ``until`` then, to the second, since a process may die with it.
        """

    def give_back(self, until: datetime) -> None:
        """End the lease that was taken ``until`` then; one that another process has taken since stays."""


class CapacityStore(Protocol):
    """What pods last reported; written by the refresh alone."""

    def save(self, pod_id: str, report: CapacityReport) -> None:
        """Keep a good report, unless a newer one is kept; the pod is reachable again.

        Raises UntrustedReport for one that is too large to keep.
        """

    def failed(self, pod_id: str, at: datetime, error: str, reachable: bool | None = False) -> PodHealth:
        """Note a refresh that failed, unless a newer report is kept; the last good one stays and ages.

        ``reachable`` False: the pod gave no answer, so it is out of reach from the first such refresh in a
        row. True: it answered, so it is reachable again. None: the refresh failed before it asked the pod
        (no credential, Keystone down). That proves nothing, so neither changes.
        """

    def get(self, pod_id: str) -> tuple[Capacity | None, Catalogue | None, PodHealth]:
        """The last good capacity and catalogue, and how the last refreshes went. Read strongly."""

    def delete(self, pod_id: str) -> None:
        """Forget a pod that was deleted."""


class TroubleStore(Protocol):
    """What went wrong in pods lately, where all processes see it."""

    def list(self) -> list[Trouble]:
        """All troubles, sorted by pod id, read strongly."""

    def get(self, pod_id: str) -> Trouble:
        """The troubles of one pod, read strongly; blank when it has none."""

    def put(self, trouble: Trouble) -> Trouble:
        """Write if the stored generation is ``trouble.generation``; returns it with the next one.

        Raises GenerationConflict, StoreBusy.
        """


class ClaimStore(Protocol):
    """The pods' balances: what is free now, whatever the last reports say (see docs/design.md, Claims).

    The pod store adds, fences and removes balances, in the transactions that write pods.
    """

    def read(self, pod_id: str) -> Balance | None:
        """Read strongly; None when the pod has none."""

    def open(self, pod: Pod) -> None:
        """Give a pod that has no balance its first, if the pod is still as it was read."""

    def claim(self, claim: Claim, least: Amounts) -> Claim:
        """Take its need in one write, if the pod is open and at least ``least`` is free of each resource.

        Returns the claim as it is stored; claiming with the same token again takes nothing. Raises
        PodFull, PodClosed, StoreBusy.
        """

    def release(self, claim: Claim) -> None:
        """Give back what is left of a claim; nothing happens when it has ended. Raises StoreBusy."""

    def release_share(self, share: Share) -> None:
        """Give back one server's part of a claim; nothing happens when it has ended. Raises StoreBusy."""

    def settle(self, settled: Settlement) -> bool:
        """Write what an observation changes; False, and nothing is written, when the balance has changed.

        Claims made since it was read don't count as a change.
        """
