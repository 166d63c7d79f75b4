"""Attempts: the steps that every create shares, in one pod after the other until one replies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from chalicelib import observability
from chalicelib.model.errors import NoPod, OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.json_values import read_json
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, from_service
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.resource import Resource
from chalicelib.model.snapshot import Snapshot
from chalicelib.service.asking.retry_budget import RetryBudget
from chalicelib.service.creating.binding import Binder
from chalicelib.service.creating.choosing import Chosen
from chalicelib.service.creating.intents import NoIntent
from chalicelib.service.creating.quota_claims import TakeQuota, unlimited

MOST_PODS = 3  # that one create tries
BAD_REQUEST, FORBIDDEN = 400, 403
# By status, the fault's name and how its message begins where a pod lacks what another may have.
_LACKS = {
    FORBIDDEN: (
        "forbidden",
        re.compile(r"Quota exceeded(?: for |, too many key pairs)|Maximum number of ports exceeded"),
    ),
    BAD_REQUEST: (
        "badRequest",
        re.compile(
            r"Can not find requested image|Block Device Mapping is Invalid: failed to get image "
            r"|(?:Network|Volume type) .+ could not be found\."
        ),
    ),
}
Send = Callable[[Pod], PodReply]
Bind = Callable[[RequestSpec, Snapshot], Chosen]


class Conclusion(StrEnum):
    """What a pod's reply to a create means, or its silence."""

    ACCEPTED = "accepted"  # the pod makes what was asked for
    REFUSED = "refused"  # it makes nothing, and its reply says why
    LACKS = "lacks"  # it makes nothing, since it lacks room for the project, or what the request names
    UNREACHED = "unreached"  # nothing came to the service, so nothing can have come of it
    UNKNOWN = "unknown"  # it may have made it or not


@dataclass(frozen=True, slots=True)
class Sent:
    """A create that a pod has replied to."""

    chosen: Chosen
    reply: PodReply
    conclusion: Conclusion


class Lost(OutcomeUnknown):
    """No reply came to a create that was sent; what it was ``chosen`` for may be made all the same."""

    def __init__(self, message: str, chosen: Chosen) -> None:
        super().__init__(message)
        self.chosen = chosen


