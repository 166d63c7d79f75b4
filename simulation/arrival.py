"""Arrival: one create of a workload, and the CSV file that holds many."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path

from chalicelib.model.errors import InvalidField

LONGEST_SECONDS = 366 * 86_400.0  # each of its minutes is played
COLUMNS = ("time", "project", "flavor", "zone", "lifetime")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A server that a project asks for.

    ``time`` is in seconds since the workload began, ``lifetime`` in seconds from then. An empty ``zone``
    asks for none.
    """

    time: float
    project: str
    flavor: str
    zone: str
    lifetime: float


def write(path: Path, arrivals: Iterable[Arrival]) -> None:
    """Write a CSV file: a header, and a line for each arrival. Seconds have one decimal."""
    with path.open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for a in arrivals:
            lines.writerow([f"{a.time:.1f}", a.project, a.flavor, a.zone, f"{a.lifetime:.1f}"])


def read(path: Path) -> list[Arrival]:
    """Read a CSV file; earliest arrivals come first. Raises InvalidField naming the line and the column."""
    with path.open(newline="", encoding="utf-8-sig") as file:  # spreadsheets write a byte order mark
        lines = csv.DictReader(file)
        try:
            if tuple(lines.fieldnames or ()) != COLUMNS:
                raise InvalidField("line 1", f"the columns must be {','.join(COLUMNS)}")
            return sorted(_arrivals(lines), key=lambda arrival: arrival.time)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InvalidField(f"line {lines.line_num + 1}", "must be CSV in UTF-8") from error


def _arrivals(lines: csv.DictReader[str]) -> Iterator[Arrival]:
    for line in lines:
        where = f"line {lines.line_num}"
        if None in line:
            raise InvalidField(where, f"has more than the {len(COLUMNS)} columns")
        for column in ("project", "flavor"):
            if not line[column]:
                raise InvalidField(f"{where}, {column}", "must not be empty")
        yield Arrival(
            time=_seconds(where, "time", line, LONGEST_SECONDS),
            project=line["project"],
            flavor=line["flavor"],
            zone=line["zone"] or "",
            lifetime=_seconds(where, "lifetime", line),
        )


def _seconds(where: str, column: str, line: Mapping[str, str | None], most: float = inf) -> float:
    try:
        seconds = float(line[column] or "")
    except ValueError:
        seconds = -1.0
    if not isfinite(seconds) or seconds < 0.0:
        raise InvalidField(f"{where}, {column}", "must be a number of seconds, 0 or more")
    if seconds > most:
        raise InvalidField(
            f"{where}, {column}", f"counts from the workload's beginning, to {most:.0f} at most"
        )
    return seconds
