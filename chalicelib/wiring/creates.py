"""Creates: what keeps, finds and repeats them, on given adapters."""

from __future__ import annotations

import time

from chalicelib.service.creating.finding import Finding
from chalicelib.service.creating.intents import Intents
from chalicelib.service.creating.remembering import Remembering
from chalicelib.service.creating.repeats import Repeats
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.shared import Shared


def intents(outside: Adapters, chosen: Settings) -> Intents:
    """What writes down what a create is about to make."""
    return Intents(
        outside.intents, outside.locations, outside.clock, outside.ids, chosen.intent_settle_seconds
    )


def finding(outside: Adapters) -> Finding:
    """What looks for the servers of a create whose answer was lost."""
    return Finding(Remembering(outside.locations, outside.decisions, outside.clock), time.sleep)


def repeats(outside: Adapters, shared: Shared) -> Repeats:
    """What knows the creates by their keys."""
    return Repeats(outside.intents, shared.roster, finding(outside), outside.clock)
