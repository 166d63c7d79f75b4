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
    """Kills a gateway when a pod has got some changes, before or after the pod made them.

    It may be the gateway that waits for this very answer, or the other one in the midst of something else.
    """

    def __init__(self, stack, dice: Random) -> None:
        self._stack, self._dice = stack, dice
        self._fatal = set(dice.sample(range(5, OPERATIONS // 2), KILLS))
        self._numbers, self._lock, self._killed = count(1), threading.Lock(), threading.Semaphore(0)
        for pod in stack.cloud.pods.values():
            pod.serve = self._watched(pod.serve)

    def _watched(self, serve):
        def serve_or_kill(request):
            if request.method not in ("POST", "DELETE") or "/servers" not in request.path:
                return serve(request)
            with self._lock:
                fatal, after = next(self._numbers) in self._fatal, self._dice.random() < 0.5
                gateway = self._dice.choice(self._stack.gateways)
            if fatal and not after:
                self._kill(gateway)
            reply = serve(request)
            if fatal and after:
                self._kill(gateway)
            return reply

        return serve_or_kill

    def _kill(self, gateway) -> None:
        self._stack.kill(gateway)
        self._killed.release()

    def wait(self) -> None:
        """Return when all kills are over; the last clients may have been faster."""
        for _ in range(KILLS):
            assert self._killed.acquire(timeout=120)
        self._stack.all_back()


class Budget:
    """So many operations, and no more."""

    def __init__(self) -> None:
        self._numbers, self._lock = count(1), threading.Lock()

    def go_on(self) -> bool:
        with self._lock:
            return next(self._numbers) <= OPERATIONS


def test_after_kill_9_at_random_moments_pods_locations_and_clients_tell_the_same(tmp_path, fresh_tables):
    with running(tmp_path, fresh_tables.url, fresh_tables.prefix) as stack:
        operator, ledger, dice = Operator(stack), Ledger(), Random(SEED)
        killer = Killer(stack, dice)
        users = ("alpha", "beta")
        clients = [Client(stack, ledger, f"vm{n}", users[n % 2], SEED + str(n)) for n in range(CLIENTS)]

        work(clients, Budget().go_on)
        killer.wait()
        operator.settle()
        found = reckon(stack, ledger, operator.outside)

        answers = ledger.statuses
        assert found.wrong == [], answers
        assert (stack.kills, ledger.requests) == (KILLS, OPERATIONS)
        assert answers["create 202"] + answers["delete 204"] > 0.7 * OPERATIONS, answers
