"""Attempts: the steps that every create shares, in one pod after the other until one answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib import observability
from chalicelib.model.errors import NoPod, OutcomeUnknown, PodUnreachable, Trio2oError, Unavailable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.resource import Resource
from chalicelib.model.snapshot import Snapshot
from chalicelib.service.creating.binding import Binder
from chalicelib.service.creating.choosing import Chosen

MOST_PODS = 3  # that one create tries
Send = Callable[[Pod], PodReply]


class Conclusion(StrEnum):
    """What a pod's answer to a create means, or its silence."""

    ACCEPTED = "accepted"  # the pod makes what was asked for
    REFUSED = "refused"  # it makes nothing, and its answer says why
    UNREACHED = "unreached"  # nothing was sent, so nothing can have come of it
    UNKNOWN = "unknown"  # it may have made it or not


@dataclass(frozen=True, slots=True)
class Sent:
    """A create that a pod has answered."""

    chosen: Chosen
    reply: PodReply
    conclusion: Conclusion


@dataclass(frozen=True, slots=True)
class Attempts:
    """Sends a create to the pod that is chosen for it, and to the next where one can't be reached.

    ``resource`` is what it creates, named in what the client is told.
    """

    binder: Binder
    resource: Resource

    def make(self, spec: RequestSpec, snapshot: Snapshot, send: Send, user_id: str = "") -> Sent:
        """Bind, send, conclude; ``MOST_PODS`` at most.

        ``send`` puts the create to a pod, as a ``PodClient`` does. Raises NoPod, StoreBusy, Unavailable,
        OutcomeUnknown and what ``send`` raises; only after OutcomeUnknown does its room stay claimed.
        """
        for _ in range(MOST_PODS):
            chosen = self._bound(spec, snapshot, user_id)
            # All is decided and nothing is sent: what must outlive a crash has to be written by now.
            sent = self._conclude(chosen, _answer(chosen, send))
            if sent is not None:
                return sent
            spec = spec.failed_in(chosen.pod.pod_id)
        raise Unavailable(f"The pods that could take the {self.resource.member} don't answer now.")

    def _bound(self, spec: RequestSpec, snapshot: Snapshot, user_id: str) -> Chosen:
        try:
            return self.binder.bind(spec, snapshot, user_id)
        except NoPod as error:
            if spec.failed_pod_ids:
                told = f"The pod that could take the {self.resource.member} doesn't answer now."
                raise Unavailable(told) from error
            raise

    def _conclude(self, chosen: Chosen, answer: PodReply | PodUnreachable) -> Sent | None:
        """The create as the pod answered it; None when nothing was sent, so that another pod may be tried.

        Where nothing came of it the room is given back. Where that is unknown the claim stays and ends with
        its minute: by then a report shows what came of it. Raises OutcomeUnknown when a sent create has no
        answer.
        """
        conclusion = conclusion_from(answer)
        if conclusion in (Conclusion.REFUSED, Conclusion.UNREACHED):
            chosen.release()
        if isinstance(answer, PodReply):
            observability.count_create(chosen.action, answer.status)
            return Sent(chosen, answer, conclusion)
        if conclusion is Conclusion.UNKNOWN:
            observability.logger().error(f"create outcome unknown: {answer}", extra=_names(chosen))
            told = (
                f"The outcome of the create is unknown; list {self.resource.collection} before trying again."
            )
            raise OutcomeUnknown(told) from answer
        observability.logger().warning("pod unreachable on create", extra=_names(chosen))
        return None


def _answer(chosen: Chosen, send: Send) -> PodReply | PodUnreachable:
    try:
        return send(chosen.pod)
    except PodUnreachable as silence:
        return silence
    except Trio2oError:
        chosen.release()  # it was never sent
        raise


def conclusion_from(answer: PodReply | PodUnreachable) -> Conclusion:
    """What a pod's answer means for the create that it was sent."""
    if isinstance(answer, PodUnreachable):
        return Conclusion.UNKNOWN if answer.sent else Conclusion.UNREACHED
    if 400 <= answer.status < 500:
        return Conclusion.REFUSED
    return Conclusion.ACCEPTED if answer.status == 202 else Conclusion.UNKNOWN


def _names(chosen: Chosen) -> Mapping[str, str]:
    return {"pod": chosen.pod.pod_name, "decision_id": chosen.decision.decision_id}
