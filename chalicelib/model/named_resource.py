"""Named resource: something a create refers to by its id or name, which exists in some pods already."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from chalicelib.model import pod_host


class Noun(StrEnum):
    """What a request may name."""

    NETWORK = "network"
    PORT = "port"
    VOLUME = "volume"
    SNAPSHOT = "snapshot"
    SERVER_GROUP = "server group"
    FLOATING_IP = "floating IP"
    SECURITY_GROUP = "security group"
    IMAGE = "image"
    HOST = "host"
    HYPERVISOR = "hypervisor"

    @property
    def is_a_host(self) -> bool:
        """Whether servers run on it. Only admins may name such, and do it by hostname."""
        return self in (Noun.HOST, Noun.HYPERVISOR)


class NamedResource(NamedTuple):
    """A resource by its noun and id. A host's id is its name as operators see it (``compute1@Pod1``)."""

    noun: Noun
    resource_id: str

    def __str__(self) -> str:
        """As a sentence names it: "volume 5f4dcc3b-..."."""
        return f"{self.noun.value} {self.resource_id}"

    def inside(self, pod_name: str) -> NamedResource | None:
        """The resource as this pod knows it; None for a host whose name says that it is another pod's."""
        if not self.noun.is_a_host:
            return self
        whose, host = pod_host.read(self.resource_id)
        return NamedResource(self.noun, host) if whose in (None, pod_name) else None
