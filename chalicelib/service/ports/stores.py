"""Ports to what is stored of projects, decisions, profiles and jobs.

Each has two adapters: DynamoDB's, and one in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from chalicelib.model.binding import Binding, BindingChange, BindingEvent, BindingKey
from chalicelib.model.job import Job, Step
from chalicelib.model.keypair import Keypair
from chalicelib.model.page import BindingQuery, BindingRows, Page
from chalicelib.model.shared_write import UnfinishedWrite
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.profile_version import ProfileVersion


class Write(Protocol):
    """One store's write, to join another's transaction; both must be DynamoDB's, or both in memory."""

    def join(self, transaction: Any) -> None:
        """Add itself to the transaction."""


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

    def in_pod(self, pod_id: str, after: str, limit: int) -> BindingRows:
        """A pod's active bindings behind that binding id, in an order of the store's (eventually consistent).

        It reads ``limit`` rows at most, however many the pod has.
        """

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

    def projects_in(self, pod_id: str) -> Sequence[str]:
        """The ids of the projects that were ever placed in the pod (a scan; only deleting a pod asks)."""

    def forget(self, pod_id: str) -> None:
        """Take a pod that is leaving for good out of every project's set."""


class DecisionStore(Protocol):
    """Kept decisions, each for ``decision_ttl_days``."""

    def save(self, decision: Decision, pod_request_id: str = "") -> None:
        """Write a decision; writing it again is harmless, since it never changes.

        ``pod_request_id`` is the id under which the pod knows the create, where that made nothing: it finds
        the decision too.
        """

    def get(self, decision_id: str) -> Decision:
        """Raises NotFound, also when it expired."""

    def list(self, project_id: str = "", page: Page = Page(limit=50)) -> list[Decision]:
        """Newest first; of all projects when none is named."""

    def of_request(self, request_id: str) -> Sequence[Decision]:
        """Of our request id or the pod's, the last attempt first; several when the create went on to another
        pod (eventually consistent).
        """


class RateStore(Protocol):
    """How many of something a project asked for in a window, as all processes counted it."""

    def report(self, window_id: str, process_id: str, count: int, until: datetime) -> int:
        """Keep what a process counted in a window so far; returns what all counted. Raises StoreBusy.

        What is kept may be forgotten after ``until``.
        """


class UnfinishedStore(Protocol):
    """Writes for every pod that have begun and aren't known to be done in all of them."""

    def list(self) -> list[UnfinishedWrite]:
        """All of them, the oldest first, read strongly."""

    def put(self, write: UnfinishedWrite) -> None:
        """Write it in place of what is noted of the same call."""

    def forget(self, call_id: str) -> None:
        """It is done everywhere, or nothing is left to do; forgetting it twice is harmless."""


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

    def steps(self, job_id: str, after: str = "", limit: int = 1000) -> Sequence[Step]:
        """The last steps of the first bindings behind that binding id, sorted by id, read strongly."""

    def steps_about(self, job_id: str, keys: Iterable[BindingKey]) -> Sequence[Step]:
        """The last steps of these bindings (100 at most) that there are, read strongly."""

    def save_step(self, job: Job, step: Step) -> None:
        """Write a step. Raises GenerationConflict when the job was written since it was read.

        If the same slice runs twice at a time and the other run has written a step that this one doesn't
        follow (``Step.follows``), nothing is written and nothing is raised.
        """

    def step_write(self, job: Job, step: Step) -> Write:
        """The same, as a write that joins a binding's transaction; when refused, none of that is written."""


class KeypairStore(Protocol):
    """Users' keypairs by name, and from which pods those of each user were adopted."""

    def get(self, user_id: str, name: str) -> Keypair | None:
        """The keypair of a name, one without a key too, read strongly; None if there is none."""

    def of_user(self, user_id: str) -> list[Keypair]:
        """All of a user's keypairs by name, those without a key too, read strongly."""

    def put(self, keypair: Keypair) -> Keypair:
        """Write if the stored generation is ``keypair.generation``; returns it with the next one.

        Raises GenerationConflict.
        """

    def due(self, at: datetime, limit: int) -> list[Keypair]:
        """The keypairs to be cleaned by now, those first that are due longest (eventually consistent)."""

    def adopted_from(self, user_id: str) -> frozenset[str]:
        """The ids of the pods whose keypairs of this user were adopted, read strongly."""

    def adopted(self, user_id: str, pod_ids: Iterable[str]) -> None:
        """Note that the keypairs that these pods have of this user were adopted; at least one pod."""
