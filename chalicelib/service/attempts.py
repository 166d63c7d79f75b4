"""Attempts: read, decide, write if nobody wrote since; and anew when somebody did."""

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
    """Decorate what reads, decides and writes under a condition: it begins anew while it raises ``by``.

    Each of its runs, ``most`` at the most, reads for itself and so decides on what the winner wrote. The
    last loss is raised.
    """

    def decorated(attempt: Callable[P, T]) -> Callable[P, T]:
        @wraps(attempt)
        def attempts(*args: P.args, **kwargs: P.kwargs) -> T:
            for _ in range(most - 1):
                try:
                    return attempt(*args, **kwargs)
                except by:
                    continue
            return attempt(*args, **kwargs)

        return attempts

    return decorated
