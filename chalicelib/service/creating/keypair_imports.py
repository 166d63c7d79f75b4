"""Keypair imports: a pod gets the key that a create or a rebuild names, before it is sent there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.errors import InvalidField, PodUnreachable
from chalicelib.model.identity import Caller
from chalicelib.model.keypair import Keypair, PublicKey
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.asking.pod_keypairs import PodKeypairs
from chalicelib.service.creating.keypair_adoption import KeypairAdoption
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.ports import Clock, KeypairStore

WRITE_ATTEMPTS = 5
NO_SUCH_KEY = "Invalid key_name provided."  # Nova's words
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class KeypairImports:
    """Makes sure that a pod has a user's key. It is remembered, so the usual create asks the pod nothing."""

    store: KeypairStore
    adoption: KeypairAdoption
    pods: PodKeypairs
    clock: Clock

    def wanted(self, caller: Caller, name: str) -> Keypair | None:
        """The keypair that a request names; None when it names none.

        Raises InvalidField when the caller has no such keypair, in Nova's words, and Unavailable.
        """
        if not name:
            return None
        found = self.adoption.find(caller, caller.identity.user_id, name)
        if found is None or found.key is None:
            raise InvalidField("key_name", NO_SUCH_KEY)
        return found

    def before(
        self, caller: Caller, pod: Pod, keypair: Keypair | None, send: Callable[[], PodReply]
    ) -> PodReply:
        """Send once the pod has the key. The pod's own reply when it refuses the key.

        If the pod says that it doesn't have it after all, it gets it, and the request is sent once more.
        Raises PodUnreachable as ``send`` does; when the pod can't be given the key, ``sent`` is False.
        """
        if keypair is None or keypair.key is None:
            return send()
        refusal = (
            None if pod.pod_id in keypair.imported_in else self._given(caller, pod, keypair, keypair.key)
        )
        if refusal is not None:
            return refusal
        reply = send()
        if reply.status != 400 or NO_SUCH_KEY.encode() not in reply.body:
            return reply
        observability.logger().warning("a pod has lost a keypair", extra={"pod": pod.pod_name})
        return self._given(caller, pod, keypair, keypair.key) or send()

    def ensure(self, caller: Caller, pod: Pod, name: str) -> None:
        """Look whether a pod has the key that a rebuild names, and give it to the pod if not.

        The key is the caller's, as in Nova, not that of the server's owner. Raises InvalidField when the
        caller has none, PodRefused when the pod doesn't take it, PodUnreachable, Unavailable.
        """
        keypair = self.wanted(caller, name)
        if keypair is not None and keypair.key is not None:
            refusal = self._given(caller, pod, keypair, keypair.key)
            if refusal is not None:
                raise PodRefused(PodAnswer(pod, refusal))

    def _given(self, caller: Caller, pod: Pod, keypair: Keypair, key: PublicKey) -> PodReply | None:
        """Give the pod the key, unless it has it. The pod's refusal when it doesn't take it."""
        try:
            return self._put_there(caller, pod, keypair, key)
        except PodUnreachable as silence:
            # What is silent here is the import: the request itself was not sent.
            raise PodUnreachable(pod.pod_id, str(silence), sent=False) from silence

    def _put_there(self, caller: Caller, pod: Pod, keypair: Keypair, key: PublicKey) -> PodReply | None:
        user_id, name = keypair.user_id, keypair.name
        there = self.pods.find(pod, user_id, name, caller)
        if not _same(there, key):
            # Written first: if this process dies, the clean-up knows where to look.
            self._suspect(keypair, pod)
            if there is not None:
                observability.logger().warning("a pod's other key is replaced", extra={"pod": pod.pod_name})
                self.pods.delete(pod, user_id, name, caller)
            reply = self.pods.add(pod, user_id, name, key, caller)
            imported_meanwhile = reply.status == CONFLICT and _same(
                self.pods.find(pod, user_id, name, caller), key
            )
            if reply.status >= 400 and not imported_meanwhile:
                return reply
        self._remember(keypair, pod)
        return None

    @anew_when_overtaken(WRITE_ATTEMPTS)
    def _suspect(self, keypair: Keypair, pod: Pod) -> None:
        stored = self._stored(keypair)
        if stored.key != keypair.key:
            raise InvalidField("key_name", NO_SUCH_KEY)  # deleted since it was read
        self.store.put(stored.suspected_in(pod.pod_id, self.clock()))

    @anew_when_overtaken(WRITE_ATTEMPTS)
    def _remember(self, keypair: Keypair, pod: Pod) -> None:
        stored = self._stored(keypair)
        if stored.key == keypair.key:
            self.store.put(stored.found_in(pod.pod_id))
        else:  # deleted since, and perhaps cleaned up before the pod got it
            self.store.put(stored.suspected_in(pod.pod_id, self.clock()))

    def _stored(self, keypair: Keypair) -> Keypair:
        return self.store.get(keypair.user_id, keypair.name) or Keypair(
            keypair.user_id, keypair.name, self.clock()
        )


def _same(there: PublicKey | None, key: PublicKey) -> bool:
    return there is not None and there.fingerprint == key.fingerprint
