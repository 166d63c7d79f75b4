"""Keypair clean-up: pods lose the keys whose names were deleted, or given to another key."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.errors import GenerationConflict, InvalidField, NotFound, Trio2oError
from chalicelib.model.keypair import Keypair
from chalicelib.model.pod import Pod
from chalicelib.service.asking.pod_keypairs import PodKeypairs
from chalicelib.service.ports import Clock, KeypairStore, PodStore

MOST_AT_ONCE = 200
ROUND_SECONDS = 25.0  # the function that runs it may take somewhat longer


@dataclass(frozen=True, slots=True)
class CleanedUp:
    """How many keypairs a round has cleaned, and for how many it must come again."""

    cleaned: int
    postponed: int


@dataclass(frozen=True, slots=True)
class KeypairCleanUp:
    """Looks, with each pod's service credential, for keys where they may be and don't belong.

    It may run twice at a time, and may die anywhere: it only deletes a key that isn't the name's own, and
    what it learned is written only if the keypair is as it was read. A pod that is down is looked at later.
    """

    store: KeypairStore
    pods: PodStore
    inside: PodKeypairs
    clock: Clock

    def run(self) -> CleanedUp:
        """Clean what is due, as far as the round's time goes."""
        started, silent = self.clock(), set[str]()
        done = postponed = 0
        for due in self.store.due(started, MOST_AT_ONCE):
            if (self.clock() - started).total_seconds() > ROUND_SECONDS:
                break
            if self._clean(due, silent):
                done += 1
            else:
                postponed += 1
        return CleanedUp(done, postponed)

    def _clean(self, due: Keypair, silent: set[str]) -> bool:
        """Whether all is clean now; ``silent`` are the pods that a round needn't ask again."""
        keypair = self.store.get(due.user_id, due.name)
        if keypair is None or keypair.clean_at is None or keypair.clean_at > self.clock():
            return True  # somebody else did it, or is at work at this moment
        if keypair.key is None and keypair.reserved_until is not None:
            keypair = keypair.ended(self.clock())  # who reserved the name has died
        for pod_id in sorted(keypair.unsure_in - silent):
            try:
                keypair = self._clean_in(pod_id, keypair)
            except Trio2oError as error:
                if not isinstance(error, InvalidField):  # that is about the name
                    silent.add(pod_id)
                extra = {"pod_id": pod_id, "error": type(error).__name__}
                observability.logger().warning(f"keypairs not cleaned up: {error}", extra=extra)
        if keypair.unsure_in:
            keypair = keypair.postponed(self.clock())
        with suppress(GenerationConflict):
            self.store.put(keypair)
        return not keypair.unsure_in

    def _clean_in(self, pod_id: str, keypair: Keypair) -> Keypair:
        try:
            pod = self.pods.get(pod_id)
        except NotFound:
            return keypair.gone_from(pod_id)
        return self._cleaned(pod, keypair)

    def _cleaned(self, pod: Pod, keypair: Keypair) -> Keypair:
        if pod.is_hybrid:
            # It knows users of its own, one for each project. A key that is left there is named by our user,
            # whom no other create can name, and the user's next create under that name replaces it.
            return keypair.gone_from(pod.pod_id)
        user_id, name = keypair.user_id, keypair.name
        there = self.inside.find(pod, user_id, name)
        if there is None:
            return keypair.gone_from(pod.pod_id)
        if keypair.key is not None and there.fingerprint == keypair.key.fingerprint:
            return keypair.found_in(pod.pod_id)
        self.inside.delete(pod, user_id, name)
        return keypair.gone_from(pod.pod_id)
