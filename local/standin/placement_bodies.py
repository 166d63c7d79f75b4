"""Reads what Placement is asked for, and writes hosts as Placement does."""

from __future__ import annotations

import re

from local.standin.hosts import Host
from local.standin.message import Fault, Json, Request

MAX_MINOR = 39
DISABLED = "COMPUTE_STATUS_DISABLED"
Summary = dict[str, dict[str, int]]
CLASSES = ("VCPU", "MEMORY_MB", "DISK_GB")
TRAITS = ("COMPUTE_NODE", "HW_CPU_X86_AVX2")


def report(host: Host) -> Summary:
    """A host's capacity and use, by resource class."""
    capacity, used = host.size.capacity.by_class(), host.used.by_class()
    return {name: {"capacity": capacity[name], "used": used[name]} for name in CLASSES}


def has_room(host: Host, asked: dict[str, int]) -> bool:
    """Whether all the amounts fit into the host together."""
    room = host.room.by_class()
    return all(name in room and amount <= room[name] for name, amount in asked.items())


def has_traits(host: Host, required: list[str]) -> bool:
    """Whether the host has all the traits, and none of those written with a ``!``."""
    has = set(traits(host))
    return all((trait[1:] not in has) if trait.startswith("!") else (trait in has) for trait in required)


def traits(host: Host) -> list[str]:
    """A host's traits; a disabled host has COMPUTE_STATUS_DISABLED too."""
    return [*TRAITS, DISABLED] if host.disabled else list(TRAITS)


def read_resources(text: str | None) -> dict[str, int]:
    """Read ``VCPU:1,MEMORY_MB:512`` into amounts by resource class. Raises Fault 400."""
    if not text:
        raise Fault(400, "'resources' is a required property")
    amounts: dict[str, int] = {}
    for part in text.split(","):
        match = re.fullmatch(r"([A-Z0-9_]+):([1-9]\d*)", part)
        if match is None:
            raise Fault(400, f"Badly formed resources parameter. Got: {part}")
        if match[1] not in CLASSES:
            raise Fault(
                400, f"Invalid resource class in resources parameter: No such resource class: {match[1]}"
            )
        amounts[match[1]] = int(match[2])
    return amounts


def read_minor(request: Request) -> int:
    """The minor number of the microversion asked for, 0 if none is. Raises Fault 406."""
    for part in (request.header("OpenStack-API-Version") or "").split(","):
        service, _, version = part.strip().partition(" ")
        if service == "placement":
            if version == "latest":
                return MAX_MINOR
            major, _, minor = version.partition(".")
            if major != "1" or not minor.isdigit() or int(minor) > MAX_MINOR:
                raise Fault(406, f"Unacceptable version header: {version}")
            return int(minor)
    return 0


def inventory(total: int, reserved: int, ratio: float) -> Json:
    """A host's inventory of one resource class, as JSON."""
    return {
        "total": total,
        "reserved": reserved,
        "min_unit": 1,
        "max_unit": total,
        "step_size": 1,
        "allocation_ratio": ratio,
    }


def write_provider(host: Host) -> Json:
    """A host as a resource provider."""
    return {
        "uuid": host.uuid,
        "name": host.name,
        "generation": 1,
        "parent_provider_uuid": None,
        "root_provider_uuid": host.uuid,
        "links": [{"rel": "self", "href": f"/placement/resource_providers/{host.uuid}"}],
    }


def write_versions() -> Json:
    """Placement's version document, which is at its root."""
    version = {
        "id": "v1.0",
        "status": "CURRENT",
        "min_version": "1.0",
        "max_version": f"1.{MAX_MINOR}",
        "links": [{"rel": "self", "href": ""}],
    }
    return {"versions": [version]}
