"""Bad weather: pods that die, hang or lose their answers for a while, and gateways that are killed."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from local.standin.script import Trouble
from tests.soak.stack import Stack

PAUSE_SECONDS = 6.0
TROUBLE_SECONDS = 4.0


@dataclass
class Weather:
    """Each few seconds a pod or the second gateway is in trouble; the first lives from begin to end."""

    stack: Stack
    dice: Random
    met: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until ``clear`` is called."""
        while not self._over.wait(PAUSE_SECONDS):
            what = self.dice.choice((self._kill_gateway, self._kill_pod, self._hang_pod, self._lose_answers))
            what()

    def clear(self) -> None:
        """End it, and leave every pod in order."""
        self._over.set()

    def _kill_gateway(self) -> None:
        second = self.stack.gateways[1]
        if second.up:
            self.met["gateway killed"] += 1
            self.stack.kill(second)

    def _kill_pod(self) -> None:
        self.met["pod killed"] += 1
        pod = self._a_pod()
        pod.kill()
        self._over.wait(TROUBLE_SECONDS)
        pod.start()

    def _hang_pod(self) -> None:
        self.met["pod hung"] += 1
        pod = self._a_pod()
        pod.hang(TROUBLE_SECONDS)
        self._over.wait(TROUBLE_SECONDS)
        pod.recover()

    def _lose_answers(self) -> None:
        self.met["answers lost"] += 1
        pod = self._a_pod()
        pod.trouble(Trouble(path="/servers", times=5, when=self.dice.choice(("before", "after")), reset=True))
        self._over.wait(TROUBLE_SECONDS)
        pod.recover()

    def _a_pod(self):
        return self.dice.choice(list(self.stack.cloud.pods.values()))
