"""Every contract runs against the stores in memory and against the embedded DynamoDB."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from chalicelib import wiring
from chalicelib.settings import Settings
from tests.builders import NOW

CHOSEN = Settings(location_ttl_days=7, decision_ttl_days=30)


@dataclass
class Hand:
    """A clock that a test moves by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> wiring.Adapters:
    if request.param == "memory":
        return wiring.in_memory(CHOSEN, Hand())
    return wiring.in_deployment(request.getfixturevalue("database"), CHOSEN, Hand())
