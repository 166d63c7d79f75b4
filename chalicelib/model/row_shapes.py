"""Row shapes: what the fields of a listed resource must be, so that one pod's rows spoil nobody's list.

Clients in other languages read a list into types, and fail at the whole of it for one wrong value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Types = tuple[type, ...]

_TEXT: Types = (str,)
_WHOLE: Types = (int,)
_NUMBER: Types = (int, float)
_FLAG: Types = (bool,)
_OBJECT: Types = (dict,)
_LIST: Types = (list,)
_NOTHING = type(None)
_MAYBE_TEXT: Types = (str, _NOTHING)
_NAMED: Mapping[str, Types] = {"id": _TEXT, "name": _MAYBE_TEXT, "links": _LIST}

_SHAPES: Mapping[str, Mapping[str, Types]] = {
    "servers": {
        **_NAMED,
        "status": _TEXT,
        "tenant_id": _TEXT,
        "user_id": _TEXT,
        "created": _TEXT,
        "updated": _MAYBE_TEXT,
        "hostId": _MAYBE_TEXT,
        "metadata": _OBJECT,
        "addresses": _OBJECT,
        "flavor": _OBJECT,
        "image": (dict, str, _NOTHING),  # "" for a server that boots from a volume
        "accessIPv4": _MAYBE_TEXT,
        "accessIPv6": _MAYBE_TEXT,
        "key_name": _MAYBE_TEXT,
        "description": _MAYBE_TEXT,
        "progress": (int, _NOTHING),
        "security_groups": _LIST,
        "os-extended-volumes:volumes_attached": _LIST,
        "tags": _LIST,
        "OS-EXT-AZ:availability_zone": _MAYBE_TEXT,
        "OS-EXT-STS:power_state": (int, _NOTHING),
        "OS-EXT-STS:task_state": _MAYBE_TEXT,
        "OS-EXT-STS:vm_state": _MAYBE_TEXT,
        "OS-SRV-USG:launched_at": _MAYBE_TEXT,
        "OS-SRV-USG:terminated_at": _MAYBE_TEXT,
    },
    "flavors": {
        **_NAMED,
        "ram": _WHOLE,
        "vcpus": _WHOLE,
        "disk": _WHOLE,
        "swap": (int, str),  # below 2.75 none is ""
        "rxtx_factor": (*_NUMBER, _NOTHING),
        "description": _MAYBE_TEXT,
        "extra_specs": _OBJECT,
        "OS-FLV-EXT-DATA:ephemeral": _WHOLE,
        "OS-FLV-DISABLED:disabled": _FLAG,
        "os-flavor-access:is_public": (bool, _NOTHING),
    },
    "images": {
        **_NAMED,
        "status": _TEXT,
        "created": _TEXT,
        "updated": _TEXT,
        "metadata": _OBJECT,
        "minDisk": _WHOLE,
        "minRam": _WHOLE,
        "progress": _WHOLE,
        "OS-EXT-IMG-SIZE:size": (int, _NOTHING),
        "server": _OBJECT,
    },
}


def has_shape(collection: str, row: Mapping[str, Any]) -> bool:
    """Whether what a row of a list shows is of the types that the service shows it in."""
    types = _SHAPES.get(collection, _NAMED)
    if any(type(row[key]) not in types[key] for key in types.keys() & row.keys()):
        return False
    return all(_is_link(link) for link in row.get("links", ()))


def _is_link(link: object) -> bool:
    return isinstance(link, dict) and type(link.get("href")) is str and type(link.get("rel")) is str
