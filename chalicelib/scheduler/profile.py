"""Profile: the filters, weighers and multipliers in force."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Placeholder shape until the scheduler lands; see DESIGN 2."""

    name: str = "default"
    version: int = 0
