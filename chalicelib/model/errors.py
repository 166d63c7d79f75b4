"""Errors: what can go wrong, in our own words. The routes turn them into faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from chalicelib.model.amounts import Amounts
    from chalicelib.model.binding import Binding


class Trio2oError(Exception):
    """The root of all that we raise on purpose.

    ``for_tenants`` is what tenants are told where the message is for operators, since it names a pod, a
    technology or what else we do inside. Where it is empty, tenants read the message itself.
    """

    for_tenants: ClassVar[str] = ""


class WrongField(NamedTuple):
    """A key of the input, as the caller wrote it, and what is wrong with it."""

    field: str
    message: str


class InvalidField(Trio2oError):
    """Bad input; ``field`` names the key as the caller wrote it.

    Where several keys are wrong, ``wrong`` has all of them, the first included (``model/refusals.py``).
    """

    def __init__(self, field: str, message: str, others: Sequence[WrongField] = ()) -> None:
        """Remember the fields, so that an answer can point at each."""
        super().__init__(message)
        self.field = field
        self.wrong = (WrongField(field, message), *others)


class NotFound(Trio2oError):
    """Nothing has this id."""

    def __init__(self, kind: str, resource_id: str) -> None:
        """``kind`` is the noun as the caller knows it: pod, binding, Instance."""
        super().__init__(f"{kind} {resource_id} could not be found.")
        self.kind, self.resource_id = kind, resource_id


class ServiceNotFound(NotFound):
    """No pod has this service of Nova's. The message is Nova's."""

    def __init__(self, service_id: str) -> None:
        Trio2oError.__init__(self, f"Service {service_id} not found.")
        self.kind, self.resource_id = "Service", service_id


class KeypairNotFound(NotFound):
    """A user has no keypair of this name. The message is Nova's."""

    def __init__(self, name: str, user_id: str) -> None:
        Trio2oError.__init__(self, f"Keypair {name} not found for user {user_id}")
        self.kind, self.resource_id = "Keypair", name


class LabelNotFound(NotFound):
    """A server has no such tag or metadata item. The message is Nova's."""

    def __init__(self, label: str, message: str) -> None:
        Trio2oError.__init__(self, message)
        self.kind, self.resource_id = "Label", label


class Conflict(Trio2oError):
    """The present state of things doesn't allow it; the message says why.

    ``field`` names the key of the input that collides, where one does.
    """

    def __init__(self, message: str, field: str = "") -> None:
        """Remember the field, so that an answer can point at it."""
        super().__init__(message)
        self.field = field


class Unproven(Conflict):
    """A pod doesn't show that it is what its record says; ``field`` is what seems to be wrong there."""

    for_tenants = "A pod can't be used now."


class GenerationConflict(Conflict):
    """Somebody wrote first: the generation that was read is no longer the stored one."""

    for_tenants = "It was changed at the same time. Try again."


class StillCreating(Conflict):
    """Another request with the same ``Idempotency-Key`` is creating, or was broken off a short while ago."""

    def __init__(self) -> None:
        super().__init__(
            "A create with this Idempotency-Key is under way; send the same request again later."
        )


class KeyReused(Trio2oError):
    """An ``Idempotency-Key`` that the project has used for another request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request, so nothing was done.")


class BindingConflict(Conflict):
    """Another request wrote the binding first; ``winner`` is what it wrote (None: it is gone)."""

    for_tenants = "Another request came first. Try again."

    def __init__(self, winner: Binding | None) -> None:
        """Carry the winner, so that the loser can take its pod."""
        super().__init__("another request wrote the binding first")
        self.winner = winner


class AlreadyAsked(Trio2oError):
    """Somebody else is asking the pod the same at this moment, and nothing is known yet of its answer."""


class ClaimRefused(Trio2oError):
    """A pod's balance refuses a claim, so the create must decide again."""

    def __init__(self, pod_id: str, message: str) -> None:
        super().__init__(message)
        self.pod_id = pod_id


class PodFull(ClaimRefused):
    """Too little is free in the pod; ``free`` is how much."""

    def __init__(self, pod_id: str, free: Amounts) -> None:
        """Carry what is free, so that the next decision is made on it."""
        super().__init__(pod_id, f"pod {pod_id} has too little left")
        self.free = free


class PodClosed(ClaimRefused):
    """The pod takes nothing new, or has no balance (``unknown``): it is gone, or older than balances."""

    def __init__(self, pod_id: str, unknown: bool = False) -> None:
        """``unknown`` is True when there is no balance at all."""
        super().__init__(pod_id, f"pod {pod_id} takes nothing new")
        self.unknown = unknown


class StoreBusy(Trio2oError):
    """The store refused or gave no answer, again at each retry, or the request's time is over.

    The message is for operators; callers are only told to try again.
    """

    for_tenants = "The service is busy now. Try again later."


class Unauthenticated(Trio2oError):
    """No token, or one that Keystone doesn't accept for a project."""


class Forbidden(Trio2oError):
    """A known caller without the right."""


class TooMany(Trio2oError):
    """The project asks for more in a minute than it may."""

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        """Remember when it may ask again."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class OverQuota(Forbidden):
    """The project, or its user, would have more than its quota allows; the message is Nova's."""

    def __init__(self, message: str, fitting: int = 0) -> None:
        """``fitting`` is how many of the servers that were asked for the quota still allows."""
        super().__init__(message)
        self.fitting = fitting


class KeystoneUnavailable(Trio2oError):
    """Keystone can't be asked, so nothing can be said about a token."""

    for_tenants = "Keystone doesn't answer now. Try again later."


class NotAcceptable(Trio2oError):
    """A version of the API that not all pods speak."""


class Unavailable(Trio2oError):
    """Nobody who could answer does so now; nothing was changed."""


class OutcomeUnknown(Trio2oError):
    """A request reached a pod and its answer was lost: it may or may not have happened."""


class OutcomePending(Trio2oError):
    """The same, but the client may ask again, since its request carries an ``Idempotency-Key``."""

    def __init__(self) -> None:
        told = "The outcome of the create isn't known yet; send it again, with the same Idempotency-Key."
        super().__init__(told)


class NoPod(Trio2oError):
    """No pod can take a request; ``status`` is 400, 403, 409 or 503 (see docs/design.md, No pod)."""

    def __init__(self, status: int, message: str, decision_id: str = "") -> None:
        """``decision_id`` lets an operator read why."""
        super().__init__(message)
        self.status, self.decision_id = status, decision_id


class PodUnreachable(Trio2oError):
    """A pod didn't answer.

    ``sent`` tells whether the request may have reached it: after False nothing happened there,
    after True the outcome is unknown.
    """

    for_tenants = "What holds this resource doesn't answer now. Try again later."

    def __init__(self, pod_id: str, message: str, sent: bool) -> None:
        """Remember the pod and whether anything was sent."""
        super().__init__(message)
        self.pod_id, self.sent = pod_id, sent


class NoAnswer(PodUnreachable):
    """What came back from a pod is no answer to what it was asked."""


class NoWayIn(PodUnreachable):
    """A pod with a Keystone of its own can't be asked for this project, whose credential there fails.

    Nothing was sent, and nothing is said about the pod: others may get their answers.
    """

    def __init__(self, pod_id: str, message: str) -> None:
        """Say that nothing was sent."""
        super().__init__(pod_id, message, sent=False)


class UntrustedReport(Trio2oError):
    """A pod's capacity report holds values that can't be true; the last good one stays."""


class NoCredential(Trio2oError):
    """The pod has no service credential, so background work can't reach it."""
