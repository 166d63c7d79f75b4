"""The tables of the compute API's guide: a line for each row of the route table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from chalicelib.api.openstack.kinds import SAME_AS
from chalicelib.api.openstack.table import Row
from docs.route_words import answered_by, by_noun, microversions

GUIDE = Path(__file__).parent / "compute-api.md"
_BEGIN = "<!-- routes: `make docs` writes what follows from chalicelib/api/nova/routes -->\n"


def with_routes(guide: str) -> str:
    """The guide with its tables as they should be."""
    return guide.partition(_BEGIN)[0] + _BEGIN + "".join(_sections())


def _sections() -> Iterator[str]:
    for noun, rows in by_noun().items():
        yield f"\n## {noun}\n\n| verb | path | role | answered by | microversions |\n|---|---|---|---|---|\n"
        for row in rows:
            cells = (row.method, _code(row.path), row.role.name.lower(), answered_by(row), microversions(row))
            yield f"| {' | '.join(cells)} |\n"
        yield from _actions(rows)


def _actions(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if isinstance(row.kind, SAME_AS):
            continue
        if row.actions:
            yield f"\nActions of `{row}`:\n\n| action | policy | microversions |\n|---|---|---|\n"
        for action in row.actions:
            yield f"| `{action.name}` | `{action.policy}` | {microversions(action)} |\n"


def _code(path: str) -> str:
    return f"`{path}`" if path else "(empty)"
