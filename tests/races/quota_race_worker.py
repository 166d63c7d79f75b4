"""One of several processes that create servers in a project with a quota, and delete some of them.

Says ``ready``, waits for a line, makes its creates, and writes how many came of them. What the pods
really hold is a file that all processes append to.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.usage_store import DynamoUsageStore
from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import UNCOUNTED, Share
from chalicelib.model.errors import OverQuota
from chalicelib.model.identity import Caller, Identity
from chalicelib.model.location import Location
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.asking.usage import Usage
from chalicelib.service.creating.quota_claims import QuotaClaiming
from chalicelib.settings import Settings
from tests.builders import PROJECT, a_pod, a_spec
from tests.races.claim_race_worker import Server, Truth

LIMIT = 50
LAG_SECONDS = 0.3  # until a pod has scheduled a new server
COUNTED_SECONDS = 0.2  # until it counts one
PAUSE_SECONDS = 0.03
REFUSED, DELETED = 0.2, 0.3  # shares of all creates
CALLER = Caller(
    Identity("u1", PROJECT, frozenset({"member"}), datetime(2125, 1, 1, tzinfo=UTC)), "token", "req-1"
)


@dataclass(frozen=True)
class Race:
    """What one process is to do; ``fault`` is what is broken on purpose."""

    url: str
    prefix: str
    folder: str
    seed: int = 0
    creates: int = 100
    fault: str = ""


class Unconditional(DynamoUsageStore):
    """A fault: takes what it wants, used up or not."""

    def claim(self, claim, least):
        return super().claim(claim, Amounts(*(-UNCOUNTED for _ in least)))


class Generous(DynamoUsageStore):
    """A fault: gives back twice, whatever has ended."""

    def release(self, claim):
        super().release(claim)
        again = replace(claim, token=f"{claim.token}-again", need=Amounts() - claim.need)
        super().claim(again, Amounts(*(-UNCOUNTED for _ in claim.need)))


@dataclass(frozen=True)
class Pods:
    """The project's pods, which count a server some time after they made it, and tell so a moment later."""

    truth: Truth
    fault: str

    def of(self, caller, holder, new_since=None) -> Usage:
        seen_until, servers = time.monotonic() - LAG_SECONDS, self.truth.servers()
        counted_until = time.monotonic() - COUNTED_SECONDS
        asked_since = 0.0
        if new_since is not None:
            asked_since = time.monotonic() - (datetime.now(UTC) - new_since).total_seconds()
        gone = {server.token for server in servers if server.count < 0}
        there = [server for server in servers if server.count > 0]
        counted = {server.token for server in there if server.at <= seen_until} | gone
        waiting = {server.token for server in there} - counted
        if self.fault == "uncounted servers taken for counted":
            counted, waiting = counted | waiting, set()
        if self.fault == "counted servers never told":
            counted = set()
        living = [x for x in there if x.at <= counted_until and x.token not in gone]
        new = {server.token for server in servers if server.at >= asked_since}
        return Usage(
            Amounts(instances=len(living)), counted=frozenset(counted & new), waiting=frozenset(waiting & new)
        )


class Racer:
    """A process's own stores and dice."""

    def __init__(self, race: Race):
        database = Database(race.prefix, PatientConnection("us-east-1", race.url))
        chosen = Settings(quota_instances=LIMIT, quota_cores=-1, quota_ram=-1)
        stores = {"no condition": Unconditional, "given back twice": Generous}
        self.outside = wiring.in_deployment(database, chosen)
        self.creates = race.creates
        self.dice, self.truth = random.Random(race.seed), Truth(race.folder)
        self.quota: QuotaClaiming = replace(
            wiring.build_services(self.outside, chosen).servers.quota,
            usages=stores.get(race.fault, DynamoUsageStore)(database),
            reader=Pods(self.truth, race.fault),
            pause=lambda _: time.sleep(PAUSE_SECONDS),
        )
        self.mine: list[Server] = []

    def run(self) -> int:
        """How many of the creates succeeded."""
        return sum(self.create(number < self.creates / 2) for number in range(self.creates))

    def create(self, deleting: bool = False) -> bool:
        decision = decide(snapshot_of([a_pod()]), a_spec(), SPREAD, wiring.fresh_id())
        asked_at = time.monotonic()
        try:
            give_back = self.quota.take(CALLER, decision)
        except OverQuota:
            if deleting and self.mine and self.dice.random() < DELETED:
                gone = self.mine.pop()
                self.truth.write(replace(gone, count=-1, at=time.monotonic()))
            return False
        if self.dice.random() < REFUSED:
            give_back()
            return False
        server = Server("pod-a", 1, time.monotonic(), asked_at, decision.decision_id)
        self.truth.write(server)
        share = Share("pod-a", server.token, 0)  # of the pod's room, which has the same token
        self.outside.locations.remember(Location(server.token, PROJECT, "pod-a", wiring.now(), share=share))
        self.mine.append(server)
        return True


def _main() -> None:
    racer = Racer(Race(**json.loads(sys.argv[1])))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{racer.run()}\n")


def argument(race: Race) -> str:
    return json.dumps(asdict(race))


if __name__ == "__main__":
    _main()
