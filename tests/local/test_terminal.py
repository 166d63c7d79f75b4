"""The terminal: colours only where they are wanted, bars that show what is true, lines that fit."""

from __future__ import annotations

import io

import pytest

from local.terminal import Cell, Terminal


class Tty(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def __init__(self, encoding="utf-8"):
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self):
        return True


def written(terminal):
    terminal.stream.flush()
    return terminal.stream.buffer.getvalue().decode(terminal.stream.encoding)


def test_a_terminal_gets_colours():
    terminal = Terminal.of(Tty(), {"TERM": "xterm"})
    terminal.heading("Hello")

    assert "\x1b[1mHello\x1b[0m" in written(terminal)


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colours_gets_none(environ):
    terminal = Terminal.of(Tty(), environ)
    terminal.proven("It is so.")

    assert "\x1b" not in written(terminal)


def test_a_terminal_that_shows_ascii_only_gets_nothing_else():
    terminal = Terminal.of(Tty(encoding="ascii"), {"NO_COLOR": "1"})
    terminal.proven("It is so.")
    terminal.line(terminal.bar(0.5) + " naïve")

    assert written(terminal).splitlines() == ["  + It is so.", "#####..... na?ve"]


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(0.0, "...."), (0.01, "#..."), (0.5, "##.."), (0.99, "###."), (1.0, "####"), (1.5, "####")],
)
def test_only_what_is_full_looks_full_and_only_what_is_empty_looks_empty(fraction, shown):
    assert Terminal(io.StringIO(), unicode=False).bar(fraction, columns=4) == shown


def test_a_table_is_aligned_and_wraps_in_its_last_column():
    terminal = Terminal(io.StringIO(), width=60)
    terminal.table(("POD", "WHY"), [[Cell("a-pod"), Cell("word " * 20)], [Cell("b"), Cell("none")]])
    lines = terminal.stream.getvalue().splitlines()

    assert max(map(len, lines)) <= 60
    assert lines[1] == "  POD    WHY"
    assert lines[3].startswith("         word")
    assert "  b      none" in lines


def test_a_command_to_paste_is_never_broken():
    terminal = Terminal(io.StringIO(), width=60)
    terminal.command("x" * 100)
    terminal.paragraph("see " + "/long" * 20)

    assert terminal.stream.getvalue().splitlines() == ["  " + "x" * 100, "  see", "  " + "/long" * 20]


def test_empty_lines_never_come_in_pairs():
    terminal = Terminal(io.StringIO())
    terminal.line("first")
    terminal.table(("A", "B"), [[Cell("1"), Cell("2")]])
    terminal.heading("next")

    assert "\n\n\n" not in terminal.stream.getvalue()


def test_progress_tells_what_came_of_it():
    terminal = Terminal(io.StringIO())
    with terminal.progress("A database") as tell:
        tell("http://here")

    assert terminal.stream.getvalue().startswith("  A database")
    assert "http://here" in terminal.stream.getvalue()
