"""Report codec: a pod's sums as JSON; its catalogue and hosts, which are long, as compressed JSON."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import Capacity, Catalogue, HostCapacity
from chalicelib.model.flavor import Flavor

_FLAVOR = ("flavor_id", "name", "vcpus", "ram_mb", "root_gb", "ephemeral_gb", "swap_mb", "extra_specs")


def write_capacity(capacity: Capacity) -> dict[str, Any]:
    """A pod's sums, without its hosts: the item is billed whole at each write and each read."""
    return {
        "totals": list(capacity.totals),
        "used": list(capacity.used),
        "reported_at": capacity.reported_at.isoformat(),
        "source": capacity.source,
    }


def read_capacity(record: Mapping[str, Any]) -> Capacity:
    return Capacity(
        totals=Totals(*record["totals"]),
        used=Amounts(*record["used"]),
        reported_at=datetime.fromisoformat(record["reported_at"]),
        source=record["source"],
    )


def pack_hosts(hosts: Sequence[HostCapacity]) -> bytes:
    """Pack each host's last known totals and use."""
    return _pack([[host.host_id, list(host.totals), list(host.used)] for host in hosts])


def unpack_hosts(packed: bytes) -> tuple[HostCapacity, ...]:
    return tuple(HostCapacity(i, Totals(*totals), Amounts(*used)) for i, totals, used in _unpack(packed))


def pack_catalogue(catalogue: Catalogue) -> bytes:
    """Pack a pod's flavors, sorted by id, so that equal catalogues give equal bytes."""
    return _pack(write_catalogue(catalogue))


def unpack_catalogue(packed: bytes) -> dict[str, Flavor]:
    """The flavors of a packed catalogue, by their ids."""
    return read_catalogue(_unpack(packed))


def write_catalogue(catalogue: Catalogue) -> list[Any]:
    """A pod's flavors as values that JSON can hold, sorted by id."""
    return [_write_flavor(catalogue[flavor_id]) for flavor_id in sorted(catalogue)]


def read_catalogue(records: Sequence[list[Any]]) -> dict[str, Flavor]:
    """The flavors that ``write_catalogue`` wrote, by their ids."""
    flavors = (_read_flavor(record) for record in records)
    return {flavor.flavor_id: flavor for flavor in flavors}


def digest(packed: bytes) -> str:
    """A hash by which one catalogue is told from another."""
    return hashlib.sha256(packed).hexdigest()


def _write_flavor(flavor: Flavor) -> list[Any]:
    access = None if flavor.project_ids is None else sorted(flavor.project_ids)
    specs = dict(sorted(flavor.extra_specs.items()))
    return [flavor.flavor_id, flavor.name, *flavor.size, specs, access]


def _read_flavor(record: list[Any]) -> Flavor:
    *size_and_specs, access = record
    known = dict(zip(_FLAVOR, size_and_specs, strict=False))
    return Flavor(**known, project_ids=None if access is None else frozenset(access))


def _pack(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def _unpack(packed: bytes) -> Any:
    return json.loads(zlib.decompress(packed))
