"""Keypair adoption: what a user had in the pods before us becomes ours, when we first hear of the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.errors import GenerationConflict, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.keypair import Keypair, PublicKey, number_of
from chalicelib.model.pod import Pod
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pod_keypairs import PodKeypairs
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import Clock, Ids, KeypairStore


@dataclass(frozen=True, slots=True)
class KeypairAdoption:
    """Asks each pod once for each user, and looks names up.

    A pod that doesn't answer, or that comes later, is asked at the next occasion.
    """

    store: KeypairStore
    roster: Roster
    pods: PodKeypairs
    fan_out: FanOut
    clock: Clock
    ids: Ids
    deadline_seconds: float

    def find(self, caller: Caller, user_id: str, name: str) -> Keypair | None:
        """The keypair of a name, one without a key too; at first sight of a name the pods are asked.

        Raises Unavailable when nobody has it and a pod that may couldn't be asked.
        """
        known = self.store.get(user_id, name)
        if known is not None:
            return known
        silent = self.adopt(caller, user_id)
        known = self.store.get(user_id, name)
        if known is None and silent:
            raise Unavailable(f"Keypair {name} can't be looked up now: what may hold it doesn't answer.")
        return known

    def adopt(self, caller: Caller, user_id: str) -> Sequence[Pod]:
        """Adopt what the pods have that weren't asked about this user yet; returns those that are silent."""
        asked = self.store.adopted_from(user_id)
        pods = [pod for pod in self.roster.open_to(caller.identity.project_id) if pod.pod_id not in asked]
        if not pods:
            return ()
        answers = self.fan_out.ask(
            pods,
            lambda pod: dict(self.pods.of_user(pod, user_id, caller)),
            caller.deadline.at_most(self.deadline_seconds),
        )
        for name, (key, pod_ids) in _by_name(answers.given).items():
            self._keep(user_id, name, key, pod_ids)
        if answers.given:
            self.store.adopted(user_id, [pod.pod_id for pod, _ in answers.given])
        return answers.missing

    def _keep(self, user_id: str, name: str, key: PublicKey, pod_ids: frozenset[str]) -> None:
        now = self.clock()
        found = Keypair(user_id, name, now).given(key, now, number_of(self.ids()))
        for pod_id in pod_ids:
            found = found.found_in(pod_id)
        with suppress(GenerationConflict):  # the name is known already
            self.store.put(found)


def _by_name(
    given: Sequence[tuple[Pod, Mapping[str, PublicKey]]],
) -> Mapping[str, tuple[PublicKey, frozenset[str]]]:
    """Each name's key, as the oldest pod has it, and the pods that have this very key.

    Another key under the same name stays in its pod, unseen, until a create there needs the name.
    """
    found: dict[str, tuple[PublicKey, frozenset[str]]] = {}
    for pod, keys in given:
        for name, key in keys.items():
            first, pod_ids = found.setdefault(name, (key, frozenset()))
            if first.fingerprint == key.fingerprint:
                found[name] = first, pod_ids | {pod.pod_id}
            else:
                observability.logger().warning("another key under a known name", extra={"pod": pod.pod_name})
    return found
