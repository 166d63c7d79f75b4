"""A share of the crash matrix; ``make crash-matrix`` runs the whole of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database
from tests.crash.explorer import NONE_ELSE, Share, explore, settled
from tests.crash.mutants import MUTANTS, Mutant
from tests.crash.scenarios import SCENARIOS, Scenario, Story
from tests.crash.world import World, in_virtual_time

LEAST_MUTANTS = 12
SHARE = Share(singles=NONE_ELSE, pairs=8000)
# What the stores themselves must stand: an answer that is lost though the write was made, and a repeat.
ON_DYNAMODB = (
    ("create", "intents.put", "crash before"),
    ("create", "intents.put", "busy though written"),
    ("create", "bindings.commit", "busy though written"),
    ("create", "bindings.commit", "written twice"),
    ("create", "claims.claim", "written twice"),
    ("create", "usages.claim", "busy though written"),
    ("create", "pod: POST /servers", "crash after"),
    ("create", "pod: POST /servers", "refused by quota"),
    ("delete", "locations.end", "crash before"),
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of processes are killed here, and each would tell of it."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def _on_dynamodb(database, chosen, clock, ids) -> wiring.Adapters:
    return replace(wiring.in_deployment(database, chosen, clock), ids=ids)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_is_lost_or_doubled(scenario: Scenario):
    found = explore(scenario, SHARE)

    assert not found.violations
    assert found.covered == found.existing


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_caught(mutant: Mutant):
    assert mutant.caught_by()


def test_there_are_enough_mutants():
    assert len({mutant.name for mutant in MUTANTS}) >= LEAST_MUTANTS


@pytest.mark.parametrize(("name", "call", "what"), ON_DYNAMODB)
def test_nothing_is_lost_or_doubled_on_dynamodb(name: str, call: str, what: str, database: Database):
    (scenario,) = [each for each in SCENARIOS if each.name == name]
    story = Story(World(stores_on=lambda chosen, clock, ids: _on_dynamodb(database, chosen, clock, ids)))

    with in_virtual_time(story.world):
        story.begin(scenario, once={call: what})
        wrong = settled(story, [])

    assert not story.world.once, "the call was never made"
    assert not wrong