@dataclass(frozen=True, slots=True)
class Attempts:
    """Sends a create to the pod that is chosen for it, and to the next where one can't be reached.

    So it does where a pod lacks what another may have: an image, a network, a volume type, or room by its
    own quota, since the project's quota is ours to give, and it allowed the create before anything was sent.

    ``resource`` is what it creates, named in what the client is told. ``budget`` bounds how many creates of
    all go on because a pod could not be reached; the client of another may try again itself.
    """

    binder: Binder
    resource: Resource
    budget: RetryBudget = field(default_factory=RetryBudget)

    def make(
        self,
        spec: RequestSpec,
        snapshot: Snapshot,
        send: Send,
        user_id: str = "",
        take_quota: TakeQuota = unlimited,
        *,
        intent: NoIntent = NoIntent(),
    ) -> Sent:
        """Bind, send, conclude; ``MOST_PODS`` at most.

        The ``intent`` is written before anything is sent, and after it when nothing came of the create.

        ``send`` puts the create to a pod, as a ``PodClient`` does: what goes wrong once something may have
        been sent is a PodUnreachable. If all pods lack what is asked for, the last one's reply is returned;
        Unavailable is raised where one that was silent may have it. Raises NoPod, OverQuota, StoreBusy,
        StillCreating, Unavailable, Lost and what ``send`` raises, be it unforeseen; on each of these but Lost
        the claim is released.
        """
        bind = partial(self.binder.bind, user_id=user_id, take_quota=take_quota, intent=intent)
        try:
            sent = self._tried(spec, snapshot, send, bind)
        except Lost:
            raise
        except Exception:
            intent.failed()
            raise
        if sent.conclusion in (Conclusion.REFUSED, Conclusion.LACKS):
            intent.failed()
        return sent

    def _tried(self, spec: RequestSpec, snapshot: Snapshot, send: Send, bind: Bind) -> Sent:
        refused: Sent | None = None
        self.budget.asked()
        for _ in range(MOST_PODS):
            try:
                chosen = self._bound(spec, snapshot, bind)
            except Unavailable:
                if refused is None:
                    raise
                break
            sent = self._conclude(chosen, _reply_or_silence(chosen, send))
            if sent is not None and sent.conclusion is not Conclusion.LACKS:
                return sent
            if sent is not None:
                refused = sent
                spec = spec.refused_in(chosen.pod.pod_id, chosen.decision.decision_id)
                continue
            spec = spec.failed_in(chosen.pod.pod_id)
            if not self.budget.spend():
                break
        # A silent pod may have the image, network or volume type that the others lack. Their own quotas
        # are told all the same.
        if refused is None or (spec.met_silence and refused.reply.status == BAD_REQUEST):
            raise Unavailable(f"The pods that could take the {self.resource.member} don't answer now.")
        return refused

    def _bound(self, spec: RequestSpec, snapshot: Snapshot, bind: Bind) -> Chosen:
        try:
            return bind(spec, snapshot)
        except NoPod as error:
            if spec.failed_pod_ids:
                told = f"The pod that could take the {self.resource.member} doesn't answer now."
                raise Unavailable(told) from error
            raise

    def _conclude(self, chosen: Chosen, outcome: PodReply | PodUnreachable) -> Sent | None:
        """The create and the pod's reply; None when it reached no service, so that another pod may be tried.

        Where nothing came of it the claim is released. Where that is unknown it stays until it is old enough
        that a report shows what came of it. Raises Lost when a sent create has no reply.
        """
        conclusion = conclusion_from(outcome)
        if conclusion in (Conclusion.REFUSED, Conclusion.LACKS, Conclusion.UNREACHED):
            chosen.release()
        if isinstance(outcome, PodReply):
            observability.count_create(chosen.action, outcome.status)
            return Sent(chosen, outcome, conclusion)
        if conclusion is Conclusion.UNKNOWN:
            observability.logger().error(f"create outcome unknown: {outcome}", extra=_names(chosen))
            told = (
                f"The outcome of the create is unknown; list {self.resource.collection} before trying again."
            )
            raise Lost(told, chosen) from outcome
        observability.logger().warning("pod unreachable on create", extra=_names(chosen))
        return None


def _reply_or_silence(chosen: Chosen, send: Send) -> PodReply | PodUnreachable:
    """A reply of the pod's own service. What a proxy in front of it says is silence."""
    try:
        return from_service(chosen.pod, send(chosen.pod))
    except PodUnreachable as silence:
        return silence
    except Exception:
        chosen.release()  # it was never sent
        raise


def conclusion_from(outcome: PodReply | PodUnreachable) -> Conclusion:
    """What a pod's reply or silence means for the create that it was sent."""
    if isinstance(outcome, PodUnreachable):
        return Conclusion.UNKNOWN if outcome.sent else Conclusion.UNREACHED
    if _tells_of_lack(outcome):
        return Conclusion.LACKS
    # Nova answers 503 before it does anything: its token middleware does, while Keystone is silent.
    if 400 <= outcome.status < 500 or outcome.status == 503:
        return Conclusion.REFUSED
    return Conclusion.ACCEPTED if outcome.status == 202 else Conclusion.UNKNOWN


def _tells_of_lack(reply: PodReply) -> bool:
    """Whether another pod may have what this one refuses for want of; room for the keypair counts, too."""
    if reply.status not in _LACKS:
        return False
    fault, told = _LACKS[reply.status]
    try:
        message = read_json(reply.body)[fault]["message"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(message, str) and told.match(message) is not None


def _names(chosen: Chosen) -> Mapping[str, str]:
    return {"pod": chosen.pod.pod_name, "decision_id": chosen.decision.decision_id}
