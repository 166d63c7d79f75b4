"""Named resource: something a create refers to by its id, which exists in one pod already."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Noun(StrEnum):
    """What a create may name."""

    NETWORK = "network"
    PORT = "port"
    VOLUME = "volume"
    SNAPSHOT = "snapshot"
    SERVER_GROUP = "server group"


class NamedResource(NamedTuple):
    """A resource by its noun and id."""

    noun: Noun
    resource_id: str

    def __str__(self) -> str:
        """As a sentence names it: "volume 5f4dcc3b-..."."""
        return f"{self.noun.value} {self.resource_id}"
