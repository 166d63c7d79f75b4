"""Lost races: a function that reads, decides and writes is run again when somebody else wrote meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from chalicelib.model.errors import Conflict, GenerationConflict

P = ParamSpec("P")
T = TypeVar("T")


def anew_when_overtaken(
    most: int, by: type[Conflict] = GenerationConflict
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate such a function: when it raises ``by``, it is run again, ``most`` times in all.

    Each run reads anew and so decides on what the winner wrote. What the last run raises is raised.
    """

    def decorated(change: Callable[P, T]) -> Callable[P, T]:
        @wraps(change)
        def persistent(*args: P.args, **kwargs: P.kwargs) -> T:
            for _ in range(most - 1):
                try:
                    return change(*args, **kwargs)
                except by:
                    continue
            return change(*args, **kwargs)

        return persistent

    return decorated
