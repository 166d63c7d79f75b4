"""Keypairs: a user's keys by name, one set for all pods. We keep the public halves alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chalicelib.model.errors import Conflict, Forbidden, GenerationConflict, KeypairNotFound
from chalicelib.model.identity import Caller
from chalicelib.model.keypair import Keypair, PublicKey, number_of
from chalicelib.service.creating.keypair_adoption import KeypairAdoption
from chalicelib.service.creating.keypair_generation import KeypairGeneration
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.ports import Clock, Fingerprint, Ids, KeypairStore

WRITE_ATTEMPTS = 5

MostKeypairs = Callable[[str, str], int]
"""How many keypairs a user may have, by the ids of user and project; a number below 0 is no limit."""


@dataclass(frozen=True, slots=True)
class KeypairOrder:
    """A keypair as a client wants it. Without a public key, a pod makes one."""

    user_id: str
    name: str
    key_type: str
    public_key: str | None = None


@dataclass(frozen=True, slots=True)
class MadeKeypair:
    """A new keypair. The private key is there only if a pod made it, and only here: it is kept nowhere."""

    keypair: Keypair
    private_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class UserKeypairs:
    """All of a user's keypairs by name; ``partial`` are the zones of pods that may have others."""

    rows: Sequence[Keypair]
    partial: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Keypairs:
    """Creates, shows, lists and deletes keypairs."""

    store: KeypairStore
    adoption: KeypairAdoption
    generation: KeypairGeneration
    fingerprint: Fingerprint
    clock: Clock
    ids: Ids
    most_keypairs: MostKeypairs

    def show(self, caller: Caller, user_id: str, name: str) -> Keypair:
        """A keypair that has a key. Raises KeypairNotFound, Unavailable."""
        found = self.adoption.find(caller, user_id, name)
        if found is None or found.key is None:
            raise KeypairNotFound(name, user_id)
        return found

    def of_user(self, caller: Caller, user_id: str) -> UserKeypairs:
        """A user's keypairs by name, those of the pods too."""
        silent = self.adoption.adopt(caller, user_id)
        return UserKeypairs(self._with_key(user_id), sorted({pod.az_name for pod in silent}))

    def create(self, caller: Caller, order: KeypairOrder) -> MadeKeypair:
        """Give a name to a key that the client brings, or that a pod makes.

        Raises Forbidden at the quota, InvalidField for what is no key, Conflict when the name is taken; where
        a pod makes it also PodRefused, OutcomeUnknown, Unavailable.
        """
        user_id, name, now = order.user_id, order.name, self.clock()
        self.adoption.adopt(caller, user_id)
        most = self.most_keypairs(user_id, caller.identity.project_id)
        if 0 <= most <= len(self._with_key(user_id)):
            raise Forbidden("Quota exceeded, too many key pairs.")
        key = None if order.public_key is None else self._read(order.key_type, order.public_key)
        before = self.store.get(user_id, name) or Keypair(user_id, name, now)
        if before.is_taken(now):
            raise _taken(name)
        try:
            if key is None:
                made, private_key = self.generation.generate(caller, before, order.key_type)
                return MadeKeypair(made, private_key)
            return MadeKeypair(self.store.put(before.given(key, now, number_of(self.ids()))))
        except GenerationConflict as error:
            raise _taken(name) from error

    @anew_when_overtaken(WRITE_ATTEMPTS)
    def delete(self, caller: Caller, user_id: str, name: str) -> None:
        """Take a name's key away; the pods are cleaned of it later. Raises KeypairNotFound, Unavailable."""
        self.store.put(self.show(caller, user_id, name).ended(self.clock()))

    def _read(self, key_type: str, text: str) -> PublicKey:
        return PublicKey(key_type, text, self.fingerprint(key_type, text))

    def _with_key(self, user_id: str) -> Sequence[Keypair]:
        return [keypair for keypair in self.store.of_user(user_id) if keypair.key is not None]


def _taken(name: str) -> Conflict:
    return Conflict(f"Key pair '{name}' already exists.")
