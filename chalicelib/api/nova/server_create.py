"""Reads ``POST /servers``: only what choosing a pod needs; the pod's Nova judges the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.nova.named_resources import read_hosts, read_named
from chalicelib.api.openstack.paging import MOST_DIGITS
from chalicelib.model.errors import InvalidField
from chalicelib.model.server_order import ServerOrder

MOST_SERVERS = 1000
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
MOST_ZONE_LETTERS = MOST_NAME_LETTERS = 255  # as in Nova
_NO_NAME = (
    "An invalid 'name' value was provided. The name must be: printable characters. "
    "Can not start or end with whitespace."
)


def read_server_create(call: Call) -> ServerOrder:
    """The order in a create's body. Raises InvalidField, in Nova's own words where it has some."""
    body = call.json()
    if not isinstance(body, dict):
        raise InvalidField("server", f"{body!r} is not of type 'object'")
    if "server" not in body:
        raise InvalidField("server", "'server' is a required property")
    server = body["server"]
    if not isinstance(server, dict):
        raise _invalid("server", server, f"{server!r} is not of type 'object'")
    az_name, host = _zone(server)
    least, most = _counts(server)
    return ServerOrder(
        raw=call.raw_body,
        body=body,
        name=_name(server),
        flavor_id=_flavor_id(server),
        az_name=az_name,
        host=host,
        count=most,
        least_count=least,
        key_name=read_key_name(server),
        boots_from_volume=_boots_from_volume(server),
        named=read_named(body, server),
        hosts=read_hosts(host, server),
    )


def read_idempotency_key(call: Call) -> str:
    """The client's name for this create; empty where it gives none. Raises InvalidField."""
    key = call.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidField(
            "Idempotency-Key", "The header Idempotency-Key must have 1 to 255 printable ASCII letters."
        )
    return key or ""


def _invalid(field: str, value: object, why: str) -> InvalidField:
    return InvalidField(field, f"Invalid input for field/attribute {field}. Value: {value}. {why}")


def _required(server: Mapping[str, Any], field: str) -> object:
    if field not in server:
        raise _invalid("server", server, f"'{field}' is a required property")
    return server[field]


def _name(server: Mapping[str, Any]) -> str:
    name = _required(server, "name")
    if not isinstance(name, str):
        raise _invalid("name", name, f"{name!r} is not of type 'string'")
    if not name:
        raise _invalid("name", name, f"{name!r} should be non-empty")
    if not name.strip():
        raise InvalidField("name", _NO_NAME)
    return name


def _flavor_id(server: Mapping[str, Any]) -> str:
    """The flavor's id; Nova also takes a number, or a link that ends with the id."""
    ref = _required(server, "flavorRef")
    if isinstance(ref, int) and not isinstance(ref, bool):
        ref = str(ref)
    if not isinstance(ref, str):
        raise _invalid("flavorRef", ref, f"{ref!r} is not of type 'string', 'integer'")
    if not ref:
        raise _invalid("flavorRef", ref, f"{ref!r} should be non-empty")
    return ref.rsplit("/", 1)[-1]


def read_key_name(named: Mapping[str, Any]) -> str:
    """The keypair that a create or a rebuild names; empty for what Nova refuses. Raises InvalidField."""
    name = named.get("key_name")
    if not isinstance(name, str):
        return ""
    if len(name) > MOST_NAME_LETTERS:
        raise _invalid("key_name", name, f"{name!r} is too long")
    return name


def _zone(server: Mapping[str, Any]) -> tuple[str | None, str]:
    asked = server.get("availability_zone")
    if asked is None:
        return None, ""
    if not isinstance(asked, str):
        raise _invalid("availability_zone", asked, f"{asked!r} is not of type 'string'")
    if len(asked) > MOST_ZONE_LETTERS:
        raise _invalid("availability_zone", asked, f"{asked!r} is too long")
    az_name, _, host = asked.partition(":")
    return az_name or None, host


def _counts(server: Mapping[str, Any]) -> tuple[int, int]:
    """How few and how many servers may come of it; where only ``min_count`` is given, it is both."""
    least = _positive(server, "min_count", 1)
    most = _positive(server, "max_count", least)
    if least > most:
        raise InvalidField("min_count", "min_count must be <= max_count")
    return least, most


def _positive(server: Mapping[str, Any], field: str, default: int) -> int:
    value = server.get(field, default)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= MOST_DIGITS:
        value = int(value)
    if isinstance(value, str):
        raise _invalid(field, value, f"{value!r} does not match '^[0-9]*$'")
    if value == 0:
        raise _invalid(field, value, "0 is less than the minimum of 1")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_SERVERS:
        raise _invalid(field, value, f"{field} must be from 1 to {MOST_SERVERS}")
    return value


def _boots_from_volume(server: Mapping[str, Any]) -> bool:
    """Whether the root disk is a volume, which takes nothing of the hosts' own disks."""
    mappings = server.get("block_device_mapping_v2")
    if isinstance(mappings, list):
        return any(_is_root_volume(mapping) for mapping in mappings if isinstance(mapping, dict))
    return bool(server.get("block_device_mapping")) and not server.get("imageRef")


def _is_root_volume(mapping: Mapping[str, Any]) -> bool:
    goes_to = mapping.get("destination_type", "volume" if mapping.get("source_type") == "volume" else "")
    return str(mapping.get("boot_index")) == "0" and goes_to == "volume"
