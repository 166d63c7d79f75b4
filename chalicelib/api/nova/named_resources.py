"""Reads what a create names that exists in some pods already: networks, volumes, images, hosts and more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.model.resource import is_uuid

# What a change of a server may attach to it, or use: by its key in the body and the field in there.
_ATTACHED = {
    ("volumeAttachment", "volumeId"): Noun.VOLUME,
    ("interfaceAttachment", "port_id"): Noun.PORT,
    ("interfaceAttachment", "net_id"): Noun.NETWORK,
    ("addFixedIp", "networkId"): Noun.NETWORK,
    ("addFloatingIp", "address"): Noun.FLOATING_IP,
    ("addSecurityGroup", "name"): Noun.SECURITY_GROUP,
    ("rebuild", "imageRef"): Noun.IMAGE,
    ("rescue", "rescue_image_ref"): Noun.IMAGE,
}
_WITHOUT_ID = (Noun.FLOATING_IP, Noun.SECURITY_GROUP)
_HINTS = ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")


def read_named(body: Mapping[str, Any], server: Mapping[str, Any]) -> tuple[NamedResource, ...]:
    """What a create names, each once. Malformed ids are left out, since the pod's Nova refuses them."""
    found = (*_networks(server), *_devices(server), *_groups(body), *_image(server))
    return tuple(dict.fromkeys(NamedResource(noun, each.lower()) for noun, each in found if is_uuid(each)))


def read_attached(body: object) -> tuple[NamedResource, ...]:
    """What a change of a server names that must be in its pod."""
    if not isinstance(body, dict):
        return ()
    found = []
    for (key, field), noun in _ATTACHED.items():
        change = body.get(key)
        named = change.get(field) if isinstance(change, dict) else None
        named = image_id(named) if noun is Noun.IMAGE else named
        if isinstance(named, str) and named and (noun in _WITHOUT_ID or is_uuid(named)):
            found.append(NamedResource(noun, named.lower() if is_uuid(named) else named))
    return tuple(found)


def image_id(reference: object) -> str:
    """The id in an ``imageRef``, which may also be a link that ends with it; empty to boot from a volume."""
    return reference.rsplit("/", 1)[-1] if isinstance(reference, str) else ""


def read_hosts(after_zone: str, server: Mapping[str, Any]) -> tuple[NamedResource, ...]:
    """The hosts that a create names: after its zone, as ``host:node``, and by keys of the server."""
    forced = zip((Noun.HOST, Noun.HYPERVISOR), after_zone.split(":"), strict=False)
    keys = ((Noun.HOST, server.get("host")), (Noun.HYPERVISOR, server.get("hypervisor_hostname")))
    found = (NamedResource(noun, name) for noun, name in (*forced, *keys) if name and isinstance(name, str))
    return tuple(dict.fromkeys(found))


def _networks(server: Mapping[str, Any]) -> Iterator[tuple[Noun, Any]]:
    for network in _objects(server.get("networks")):  # "none" and "auto" name nothing
        yield Noun.NETWORK, network.get("uuid")
        yield Noun.PORT, network.get("port")


def _devices(server: Mapping[str, Any]) -> Iterator[tuple[Noun, Any]]:
    sources = {"volume": Noun.VOLUME, "snapshot": Noun.SNAPSHOT, "image": Noun.IMAGE}
    for device in _objects(server.get("block_device_mapping_v2")):
        source = device.get("source_type")
        if isinstance(source, str) and source in sources:
            yield sources[source], device.get("uuid")
    for device in _objects(server.get("block_device_mapping")):
        yield Noun.VOLUME, device.get("volume_id")
        yield Noun.SNAPSHOT, device.get("snapshot_id")


def _image(server: Mapping[str, Any]) -> Iterator[tuple[Noun, Any]]:
    yield Noun.IMAGE, image_id(server.get("imageRef"))


def _groups(body: Mapping[str, Any]) -> Iterator[tuple[Noun, Any]]:
    for key in _HINTS:
        hints = body.get(key)
        if isinstance(hints, dict):
            group = hints.get("group")
            yield Noun.SERVER_GROUP, group[0] if isinstance(group, list) and group else group


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
