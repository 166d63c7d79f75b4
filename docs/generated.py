"""``make docs``: write the tables in the guides that follow from the code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chalicelib.model.json_values import to_json
from chalicelib.model.pod_table import DEFAULTS, ENTRIES, READERS, SHOWN

ADMIN_API = Path(__file__).parent / "admin-api.md"
_BEGIN = "<!-- pod fields: `make docs` writes this table from chalicelib/model/pod.py -->\n"
_END = "<!-- end of pod fields -->\n"


def main() -> None:
    """Bring the guide up to date."""
    ADMIN_API.write_text(with_pod_fields(ADMIN_API.read_text()))


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
    main()
