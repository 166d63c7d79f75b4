"""The reckoning: when all has settled, pods, locations and what clients were told must tell the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib import wiring
from chalicelib.events import capacity
from chalicelib.wiring import Adapters
from tests.soak.clients import Ledger
from tests.soak.stack import Stack

TICK = timedelta(seconds=60)
# Until an intent is settled, two absences are proven and all claims have ended, with some to spare.
TICKS = 12


@dataclass
class Operator:
    """Our clocks, run by hand on the stack's tables and pods, at a time ahead of the real one."""

    stack: Stack
    ahead: timedelta = timedelta()
    outside: Adapters = field(init=False)

    def __post_init__(self) -> None:
        self.outside = wiring.in_deployment(self.stack.database, self.stack.chosen, self.now)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def tick(self) -> None:
        """One minute of our scheduled functions that look at servers.

        One may be left out, since a gateway that was killed in the midst of a refresh still holds the lease.
        """
        chosen = replace(self.stack.chosen, roster_cache_seconds=0.0, snapshot_cache_seconds=0.0)
        wiring.use(wiring.build_services(self.outside, chosen), chosen)
        try:
            told = capacity.tick({})
        finally:
            wiring.use(None)
        assert not told.get("failed"), told

    def settle(self) -> None:
        """Let so much time pass in which nobody asks anything that everything must be concluded."""
        for _ in range(TICKS):
            self.ahead += TICK
            self.tick()


@dataclass(frozen=True)
class Reckoning:
    """What is in the pods, and where it was found wrong."""

    servers: int
    adopted: int
    wrong: list[str]


def reckon(stack: Stack, ledger: Ledger, outside: Adapters) -> Reckoning:
    """Compare; ``wrong`` has one sentence for each server that one of the three knows otherwise.

    A server that nobody was told of may be a stray, if the operators are told so.
    """
    pods = {pod.pod_name: pod.pod_id for pod in outside.pods.list()}
    there = {
        server.id: (server.name, pods[name])
        for name, pod in stack.cloud.pods.items()
        for server in pod.servers()
    }
    located = {
        location.resource_id: location.pod_id
        for pod_id in pods.values()
        for location in outside.locations.of_pod(pod_id, limit=100_000)
    }
    told = {stray.server_id for stray in outside.strays.list()} - set(ledger.acknowledged.values())
    there = {server_id: seen for server_id, seen in there.items() if server_id not in told}
    wrong = list(ledger.lost)
    for server_id, (name, pod_id) in there.items():
        if located.get(server_id) != pod_id:
            wrong.append(f"{name} {server_id} is in {pod_id}, and its location says {located.get(server_id)}")
        if server_id in ledger.deleted:
            wrong.append(f"{name} {server_id} is there, though its delete was acknowledged")
        if name in ledger.refused:
            wrong.append(f"{name} {server_id} is there, though its create was refused")
    wrong += [
        f"{server_id} is located in {pod_id}, where it isn't"
        for server_id, pod_id in located.items()
        if server_id not in there
    ]
    wrong += [
        f"{name} {server_id} was acknowledged, and is gone"
        for name, server_id in ledger.acknowledged.items()
        if server_id not in there and server_id not in ledger.deleted | ledger.leaving
    ]
    twice = [name for name, count in Counter(name for name, _ in there.values()).items() if count > 1]
    wrong += [f"{name} was made more than once, though its key is one" for name in twice]
    acknowledged = set(ledger.acknowledged.values())
    wrong += [
        f"{name} {server_id} is there, and nobody asked for it"
        for server_id, (name, _) in there.items()
        if server_id not in acknowledged and name not in ledger.unknown
    ]
    adopted = sum(server_id not in acknowledged for server_id in there)
    return Reckoning(len(there), adopted, wrong)
