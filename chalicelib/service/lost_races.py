"""Lost races: what reads, decides and writes begins anew when somebody else wrote meanwhile."""

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
    """Decorate what reads, decides and writes if nothing changed: it is run again when it raises ``by``.

    Each run, of ``most`` at the most, reads for itself and so decides on what the winner wrote. The last
    loss is raised.
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
