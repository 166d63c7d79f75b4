"""Terminal: prints text for people, in colour where that is wanted, and no wider than the window."""

from __future__ import annotations

import shutil
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, TextIO

NARROWEST, WIDEST = 60, 100
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_GAP = "  "


class Cell(NamedTuple):
    """One field of a table: its text and its style, such as ``bold red``."""

    text: str
    style: str = ""


@dataclass
class Terminal:
    """Where a story is told. ``width`` is in columns; ``colour`` and ``unicode`` say what it can show."""

    stream: TextIO
    width: int = 80
    colour: bool = False
    unicode: bool = True
    interactive: bool = False
    _after_gap: bool = field(init=False, default=False)

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> Terminal:
        """The terminal that a stream writes to; heeds NO_COLOR, TERM=dumb and COLUMNS."""
        interactive = stream.isatty()
        plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        columns = shutil.get_terminal_size((80, 24)).columns
        return cls(
            stream,
            width=max(NARROWEST, min(WIDEST, columns)),
            colour=interactive and not plain,
            unicode=(stream.encoding or "").lower().replace("-", "") == "utf8",
            interactive=interactive and environ.get("TERM") != "dumb",
        )

    def styled(self, text: str, style: str) -> str:
        """The text in a style such as ``bold`` or ``bold red``, where colours are wanted."""
        if not (self.colour and style and text):
            return text
        codes = ";".join(_CODES[name] for name in style.split())
        return f"\x1b[{codes}m{text}\x1b[0m"

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line without wrapping it."""
        print(self.styled(self._shown(text), style), file=self.stream, flush=True)
        self._after_gap = not text

    def gap(self) -> None:
        """Print an empty line, unless the last line was empty."""
        if not self._after_gap:
            self.line()

    @property
    def mark(self) -> str:
        """What stands before a claim that was checked."""
        return "✓" if self.unicode else "+"

    def heading(self, text: str) -> None:
        """Print a title in bold, after an empty line."""
        self.gap()
        for line in _wrapped(text, self.width):
            self.line(line, "bold")

    def paragraph(self, text: str, style: str = "") -> None:
        """Print text wrapped to the width and indented."""
        for line in _wrapped(text, self.width - 2):
            self.line(f"  {line}", style)

    def proven(self, text: str) -> None:
        """Print a claim that was checked and holds, after a mark."""
        lines = _wrapped(text, self.width - 4)
        self.line(f"  {self.styled(self.mark, 'green')} {lines[0]}")
        for line in lines[1:]:
            self.line(f"    {line}")

    def complain(self, text: str) -> None:
        """Print in red what went wrong."""
        self.gap()
        for line in _wrapped(text, self.width):
            self.line(line, "red")

    def command(self, text: str) -> None:
        """Print a command; it is never wrapped, so that it can be pasted."""
        self.line(f"  {text}", "cyan")

    def table(self, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Print rows in aligned columns; the last column is wrapped to the width."""
        self.gap()
        titles = [Cell(title, "dim") for title in header]
        widths = [max(len(row[column].text) for row in [titles, *rows]) for column in range(len(header) - 1)]
        for row in [titles, *rows]:
            self._row(row, widths)
        self.gap()

    def _row(self, row: Sequence[Cell], widths: Sequence[int]) -> None:
        start = "  " + "".join(
            self.styled(cell.text.ljust(width), cell.style) + _GAP
            for cell, width in zip(row[:-1], widths, strict=True)
        )
        taken = 2 + sum(width + len(_GAP) for width in widths)
        last = _wrapped(row[-1].text, max(20, self.width - taken)) or [""]
        self.line((start + self.styled(last[0], row[-1].style)).rstrip())
        for text in last[1:]:
            self.line(" " * taken + self.styled(text, row[-1].style))

    def bar(self, fraction: float, columns: int = 10) -> str:
        """How full something is. Above 0 at least one column is filled; below 1 at least one is empty."""
        filled = round(max(0.0, min(1.0, fraction)) * columns)
        if fraction > 0:
            filled = max(1, filled)
        if fraction < 1:
            filled = min(columns - 1, filled)
        full, empty = ("█", "░") if self.unicode else ("#", ".")
        return full * filled + empty * (columns - filled)

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[str], None]]:
        """Print what is being set up and, after the block, the result and the seconds that it took.

        The block tells the result by calling the function that it gets.
        """
        result: list[str] = [""]
        started = time.monotonic()
        label = f"  {what:<26}"
        if self.interactive:
            print(self.styled(f"{label}...", "dim"), end="\r", file=self.stream, flush=True)
        try:
            yield lambda text: result.__setitem__(0, text)
        except BaseException:
            if self.interactive:
                self.line()
            raise
        seconds = f"{time.monotonic() - started:4.1f} s"
        self.line(f"{label}{self._shown(result[0]):<32}{self.styled(seconds, 'dim')}")

    def _shown(self, text: str) -> str:
        return text if self.unicode else text.encode(self.stream.encoding or "ascii", "replace").decode()


def _wrapped(text: str, width: int) -> list[str]:
    """Break at spaces only, so that paths and commands stay in one piece."""
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)
