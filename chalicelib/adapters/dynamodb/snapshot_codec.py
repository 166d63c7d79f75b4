"""Snapshot codec: packs the columns of a snapshot into few bytes that are quick to read (docs/adr/0010)."""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from struct import Struct
from typing import Any

from chalicelib.adapters.dynamodb.pod_codec import read_pod, write_pod
from chalicelib.adapters.dynamodb.report_codec import read_catalogue, write_catalogue
from chalicelib.model.amounts import RESOURCES
from chalicelib.model.capacity import Catalogue
from chalicelib.model.columns import Columns
from chalicelib.model.pod import Pod
from chalicelib.model.pod_table import COLD, read, write
from chalicelib.model.snapshot import Snapshot

FORM = (
    2  # raise it when the layout changes: older bytes are then not read, and the next refresh writes new ones
)
_LENGTHS = Struct(">4I")
_BETWEEN = "\n"  # ids are UUIDs and names are names of regions: neither holds a line break
_SINGLE = (
    "kinds",
    "created",
    "generations",
    "reported",
    "sources",
    "refreshed",
    "unreachable",
    "last_unreachable",
)
_EACH = ("totals", "used", "claimed", "limits")  # a column for each of RESOURCES
_WIDTHS = "bhiq"  # a column gets the narrowest type that holds all its numbers
_REPORTED_BY_KIND = ("min_microversion", "max_microversion")


class UnknownForm(ValueError):
    """The bytes have another form, so another version of this code wrote them."""


def pack(snapshot: Snapshot) -> bytes:
    """Four parts, each compressed by itself: head (kinds of pods, widths, errors), texts, numbers, cold."""
    columns = snapshot.columns
    named = _named(columns)
    numbers = [(column, _narrow(values)) for column, values in named]
    head, catalogues = _head(snapshot), _Catalogues()
    head["kinds"] = [_write_kind(kind, catalogues) for kind in snapshot.kinds]
    head["catalogues"] = catalogues.found
    head["numbers"] = [[column, values.typecode] for column, values in numbers]
    texts = _BETWEEN.join([*columns.ids, *columns.names])
    weights = _portable(array("d", columns.weights)).tobytes()
    cold = [write(pod, COLD) for pod in snapshot]
    parts = [
        zlib.compress(part)
        for part in (
            _json(head),
            texts.encode(),
            weights + b"".join(_portable(values).tobytes() for _, values in numbers),
            _json(cold),
        )
    ]
    return _LENGTHS.pack(*map(len, parts)) + b"".join(parts)


def unpack(packed: bytes) -> Snapshot:
    """The snapshot. Its cold fields stay packed until somebody asks for a whole pod. Raises UnknownForm."""
    head_part, text_part, number_part, cold_part = _split(packed)
    head = json.loads(zlib.decompress(head_part))
    if head.get("form") != FORM:
        raise UnknownForm(f"form {head.get('form')}")
    count = head["count"]
    texts = zlib.decompress(text_part).decode().split(_BETWEEN)
    raw = memoryview(zlib.decompress(number_part))
    weights, raw = _read(raw, "d", count)
    numbers: dict[str, Sequence[int]] = {}
    for column, width in head["numbers"]:
        numbers[column], raw = _read(raw, width, count)
    columns = Columns(
        ids=texts[:count],
        names=texts[count : 2 * count],
        weights=weights,
        errors={int(place): error for place, error in head["errors"].items()},
        **{name: numbers[name] for name in _SINGLE},  # type: ignore[arg-type]
        **{name: tuple(numbers[f"{name}.{r}"] for r in RESOURCES) for name in _EACH},  # type: ignore[arg-type]
    )
    catalogues = [read_catalogue(records) for records in head["catalogues"]]
    kinds = [_read_kind(record, catalogues) for record in head["kinds"]]
    return Snapshot(head["version"], kinds, columns, head["sources"], lambda: _read_cold(cold_part))


def _head(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "form": FORM,
        "version": snapshot.version,
        "count": len(snapshot),
        "sources": list(snapshot.source_names),
        "errors": {str(place): error for place, error in snapshot.columns.errors.items()},
    }


def _split(packed: bytes) -> list[bytes]:
    parts, at = [], _LENGTHS.size
    for length in _LENGTHS.unpack_from(packed):
        parts.append(packed[at : at + length])
        at += length
    return parts


def _named(columns: Columns) -> Iterable[tuple[str, Sequence[int]]]:
    for name in _SINGLE:
        yield name, getattr(columns, name)
    for name in _EACH:
        yield from zip((f"{name}.{r}" for r in RESOURCES), getattr(columns, name), strict=True)


def _narrow(values: Sequence[int]) -> array[int]:
    for width in _WIDTHS:
        try:
            return array(width, values)
        except OverflowError:
            continue
    raise ValueError("a number of a pod has more than 64 bits")


def _portable(values: array[Any]) -> array[Any]:
    """The values in little-endian order, whatever machine writes or reads them."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values


def _read(raw: memoryview, width: str, count: int) -> tuple[array[Any], memoryview]:
    values = array(width)
    size = values.itemsize * count
    values.frombytes(raw[:size])
    return _portable(values), raw[size:]


class _Catalogues:
    """The catalogues of all kinds of pods, numbered. Kinds that offer the same flavors share one."""

    def __init__(self) -> None:
        self.found: list[list[Any]] = []

    def number(self, catalogue: Catalogue | None) -> int | None:
        if catalogue is None:
            return None
        written = write_catalogue(catalogue)
        if written not in self.found:
            self.found.append(written)
        return self.found.index(written)


def _write_kind(kind: Pod, catalogues: _Catalogues) -> dict[str, Any]:
    reported = {name: getattr(kind, name) for name in _REPORTED_BY_KIND}
    return {"record": write_pod(kind), "catalogue": catalogues.number(kind.catalogue), **reported}


def _read_kind(record: Mapping[str, Any], catalogues: Sequence[Catalogue]) -> Pod:
    number = record["catalogue"]
    reported = {name: record[name] for name in _REPORTED_BY_KIND}
    catalogue = None if number is None else catalogues[number]
    # An earlier version didn't tell which pods are proven. Those that have reported are, and they alone have
    # a catalogue.
    told = {"proven": catalogue is not None, **record["record"]}
    return read_pod(told, catalogue=catalogue, **reported)


def _read_cold(part: bytes) -> Callable[[int], Mapping[str, Any]]:
    records = json.loads(zlib.decompress(part))
    return lambda place: read(records[place], COLD)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
