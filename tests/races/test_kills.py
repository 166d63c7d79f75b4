"""Gateways that are killed at random moments of creates and deletes: nothing is lost, nothing is doubled."""

from __future__ import annotations

import threading
from itertools import count
from random import Random

from tests.soak.clients import Client, Ledger, work
from tests.soak.reckoning import Operator, reckon
from tests.soak.stack import running

OPERATIONS = 300
CLIENTS = 6
KILLS = 6
SEED = "9"


class Killer:
    """Says whether one more operation may begin, and kills a gateway in the midst of some of them."""

    def __init__(self, stack, dice: Random) -> None:
        self._stack, self._dice = stack, dice
        self._fatal = set(dice.sample(range(10, OPERATIONS - 10), KILLS))
        self._numbers, self._lock = count(1), threading.Lock()

    def go_on(self) -> bool:
        with self._lock:
            number = next(self._numbers)
        if number in self._fatal:  # the other clients are in the midst of something
            self._stack.kill(self._dice.choice(self._stack.gateways))
        return number <= OPERATIONS


def test_after_kill_9_at_random_moments_pods_locations_and_clients_tell_the_same(tmp_path, fresh_tables):
    with running(tmp_path, fresh_tables.url, fresh_tables.prefix) as stack:
        operator, ledger, dice = Operator(stack), Ledger(), Random(SEED)
        clients = [
            Client(stack, ledger, f"vm{n}", ("alpha", "beta")[n % 2], SEED + str(n)) for n in range(CLIENTS)
        ]

        work(clients, Killer(stack, dice).go_on)
        stack.all_back()
        operator.settle()
        found = reckon(stack, ledger, operator.outside)

        assert found.wrong == [], ledger.statuses
        assert stack.kills == KILLS
        assert ledger.requests == OPERATIONS
        answers = ledger.statuses
        assert answers["create 202"] + answers["delete 204"] > 0.7 * OPERATIONS, answers
