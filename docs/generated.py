"""``make docs``: write what in docs/ follows from the code; with ``--check`` only tell what is stale."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from chalicelib.model.json_values import to_json
from chalicelib.model.pod_table import DEFAULTS, ENTRIES, READERS, SHOWN
from docs import compute_guide, compute_openapi, limits_guide

ADMIN_API = Path(__file__).parent / "admin-api.md"
_BEGIN = "<!-- pod fields: `make docs` writes this table from chalicelib/model/pod.py -->\n"
_END = "<!-- end of pod fields -->\n"


def main(arguments: list[str]) -> None:
    """Bring the files up to date. With ``--check`` raise SystemExit that names those that aren't."""
    stale = [path for path, text in documents().items() if not path.exists() or path.read_text() != text()]
    if stale and "--check" in arguments:
        raise SystemExit(f"make docs: {', '.join(path.name for path in stale)} would change")
    for path in stale:
        path.write_text(documents()[path]())


def documents() -> Mapping[Path, Callable[[], str]]:
    """The generated files, and what makes their text as it should be."""
    return {
        ADMIN_API: lambda: with_pod_fields(ADMIN_API.read_text()),
        compute_guide.GUIDE: lambda: compute_guide.with_routes(compute_guide.GUIDE.read_text()),
        compute_openapi.OPENAPI: compute_openapi.openapi_text,
        limits_guide.GUIDE: lambda: limits_guide.with_limits(limits_guide.GUIDE.read_text()),
    }


def with_pod_fields(guide: str) -> str:
    """The admin API's guide with the table of a pod's fields as it should be."""
    before, rest = guide.split(_BEGIN)
    _, after = rest.split(_END)
    return before + _BEGIN + "".join(_rows()) + _END + after


def _rows() -> Iterator[str]:
    yield "| field | meaning | default |\n|---|---|---|\n"
    for name in SHOWN:
        yield f"| `{name}` | {ENTRIES[name].sentence} | {_default(name)} |\n"


def _default(name: str) -> str:
    if name not in READERS:
        return "read only"
    if name not in DEFAULTS:
        return "required"
    value = to_json(DEFAULTS[name])
    if value is None:
        return "null"
    if value == "":
        return "empty"
    return "none" if value in ({}, []) else f"`{value}`"


if __name__ == "__main__":
    main(sys.argv[1:])
