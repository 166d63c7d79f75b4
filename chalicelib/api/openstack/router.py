"""Router: finds the row for a verb and a path, and names the path's variables as the row does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from chalicelib.api.openstack.table import Row

PROJECT = "{project_id}"
_SLASHES = re.compile(r"/{2,}")
_PROJECT_ID = re.compile(r"[0-9a-f-]+")  # Nova's [api]project_id_regex


class DoubledRow(Exception):
    """Two rows of a table answer the same verb of the same path."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the router found. Where no row fits, ``allowed`` are the verbs that the path has.

    ``variables`` are decoded. ``rest`` is the path below the project's id, as it came.
    """

    row: Row | None
    variables: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""
    allowed: tuple[str, ...] = ()


class Router:
    """The rows of one API; ``project_ids`` serves each a second time below a project's id, as Nova does."""

    def __init__(self, table: Iterable[Row], project_ids: bool = False) -> None:
        """Raises DoubledRow where two rows answer the same verb of the same path."""
        self.project_ids = project_ids
        self._patterns: dict[int, list[_Pattern]] = {}
        for row in table:
            self._add(_Pattern(row, _parts(row.path)))
            if project_ids:
                self._add(_Pattern(row, (PROJECT, *_parts(row.path))))
        for patterns in self._patterns.values():
            patterns.sort(key=lambda pattern: pattern.shape)

    def _add(self, pattern: _Pattern) -> None:
        alike = self._patterns.setdefault(len(pattern.parts), [])
        if any(known.row.method == pattern.row.method and known.shape == pattern.shape for known in alike):
            raise DoubledRow(f"two rows for {pattern.row}")
        alike.append(pattern)

    def find(self, method: str, path: str) -> Found:
        """The row for a path below the API's prefix, still encoded.

        Where several rows fit, a literal segment goes before a variable. Only rows with the verb count:
        ``DELETE /servers/detail`` has no row of its own and deletes the server "detail", as with Nova.
        Several slashes are one, as with Nova: a client may have a slash at the end of its endpoint.
        """
        segments = _parts(_SLASHES.sub("/", path))
        fitting = [known for known in self._patterns.get(len(segments), ()) if known.fits(segments)]
        for pattern in fitting:
            if pattern.row.method == method:
                return pattern.found(segments)
        return Found(None, rest=path, allowed=tuple(sorted({pattern.row.method for pattern in fitting})))


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A row, and the segments of a path that leads to it, with or without the project's id before it."""

    row: Row
    parts: tuple[str, ...]

    @property
    def shape(self) -> tuple[tuple[bool, str], ...]:
        """Sorts literal segments before variables; equal for paths that differ only in variables' names."""
        return tuple((True, "") if _is_variable(part) else (False, part) for part in self.parts)

    def fits(self, segments: tuple[str, ...]) -> bool:
        return all(_fits(part, segment) for part, segment in zip(self.parts, segments, strict=True))

    def found(self, segments: tuple[str, ...]) -> Found:
        pairs = zip(self.parts, segments, strict=True)
        variables = {part[1:-1]: unquote(segment) for part, segment in pairs if _is_variable(part)}
        below = segments[1:] if self.parts[:1] == (PROJECT,) else segments
        return Found(self.row, variables, "".join(f"/{segment}" for segment in below))


def _parts(path: str) -> tuple[str, ...]:
    """The segments of a path; a slash at its end makes an empty one, as ``/servers/`` is not ``/servers``."""
    return tuple(path.split("/")[1:])


def _is_variable(part: str) -> bool:
    return part.startswith("{")


def _fits(part: str, segment: str) -> bool:
    if part == PROJECT:
        return _PROJECT_ID.fullmatch(segment) is not None
    return segment != "" if _is_variable(part) else unquote(segment) == part
