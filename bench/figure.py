"""Figure: one number that a benchmark found, with its unit and what it compares."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """``of`` says what was divided by what; ``details`` has the measurements, for the table only."""

    name: str
    value: float
    unit: str
    of: str
    details: str = ""
