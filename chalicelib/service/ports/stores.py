"""Ports to what is stored. Each has two adapters: DynamoDB's, and one in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import Binding, BindingChange, BindingEvent, BindingKey
from chalicelib.model.capacity import Capacity, CapacityReport, Catalogue, PodHealth
from chalicelib.model.claim import Balance, Claim, Settlement
from chalicelib.model.job import Job, Step
from chalicelib.model.location import Location
from chalicelib.model.page import BindingQuery, Page
from chalicelib.model.pod import Pod
from chalicelib.model.snapshot import Snapshot
from chalicelib.model.trouble import Trouble
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.profile_version import ProfileVersion


class Write(Protocol):
    """One store's write, to join another's transaction; both must be DynamoDB's, or both in memory."""

    def join(self, transaction: Any) -> None:
        """Add itself to the transaction."""


class PodStore(Protocol):
    """The operator's pods, joined with what they last reported and what was claimed since."""

    def create(self, pod: Pod) -> None:
        """Raises Conflict, naming ``pod_name``, when the name or id is taken."""

    def get(self, pod_id: str) -> Pod:
        """Read strongly. Raises NotFound."""

    def list(self) -> list[Pod]:
        """All pods, oldest first, each with its capacity, catalogue and health."""

    def update(self, before: Pod, after: Pod) -> Pod:
        """Write if the stored generation is that of ``before``; returns ``after`` with the next one.

        Raises GenerationConflict, or Conflict when a new name is taken.
        """

    def delete(self, pod: Pod) -> None:
        """Raises GenerationConflict when it was written since it was read."""


class SnapshotStore(Protocol):
    """All pods at one version, packed: what creates read instead of them."""

    def version(self) -> int:
        """The stored version, read strongly; 0: none was ever written."""

    def get(self) -> Snapshot | None:
        """Read strongly; None when there is none that can be read."""

    def put(self, snapshot: Snapshot) -> None:
        """Write ``snapshot.version`` if the stored one is one less. Raises GenerationConflict."""


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

    def claim(self, pod_id: str, need: Amounts, least: Amounts, at: datetime) -> Claim:
        """Take ``need`` in one write, if the pod is open and at least ``least`` is free of each resource.

        Raises PodFull, PodClosed, StoreBusy.
        """

    def release(self, claim: Claim) -> bool:
        """Give a claim back, once; False when a settlement has dropped its minute already."""

    def settle(self, settled: Settlement) -> bool:
        """Write what an observation changes; False, and nothing is written, when the balance has changed.

        Claims made since it was read don't count as a change.
        """


class BindingStore(Protocol):
    """Bindings and their history. Of two who write a binding at once, the database lets one win."""

    def get(self, key: BindingKey) -> Binding | None:
        """The binding, ended or not, read strongly; None if there never was one."""

    def of_project(self, project_id: str, affinity_group: str) -> list[Binding]:
        """The project's active bindings of a group, one a zone, in one strong query."""

    def commit(self, change: BindingChange, also: Sequence[Write] = ()) -> Binding:
        """Write binding and event in one transaction, if the generation before is still stored.

        Returns what is stored now. Raises BindingConflict, carrying the winner, when another
        request wrote first; StoreBusy when contention or throttling outlasts the retries. When the
        stored event is that of this very change, an earlier try had succeeded, and nothing is raised.
        """

    def find(self, query: BindingQuery, page: Page = Page()) -> list[Binding]:
        """Bindings that match, sorted by key."""

    def history(self, key: BindingKey) -> list[BindingEvent]:
        """All events, by generation, read strongly."""


class ProjectStore(Protocol):
    """The set of pods a project was ever placed in."""

    def pod_ids(self, project_id: str) -> frozenset[str]:
        """Read strongly: lists depend on it."""

    def add(self, project_id: str, pod_id: str) -> None:
        """Add a pod, before the first create there; adding it twice is harmless."""

    def addition(self, project_id: str, pod_id: str) -> Write:
        """The same, as a write that joins a binding's transaction."""

    def projects_in(self, pod_id: str) -> int:
        """How many projects were ever placed in the pod (a scan; only deleting a pod asks)."""

    def forget(self, pod_id: str) -> None:
        """Take a pod that is leaving for good out of every project's set."""


