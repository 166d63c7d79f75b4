"""Keypair generation: a pod makes a key for a user, and we keep the public half."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.errors import OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.keypair import Keypair, PublicKey, number_of
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.asking.pod_keypairs import PodKeypairs
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import Clock, Ids, KeypairStore, ProjectStore

CONFLICT = 409
# By these a pod says that it made nothing, for a reason that other pods need not share: its own quota of
# keypairs, its own trouble.
_TRY_ANOTHER = (401, 403, 429, 503)


@dataclass(frozen=True, slots=True)
class KeypairGeneration:
    """Asks the pods that are open to the project, oldest first, until one makes a key."""

    store: KeypairStore
    roster: Roster
    projects: ProjectStore
    pods: PodKeypairs
    clock: Clock
    ids: Ids

    def generate(self, caller: Caller, before: Keypair, key_type: str) -> tuple[Keypair, str]:
        """The keypair with its private key. ``before`` is what is stored of its name, which is free.

        The name is reserved first, with all pods that may come to hold a key of it: so nobody else can take
        it meanwhile, and if this process dies the pods are cleaned. Raises GenerationConflict when another
        request took the name, PodRefused, OutcomeUnknown when a pod may have made a key, Unavailable.
        """
        project_id = caller.identity.project_id
        # Those that the project is in come first: it depends on them in any case.
        own = self.projects.pod_ids(project_id)
        pods = sorted(self.roster.open_to(project_id), key=lambda pod: pod.pod_id not in own)
        pod_ids = frozenset(pod.pod_id for pod in pods)
        reserved = self.store.put(before.reserved(self.clock(), number_of(self.ids()), pod_ids))
        asked: set[str] = set()
        try:
            pod, key, private_key = self._made(pods, caller, reserved, key_type, asked)
        except BaseException:
            self.store.put(_only(reserved, before.unsure_in | asked).ended(self.clock()))
            raise
        named = _only(reserved, before.unsure_in | asked).given(key, self.clock(), reserved.number)
        return self.store.put(named.found_in(pod.pod_id)), private_key

    def _made(
        self, pods: list[Pod], caller: Caller, keypair: Keypair, key_type: str, asked: set[str]
    ) -> tuple[Pod, PublicKey, str]:
        """The first pod that makes a key, with both halves; ``asked`` gets those that may have made one."""
        refusal: PodAnswer | None = None
        for pod in pods:
            asked.add(pod.pod_id)
            try:
                reply, key, private_key = self._ask(pod, caller, keypair, key_type)
            except PodUnreachable as silence:
                if silence.sent:
                    raise OutcomeUnknown(
                        "The outcome is unknown; list the keypairs before trying again."
                    ) from silence
                asked.discard(pod.pod_id)
                continue
            if key is not None:
                return pod, key, private_key
            asked.discard(pod.pod_id)
            refusal = PodAnswer(pod, reply)
            if reply.status not in _TRY_ANOTHER:
                break
        if refusal is None or refusal.reply.status == 401:
            raise Unavailable("No pod that could make a keypair answers now.")
        raise PodRefused(refusal)

    def _ask(
        self, pod: Pod, caller: Caller, keypair: Keypair, key_type: str
    ) -> tuple[PodReply, PublicKey | None, str]:
        user_id, name = keypair.user_id, keypair.name
        made = self.pods.generate(pod, user_id, name, key_type, caller)
        if made[0].status != CONFLICT:
            return made
        # The name is ours to give: what the pod has there was deleted, or never seen because another pod has
        # the name too.
        observability.logger().warning("a pod's key is replaced by a new one", extra={"pod": pod.pod_name})
        self.pods.delete(pod, user_id, name, caller)
        return self.pods.generate(pod, user_id, name, key_type, caller)


def _only(keypair: Keypair, pod_ids: frozenset[str]) -> Keypair:
    """The keypair without the pods that nobody asked."""
    for pod_id in keypair.unsure_in - pod_ids:
        keypair = keypair.gone_from(pod_id)
    return keypair
