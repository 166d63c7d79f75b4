"""A pod that answers by misdeeds costs its own tenants an answer, and nobody else anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random

import pytest

from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.kinds import FIRST, GONE, MERGED, OWN
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.service.asking.pages import MOST_PAGES
from local.standin.hostile import MISDEEDS
from local.standin.hostile_bytes import SLOW
from tests.journeys.conftest import Answer
from tests.journeys.hostile_world import (
    GOOD,
    OTHER_TENANT,
    HostileWorld,
    hostile_world,
    is_served,
)

SEED = 9
REQUEST_SECONDS = 24.0
MOST_CALLS = 3 * (MOST_PAGES + 1) + 2  # of one pod, for one request of a client's
EACH, EACH_OF_ALL_PODS = 3, 12  # misdeeds of one row
QUICK = [name for name in MISDEEDS if name not in SLOW]
ROWS = [
    row
    for row in TABLE
    if row.kind is not GONE and row.role is not Role.ANYONE and is_served(row.since or "2.1")
]
OF_ALL_PODS = [row for row in ROWS if row.kind in (MERGED, FIRST) and row.role is Role.READER]
SAID_BY_THE_POD = {"says 500": 500, "says 501": 501}


@pytest.fixture(scope="module")
def world() -> Iterator[HostileWorld]:
    with hostile_world(request_seconds=REQUEST_SECONDS, list_timeout_seconds=10.0) as made:
        yield made


def some_pairs() -> list[tuple[Row, str]]:
    """All rows, each with some misdeeds that are drawn by lot; more with what tenants ask all pods for.

    Deletes come last, so that there is something to ask for.
    """
    dice, left, pairs = Random(SEED), list[str](), list[tuple[Row, str]]()
    for row in ROWS:
        for _ in range(EACH_OF_ALL_PODS if row in OF_ALL_PODS else EACH):
            left = left or dice.sample(QUICK, len(QUICK))
            pairs.append((row, left.pop()))
    return sorted(pairs, key=lambda pair: pair[0].method == "DELETE")


def wrong_with(answer: Answer, row: Row, misdeed: str, user: str, known: bool) -> list[str]:
    """What is wrong with an answer; ``known``: somebody else than the hostile pod has what is asked for."""
    wrong = []
    if any("h0stile" in value for value in answer.headers.values()):
        wrong.append("a header of the pod's")
    if not (200 <= answer.status < 300 or 400 <= answer.status < 505):
        wrong.append("a status that is none of Nova's")
    if answer.status in (500, 501) and answer.status != SAID_BY_THE_POD.get(misdeed):
        wrong.append("a failure of ours")
    if user == OTHER_TENANT and answer.status >= 500 and known:
        wrong.append("no answer to a tenant of another pod")
    if row.kind is MERGED and row.role is Role.READER and answer.status != 200:
        wrong.append("no list")
    return wrong


def test_whatever_a_pod_answers_it_costs_nobody_else_anything(world: HostileWorld) -> None:
    world.recover()
    known = {str(row): world.ask(row, OTHER_TENANT).status < 400 for row in OF_ALL_PODS}
    heard, failures = set[str](), list[str]()
    pairs = some_pairs()
    for seed, (row, misdeed) in enumerate(pairs):
        world.misbehave(misdeed, seed)
        for user in world.users_of(row):
            before, began = world.heard(), time.monotonic()
            answer = world.ask(row, user)
            calls, seconds = world.heard() - before, time.monotonic() - began
            wrong = wrong_with(answer, row, misdeed, user, known.get(str(row), True))
            if calls > MOST_CALLS:
                wrong.append(f"{calls} calls")
            if seconds > REQUEST_SECONDS:
                wrong.append("over the deadline")
            if wrong:
                told = f"{answer.status} {str(answer.body)[:100]}"
                failures.append(f"{', '.join(wrong)}: {user} {row} while it {misdeed}: {told}")
            heard |= {str(row)} if calls else set()
    assert not failures, "\n".join([f"{len(failures)} of {len(pairs)}", *failures])
    assert {misdeed for _, misdeed in pairs} == set(QUICK)
    assert {misdeed for row, misdeed in pairs if row.kind is MERGED} == set(QUICK)
    unheard = {str(row) for row in ROWS if row.kind is not OWN} - heard
    assert not unheard, "nothing was asked of the hostile pod"


def test_what_a_pod_tells_the_refresh_spoils_neither_others_reports_nor_their_creates(
    world: HostileWorld,
) -> None:
    gateway = world.gateway
    (create,) = (row for row in ROWS if (row.method, row.path) == ("POST", "/servers"))
    good = gateway.pods[GOOD.name].pod_id
    for seed, misdeed in enumerate(QUICK):
        world.misbehave(misdeed, seed)

        gateway.refresh()

        capacity, _, health = gateway.stores.capacities.get(good)
        assert capacity is not None, misdeed
        assert (health.error, health.unreachable_since) == ("", None), misdeed
        made = world.ask(create, OTHER_TENANT)
        assert made.status == 202, misdeed
        path = f"/v2.1/servers/{made.body['server']['id']}"
        assert gateway.call("DELETE", path, user=OTHER_TENANT).status == 204