class LocationStore(Protocol):
    """Which pod holds which server."""

    def get(self, resource_id: str) -> Location | None:
        """The location, ended or not, read strongly; None when there is none."""

    def remember(self, location: Location) -> Location:
        """Write if absent or ended (which revives it); returns what is stored."""

    def end(self, resource_id: str, at: datetime) -> None:
        """End a location, since its pod says that the resource is gone; ending it twice is harmless."""

    def of_project(self, project_id: str, pod_id: str) -> list[Location]:
        """A project's resources in a pod that haven't ended (eventually consistent)."""

    def of_pod(self, pod_id: str, limit: int = 1000) -> list[Location]:
        """Resources in a pod that haven't ended (eventually consistent)."""

    def created_since(self, pod_id: str, since: datetime, limit: int) -> list[Location]:
        """A pod's resources that haven't ended, created at ``since`` or later (eventually consistent)."""

    def build_failed(self, resource_id: str, at: datetime) -> bool:
        """Mark a server as a failed build; True only for the first to do so, who counts it."""


class DecisionStore(Protocol):
    """Kept decisions, each for ``decision_ttl_days``."""

    def save(self, decision: Decision) -> None:
        """Write a decision; writing it again is harmless, since it never changes."""

    def get(self, decision_id: str) -> Decision:
        """Raises NotFound, also when it expired."""

    def list(self, project_id: str = "", page: Page = Page(limit=50)) -> list[Decision]:
        """Newest first; of all projects when none is named."""

    def of_request(self, request_id: str) -> Sequence[Decision]:
        """Newest first; several when the create went on to another pod (eventually consistent)."""


class ProfilesInForce(Protocol):
    """The profiles that decide about creates."""

    def get(self, az_name: str | None = None) -> Profile:
        """The profile that decides about a create that asks for this zone (None: for no zone).

        It is the zone's own profile, laid over ``default``; where a zone has none, and without a zone,
        ``default`` alone. Until ``default`` is written, it is the built-in ``spread``.
        """


class ProfileStore(ProfilesInForce, Protocol):
    """Profile documents, every version; the newest of a name counts."""

    def newest(self, name: str) -> ProfileVersion | None:
        """The latest version, an ended one too; None if the name was never written. Read strongly."""

    def put(self, written: ProfileVersion) -> ProfileVersion:
        """Write ``written.version`` if the stored one is one less. Raises GenerationConflict."""

    def history(self, name: str) -> list[ProfileVersion]:
        """All versions, oldest first."""

    def list(self) -> list[ProfileVersion]:
        """The latest version of each name, ended ones too, by name."""


class JobStore(Protocol):
    """Jobs and what they did about each binding."""

    def create(self, job: Job) -> None:
        """Write a new job."""

    def get(self, job_id: str) -> Job:
        """Read strongly. Raises NotFound."""

    def list(self) -> list[Job]:
        """All jobs, newest first."""

    def update(self, job: Job) -> Job:
        """Write if the stored generation is ``job.generation``; returns it with the next one.

        Raises GenerationConflict.
        """

    def steps(self, job_id: str) -> Sequence[Step]:
        """The last step of each binding, sorted by key, read strongly."""

    def save_step(self, job: Job, step: Step) -> None:
        """Write a step. Raises GenerationConflict when the job was written since it was read.

        If the same slice runs twice at a time and the other run has written a step that this one doesn't
        follow (``Step.follows``), nothing is written and nothing is raised.
        """

    def step_write(self, job: Job, step: Step) -> Write:
        """The same, as a write that joins a binding's transaction; when refused, none of that is written."""
