"""Transaction in memory: all of several writes or none. One lock serves all stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import RLock
from typing import Any, Protocol

LOCK = RLock()


class Write(Protocol):
    """A write that joins another store's transaction, which here is a list of steps."""

    def join(self, transaction: Any) -> None:
        """Add itself to the transaction."""


@dataclass(frozen=True, slots=True)
class Step:
    """One write of a transaction. ``check`` raises GenerationConflict when it isn't allowed now."""

    act: Callable[[], None]
    check: Callable[[], None] = lambda: None

    def join(self, transaction: Any) -> None:
        """Add itself to the transaction's steps."""
        transaction.append(self)


def carry_out(writes: Iterable[Write]) -> None:
    """Make all writes. Raises GenerationConflict, with none made, if one of them isn't allowed now."""
    steps: list[Step] = []
    for write in writes:
        write.join(steps)
    with LOCK:
        for step in steps:
            step.check()
        for step in steps:
            step.act()
