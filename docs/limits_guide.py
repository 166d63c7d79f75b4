"""The table of what a pod may send us, written from the constants of the code."""

from __future__ import annotations

from collections.abc import Iterator
from http import client
from pathlib import Path

from chalicelib.adapters.openstack import carrier, flavors, server_reader, wire
from chalicelib.model import json_values
from chalicelib.service.asking import pages
from chalicelib.settings import Settings

GUIDE = Path(__file__).parent / "limits.md"
_BEGIN = "<!-- limits: `make docs` writes this table from the constants of the code -->\n"
_END = "<!-- end of limits -->\n"
_MIB = 1024 * 1024


def with_limits(guide: str) -> str:
    """The guide with its table as it should be."""
    before, rest = guide.split(_BEGIN)
    _, after = rest.split(_END)
    return before + _BEGIN + "".join(_rows()) + _END + after


def _rows() -> Iterator[str]:
    yield "| of | at most | else |\n|---|---|---|\n"
    for what, most in _of_requests():
        yield f"| {what} | {most} | no answer |\n"
    report = (
        f"{carrier.MOST_BYTES // _MIB} MiB",
        f"{carrier.MOST_PAGES} pages of one listing",
        f"{flavors.MOST_FLAVORS:,} flavors",
        _setting("refresh_deadline_seconds"),
    )
    yield f"| one report to a refresh | {', '.join(report)} | untrusted: the last good report stays |\n"
    most = f"{server_reader.MOST_MARKED_PAGES * server_reader.PAGE_ROWS:,} new servers of its project"
    yield f"| one look for a lost create's marker in metadata | {most} | it stays open, with an alarm |\n"


def _of_requests() -> Iterator[tuple[str, str]]:
    yield "one answer", f"{wire.MAX_BODY_BYTES // _MIB} MiB, never compressed"
    yield "its headers", f"{client._MAXHEADERS} lines of {client._MAXLINE // 1024} KiB"  # type: ignore[attr-defined]
    yield "its JSON", f"{json_values.MOST_LEVELS} levels; UTF-8; numbers that are finite and below 2^63"
    yield "one page", f"{pages.MOST_ROWS:,} rows"
    yield "one list for one request", f"{pages.MOST_PAGES} pages, each with something new, of up to 3 calls"
    yield "connecting", _setting("connect_timeout_seconds")
    yield "one call, to its last byte", f"{_setting('read_timeout_seconds')}, and what is left of the request"
    yield "one list", _setting("list_timeout_seconds")
    yield "one search", _setting("search_timeout_seconds")
    yield "one request", _setting("request_seconds")


def _setting(name: str) -> str:
    return f"`{name}` ({getattr(Settings(), name):g})"
