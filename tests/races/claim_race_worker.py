"""One of several processes that create servers until pods are full; it may die at any step.

Says ``ready``, waits for a line, then creates, deletes and dies as its dice say until the race is over, and
writes what came of each create to standard output. The pods' truth, which no claim knows, is a file that all
processes append to.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib import wiring
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import UNCOUNTED, Share
from chalicelib.model.errors import NoPod, StoreBusy
from chalicelib.model.location import Location
from chalicelib.model.snapshot import snapshot_of
from chalicelib.settings import Settings
from tests.builders import a_flavor, a_spec

SPEED = 30  # a minute of the race's clock is two seconds, so that claims end while we watch
CREATES_A_LISTING = 20  # decisions are made on what was true long ago: only the claims are exact
POST_SECONDS = 0.01  # how long a pod's Nova takes
LEAVE_SECONDS = 28.0  # of the race's clock: a create that has no answer by then never sends its POST
MOST_SERVERS = 3
DIES, REFUSED = 0.03, 0.1  # shares of all creates
OVER = "over"  # the name of the file that ends the race for all processes
DELETES = 0.5  # of those that find no pod: all pods are full nearly all the time


@dataclass(frozen=True)
class Race:
    """What one process is to do.

    ``began_at`` is when the race's clock stood at ``EPOCH``; ``fault`` what is broken on purpose.
    """

    url: str
    prefix: str
    folder: str
    seed: int
    began_at: float
    fault: str = ""


EPOCH = datetime(2125, 1, 1, tzinfo=UTC)


def race_time(began_at: float) -> datetime:
    """Now, by the race's clock."""
    return EPOCH + timedelta(seconds=(time.monotonic() - began_at) * SPEED)


@dataclass(frozen=True)
class Server:
    """A line of the truth: ``count`` servers came (or went, below zero) at ``at``, monotonic seconds.

    ``asked_at`` is when the client asked, ``token`` that of the create's claim.
    """

    pod_id: str
    count: int
    at: float
    asked_at: float
    token: str

    def ids(self) -> list[str]:
        """The ids of the create's servers, by the numbers of their shares."""
        return [f"{self.token}/{number}" for number in range(abs(self.count))]


class Truth:
    """What the pods really hold: appended to by whoever makes or deletes a server."""

    def __init__(self, folder: str):
        self._path = Path(folder) / "truth"

    def write(self, server: Server) -> None:
        """One short write at the end: it is there in whole or not at all, whoever dies."""
        line = json.dumps(asdict(server)) + "\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, line.encode())
        os.close(handle)

    def servers(self) -> list[Server]:
        """All that happened, in the order in which it did."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return sorted((Server(**json.loads(line)) for line in lines), key=lambda server: server.at)


class Unconditional(DynamoClaimStore):
    """A fault: takes what it wants, free or not."""

    def claim(self, claim, least):
        return super().claim(claim, Amounts(*(-UNCOUNTED for _ in least)))


class Unfenced(DynamoClaimStore):
    """A fault: never looks whether the pod is open."""

    def _refusal(self, pod_id, update):
        update.conditions = [each for each in update.conditions if "is_open" not in each]
        update.values.pop(":open", None)
        return super()._refusal(pod_id, update)


CLAIM_STORES = {"condition removed": Unconditional, "fence not checked": Unfenced}


class Racer:
    """A process's own stores, binder and dice."""

    def __init__(self, race: Race):
        database = Database(race.prefix, PatientConnection("us-east-1", race.url))
        self.race, self.dice, self.truth = race, random.Random(race.seed), Truth(race.folder)
        chosen = Settings()
        claims = CLAIM_STORES.get(race.fault, DynamoClaimStore)(database)
        stores = replace(wiring.in_deployment(database, chosen, self.now), claims=claims)
        self.claims, self.locations = claims, stores.locations
        self.pods, self.binder = stores.pods, wiring.build_services(stores, chosen).servers.attempts.binder
        self.mine: list[Server] = []

    def now(self) -> datetime:
        return race_time(self.race.began_at)

    def run(self) -> Iterator[str]:
        """What became of each create."""
        number, pods = 0, snapshot_of(self.pods.list())
        while not Path(self.race.folder, OVER).exists():
            number += 1
            if number % CREATES_A_LISTING == 0:
                pods = snapshot_of(self.pods.list())
            try:
                yield self.create(pods)
            except (NoPod, StoreBusy) as refused:
                yield type(refused).__name__
                self.delete_perhaps()
                time.sleep(0.02)
            except Exception as error:
                yield f"error: {error!r}"

    def create(self, pods) -> str:
        asked_at, asked = time.monotonic(), self.now()
        count = self.dice.randint(1, MOST_SERVERS)
        spec = a_spec(
            flavor=a_flavor(ram_mb=0, root_gb=0),
            project_id=f"project-{self.dice.randrange(20)}",
            az_name="az1",
            requested_at=asked,
            count=count,
        )
        chosen = self.binder.bind(spec, pods)
        self.die_perhaps()
        time.sleep(POST_SECONDS)
        if self.dice.random() < REFUSED:
            chosen.release()
            return "refused by the pod"
        if (self.now() - asked).total_seconds() > LEAVE_SECONDS:
            chosen.release()
            return "too late"
        server = Server(chosen.pod.pod_id, count, time.monotonic(), asked_at, chosen.claim.token)
        self.truth.write(server)
        self.mine.append(server)
        self.die_perhaps()
        for number, server_id in enumerate(server.ids()):
            share = chosen.claim.share(number)
            place = Location(server_id, spec.project_id, server.pod_id, self.now(), share=share)
            self.locations.remember(place)
        return "created"

    def die_perhaps(self) -> None:
        """As Lambda would end us: at once, with a claim and perhaps a server that nobody knows of."""
        if self.dice.random() < DIES / 2:
            os.kill(os.getpid(), signal.SIGKILL)

    def delete_perhaps(self) -> None:
        if not self.mine or self.dice.random() >= DELETES:
            return
        gone = self.mine.pop(self.dice.randrange(len(self.mine)))
        self.truth.write(replace(gone, count=-gone.count, at=time.monotonic()))
        for number, server_id in enumerate(gone.ids()):
            self.locations.end(server_id, self.now())
            if self.dice.random() < DELETES:  # its owner asks once more, and is told that it is gone
                self.claims.release_share(Share(gone.pod_id, gone.token, number))


def argument(race: Race) -> str:
    return json.dumps(asdict(race))


def _main() -> None:
    racer = Racer(Race(**json.loads(sys.argv[1])))
    racer.pods.list()
    say: Any = sys.stdout.write
    say("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for outcome in racer.run():
        say(outcome + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
