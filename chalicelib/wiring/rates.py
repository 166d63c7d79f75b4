"""Rates: what limits how much a project asks for, on given adapters."""

from __future__ import annotations

from chalicelib.service.asking.rates import Limits, Rates
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import Adapters, fresh_id


def rates(outside: Adapters, chosen: Settings) -> Rates:
    """One for a process, by whose id its counts are told from those of others."""
    limits = Limits(chosen.requests_per_minute, chosen.creates_per_minute, chosen.refused_creates_per_minute)
    return Rates(outside.rates, outside.clock, fresh_id().partition("-")[0], limits)
