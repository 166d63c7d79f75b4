"""Reads and checks the body of a server create."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from local.standin.message import Fault, Json
from local.standin.nova.call import NovaCall, refused
from local.standin.nova.flavor import Flavor
from local.standin.nova.state import NovaState

# Every key that a create may have, and the minor number of the microversion that brought it.
KEYS = {
    **dict.fromkeys(("name", "imageRef", "flavorRef", "adminPass", "metadata", "networks"), 1),
    **dict.fromkeys(("OS-DCF:diskConfig", "accessIPv4", "accessIPv6", "personality", "user_data"), 1),
    **dict.fromkeys(("availability_zone", "block_device_mapping", "block_device_mapping_v2"), 1),
    **dict.fromkeys(("config_drive", "key_name", "min_count", "max_count", "security_groups"), 1),
    **{"return_reservation_id": 1, "description": 19, "tags": 52, "trusted_image_certificates": 63},
    **{"host": 74, "hypervisor_hostname": 74, "hostname": 90},
}


@dataclass(frozen=True)
class Order:
    """A create that passed the checks. ``asked`` is the body's ``server``, for what needs no check."""

    name: str
    flavor: Flavor
    image_id: str | None
    count: int
    network_count: int
    zone: str | None
    host: str | None
    asked: Json
    tags: list[str] = field(default_factory=list)


def read_order(body: Json, call: NovaCall, state: NovaState) -> Order:
    """Read a create. Raises Fault 400 as Nova does, and 403 if anyone but an admin names a host."""
    asked = body.get("server")
    if not isinstance(asked, dict):
        raise Fault(400, "Invalid input for field/attribute server: 'server' is a required property")
    _check_keys(asked, call.minor)
    _check_types(body, asked)
    for key in ("name", "flavorRef"):
        if key not in asked:
            raise _invalid(asked, f"'{key}' is a required property")
    name = str(asked["name"]).strip()
    if not name or len(name) > 255:
        raise Fault(400, f"Invalid input for field/attribute name. Value: {asked['name']}.")
    flavor = state.flavors.get(str(asked["flavorRef"]).rsplit("/", 1)[-1])
    if flavor is None or not (call.caller.is_admin or flavor.seen_by(call.project_id)):
        raise Fault(400, f"Flavor {asked['flavorRef']} could not be found.")
    if asked.get("key_name") and (call.caller.user_id, asked["key_name"]) not in state.keypairs:
        raise Fault(400, "Invalid key_name provided.")
    zone, host = _zone_and_host(asked, call, state)
    return Order(
        name=name,
        flavor=flavor,
        image_id=_image_id(asked, call, state),
        count=_count(asked),
        network_count=_network_count(asked, call.minor, state),
        zone=zone,
        host=host,
        asked=asked,
        tags=_tags(asked),
    )


def _check_keys(asked: Json, minor: int) -> None:
    for key in asked:
        if KEYS.get(key, 1000) > minor or (key == "personality" and minor >= 57):
            raise _invalid(asked, f"Additional properties are not allowed ('{key}' was unexpected)")


def _check_types(body: Json, asked: Json) -> None:
    """The types of what is looked into later; Nova's schemas say more."""
    for key in ("networks", "block_device_mapping", "block_device_mapping_v2", "security_groups"):
        value = asked.get(key, [])
        if isinstance(value, str) and key == "networks":
            continue
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise Fault(400, f"Invalid input for field/attribute {key}. Value: {value}.")
    for key, value in ((key, held.get(key, {})) for held, key in ((asked, "metadata"), *_hints(body))):
        if not isinstance(value, dict):
            raise Fault(400, f"Invalid input for field/attribute {key}. Value: {value}.")
    for value in asked.get("metadata", {}).values():
        if not isinstance(value, str):
            raise Fault(400, f"Invalid input for field/attribute metadata. Value: {value}.")
    if not isinstance(asked.get("tags", []), list):
        raise Fault(400, f"Invalid input for field/attribute tags. Value: {asked['tags']}.")


def _hints(body: Json) -> Iterable[tuple[Json, str]]:
    return ((body, key) for key in ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints"))


def _invalid(asked: Json, why: str) -> Fault:
    return Fault(400, f"Invalid input for field/attribute server. Value: {asked}. {why}")


def _zone_and_host(asked: Json, call: NovaCall, state: NovaState) -> tuple[str | None, str | None]:
    zone, _, rest = str(asked.get("availability_zone") or "").partition(":")
    named = [*rest.split(":"), asked.get("host"), asked.get("hypervisor_hostname")]
    host = next((name for name in named if name), None)
    if host and not call.caller.is_admin:
        raise refused("servers:create:forced_host")
    if zone and zone != state.zone:
        raise Fault(400, "The requested availability zone is not available")
    return zone or None, host


def _image_id(asked: Json, call: NovaCall, state: NovaState) -> str | None:
    image_id = str(asked.get("imageRef") or "").rsplit("/", 1)[-1]
    if not image_id:
        if not asked.get("block_device_mapping_v2") and not asked.get("block_device_mapping"):
            raise Fault(400, "Invalid imageRef provided.")
        return None
    if state.images.find(image_id, call.project_id, call.caller.is_admin) is None:
        raise Fault(400, "Can not find requested image")
    return image_id


def _count(asked: Json) -> int:
    least = _positive(asked, "min_count", 1)
    most = _positive(asked, "max_count", least)
    if least > most:
        raise Fault(400, "min_count must be <= max_count")
    return most


def _positive(asked: Json, key: str, default: int) -> int:
    try:
        number = int(asked.get(key, default))
    except (TypeError, ValueError):
        number = 0
    if number < 1:
        raise Fault(400, f"Invalid input for field/attribute {key}. Value: {asked[key]}.")
    return number


def _network_count(asked: Json, minor: int, state: NovaState) -> int:
    networks: Any = asked.get("networks")
    if networks is None:
        if minor >= 37:
            raise _invalid(asked, "'networks' is a required property")
        return 1
    if networks in ("none", "auto") and minor >= 37:
        return int(networks == "auto")
    if not isinstance(networks, list):
        raise Fault(400, f"Invalid input for field/attribute networks. Value: {networks}.")
    for network in networks:
        network_id = network.get("uuid")
        if network_id is not None and network_id != state.network.id:
            raise Fault(400, f"Network {network_id} could not be found.")
        if network.get("port") is not None:
            raise Fault(400, f"Port {network['port']} could not be found.")
    return len(networks) or 1  # with an empty list Nova chooses a network, as it does without the key


def _tags(asked: Json) -> list[str]:
    tags = asked.get("tags", [])
    if len(tags) > 50:
        raise Fault(400, "The number of tags exceeded the per-server limit 50")
    for tag in tags:
        if not isinstance(tag, str) or not 0 < len(tag) <= 60 or "/" in tag or "," in tag:
            raise Fault(400, f"Invalid input for field/attribute tags. Value: {tag}.")
    return list(dict.fromkeys(tags))
