"""Figure: one number that a benchmark found, with its unit and what it compares."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """``of`` says what over what; ``details`` are the measurements behind it, for the table only."""

    name: str
    value: float
    unit: str
    of: str
    details: str = ""
