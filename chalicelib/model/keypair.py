"""Keypair: the public half of a user's key under the user's name for it, and which pods have it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zlib import crc32

SSH = "ssh"
X509 = "x509"
KEY_TYPES = (SSH, X509)
MOST = 2**31 - 1  # Nova's ids are signed integers of 32 bits
# A request that makes a key or imports one is over by then, as it has its answer within a minute.
REQUEST_OVER = timedelta(seconds=60)
LEAST_PAUSE, MOST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What is public of a key: an SSH key's line or an X.509 certificate, and Nova's fingerprint of it."""

    type: str
    text: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Keypair:
    """A name of a user's for a key. Names belong to users, whatever their projects.

    ``key`` is None while there is none: it was deleted, or until ``reserved_until`` a pod is just making it.
    ``created_at`` is when the name was given, reserved or taken away last. ``number`` is what Nova shows as
    id. ``imported_in`` are the ids of the pods that have this very key.
    ``unsure_in`` are those that may have it or an older key of this name: a create looks there before it uses
    the key, and the clean-up removes what doesn't belong there, from ``clean_at`` on. Generation counts
    writes; 0 was never written.
    """

    user_id: str
    name: str
    created_at: datetime
    number: int = 0
    key: PublicKey | None = None
    imported_in: frozenset[str] = frozenset()
    unsure_in: frozenset[str] = frozenset()
    clean_at: datetime | None = None
    reserved_until: datetime | None = None
    generation: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be known or done about it."""
        return self.key is None and self.reserved_until is None and not self.unsure_in

    def is_taken(self, at: datetime) -> bool:
        """Whether its name can't be given to another key now."""
        return self.key is not None or (self.reserved_until is not None and at < self.reserved_until)

    def reserved(self, at: datetime, number: int, pod_ids: frozenset[str]) -> Keypair:
        """The name reserved while one of these pods makes a key; each may be left with one."""
        until = at + REQUEST_OVER
        taken = replace(self, created_at=at, number=number, reserved_until=until)
        return taken._unsure(self.unsure_in | pod_ids, until)

    def given(self, key: PublicKey, at: datetime, number: int) -> Keypair:
        """The name given to a key, which no pod is known to have."""
        return replace(self, created_at=at, number=number, key=key, reserved_until=None)

    def ended(self, at: datetime) -> Keypair:
        """The name without a key; the pods that may still have one are to be cleaned."""
        without = replace(self, key=None, imported_in=frozenset(), reserved_until=None, created_at=at)
        return without._unsure(self.unsure_in | self.imported_in, at)

    def suspected_in(self, pod_id: str, at: datetime) -> Keypair:
        """The keypair when a pod may have this key or another, from now on until that is looked at."""
        changed = replace(self, imported_in=self.imported_in - {pod_id})
        return changed._unsure(self.unsure_in | {pod_id}, at + REQUEST_OVER)

    def found_in(self, pod_id: str) -> Keypair:
        """The keypair when a pod has this very key."""
        return replace(self.gone_from(pod_id), imported_in=self.imported_in | {pod_id})

    def gone_from(self, pod_id: str) -> Keypair:
        """The keypair when a pod has nothing of this name."""
        changed = replace(self, imported_in=self.imported_in - {pod_id})
        return changed._unsure(self.unsure_in - {pod_id}, self.clean_at)

    def postponed(self, at: datetime) -> Keypair:
        """The keypair when a pod couldn't be cleaned: it is tried again, ever more rarely."""
        pause = min(MOST_PAUSE, max(LEAST_PAUSE, at - self.created_at))
        return replace(self, clean_at=at + pause)

    def _unsure(self, pod_ids: frozenset[str], clean_at: datetime | None) -> Keypair:
        return replace(self, unsure_in=pod_ids, clean_at=clean_at if pod_ids else None)


def number_of(fresh_id: str) -> int:
    """The number of a keypair made under a fresh id. Nothing is found by it, so two may share it."""
    return crc32(fresh_id.encode()) % MOST + 1
