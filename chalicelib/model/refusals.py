"""Refusals: what is wrong with an input, gathered, so that one answer names all of its bad fields."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.model.errors import InvalidField, WrongField

MOST_NAMED = 100
LONGEST_KEY = 255


class Refusals:
    """The bad fields found so far, each with the first thing that is wrong with it."""

    def __init__(self) -> None:
        self._wrong: dict[str, WrongField] = {}

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note an InvalidField that is raised inside, and go on after the block."""
        try:
            yield
        except InvalidField as refused:
            for wrong in refused.wrong:
                self._wrong.setdefault(wrong.field, wrong)

    def add(self, field: str, message: str) -> None:
        """Note a bad field."""
        self._wrong.setdefault(field, WrongField(field, message))

    def refuse(self) -> None:
        """Raise InvalidField with all bad fields, at most ``MOST_NAMED``, if there are any."""
        if self._wrong:
            first, *others = list(self._wrong.values())[:MOST_NAMED]
            raise InvalidField(*first, others)


@contextmanager
def all_refusals() -> Iterator[Refusals]:
    """Gather refusals in a block. Raises InvalidField at its end when there were any."""
    gathered = Refusals()
    yield gathered
    gathered.refuse()


@contextmanager
def inside_of(field: str) -> Iterator[None]:
    """Where inner fields are refused, put the outer field's path before theirs."""
    try:
        yield
    except InvalidField as refused:
        first, *others = (WrongField(_path(field, wrong.field), wrong.message) for wrong in refused.wrong)
        raise InvalidField(*first, others) from refused


def named(key: str) -> str:
    """A key that the caller made up, as an error names it: an empty one in quotes, a very long one cut."""
    return (key if len(key) <= LONGEST_KEY else f"{key[:LONGEST_KEY]}...") or '""'


def _path(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if inner else outer
