"""Processes that fill pods of known size, and die at random: never over the limit, and nothing lost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.claim import allowance
from chalicelib.model.pod import PodState
from chalicelib.model.sighting import Sighting, Stage
from chalicelib.settings import Settings
from tests.builders import a_capacity, a_flavor, a_pod
from tests.races.claim_race_worker import OVER, SPEED, Race, Server, Truth, argument, race_time

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"pod-1": 20, "pod-2": 30, "pod-3": 40}  # vCPUs, in the smallest race
KEEP_WATERMARK = 0.95
# A report sees servers this late (seconds of the race's clock): Nova's scheduler has to place them first.
LAG_SECONDS = 40.0
SETTLE_SECONDS = 180.0
FENCED_SECONDS = 0.7
MOST_SECONDS = 90.0
# What each fault makes of the time, in seconds, until a report counts a claim's servers in its stead.
SETTLING = {"claims dropped that the observation didn't cover": -120.0, "claims never dropped": 1e9}


@dataclass
class Fence:
    """While a pod was fenced: from when the operator had the answer until it was taken away."""

    pod_id: str
    since: float
    until: float = float("inf")


@dataclass
class Field:
    """The pods, what is really in them, and the operator and the refresh that work on them meanwhile."""

    database: Database
    truth: Truth
    began_at: float
    settle_seconds: float
    sizes: dict[str, int]
    fences: list[Fence] = field(default_factory=list)
    rounds: int = 0
    ahead_seconds: float = 0.0
    placed_too_early: bool = False

    def __post_init__(self):
        chosen = replace(Settings(), claim_settle_seconds=self.settle_seconds)
        stores = replace(wiring.in_deployment(self.database, chosen, self.now), reader=self, servers=self)
        self.pods, self.claims = stores.pods, stores.claims
        for pod_id in self.sizes:
            self.pods.create(a_pod(pod_id))
        self._refresh = wiring.build_services(stores, chosen).capacity_refresh

    def now(self) -> datetime:
        return race_time(self.began_at) + timedelta(seconds=self.ahead_seconds)

    def placed_until(self):
        """The servers that came before this moment have a host by now, so a report counts them."""
        return time.monotonic() - (0.0 if self.ahead_seconds else LAG_SECONDS / SPEED)

    def page(self, pod, since, after):
        """Nothing to be adopted."""
        return []

    def changed_since(self, pod, since):
        """What a pod lists: servers wait for a host for a while; those that went are gone at once."""
        placed_until = time.monotonic() if self.placed_too_early else self.placed_until()
        stages = {}
        for server in self.truth.servers():
            if server.pod_id == pod.pod_id:
                placed = Stage.PLACED if server.at <= placed_until else Stage.WAITING
                stages |= dict.fromkeys(server.ids(), placed if server.count > 0 else Stage.FREED)
        # A server that is seen waiting keeps its claim, so a fault by which claims end too soon hides those.
        hidden = Stage.WAITING if self.settle_seconds < 0 else None
        return [Sighting(server_id, stage) for server_id, stage in stages.items() if stage is not hidden]

    def read(self, pod):
        """What a pod reports: what was in it a while ago, as sizes are and with no other resource."""
        at, seen_until = self.now(), self.placed_until()
        used = sum(s.count for s in self.truth.servers() if s.pod_id == pod.pod_id and s.at <= seen_until)
        capacity = a_capacity(self.sizes[pod.pod_id], None, None, used=Amounts(vcpus=used), reported_at=at)
        return CapacityReport(capacity, {"m1.small": a_flavor(ram_mb=0, root_gb=0)})

    def refresh(self) -> None:
        assert self._refresh.refresh_all().failed == ()
        self.rounds += 1

    def fence(self, pod_id: str) -> None:
        self._set_state(pod_id, PodState.CORDONED)
        self.fences.append(Fence(pod_id, time.monotonic()))

    def open(self) -> None:
        if self.fences:
            self.fences[-1].until = min(self.fences[-1].until, time.monotonic())
            self._set_state(self.fences[-1].pod_id, PodState.ENABLED)

    def _set_state(self, pod_id: str, state: PodState) -> None:
        pod = self.pods.get(pod_id)
        self.pods.update(pod, replace(pod, state=state))

    def settle_down(self) -> None:
        """Time passes in which nobody creates: all claims end, and reports see all there is."""
        self.open()
        self.ahead_seconds = 3600.0
        for _ in range(3):
            self.refresh()


@dataclass
class Crowd:
    """Processes that race; whoever dies is followed by another, with dice of its own."""

    race: Race
    size: int
    seed: int = 0
    deaths: int = 0
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def gather(self) -> None:
        """All of them stand ready."""
        while len(self.running) < self.size:
            self.running.append(self._start())
        while self.told()["ready"] < self.size:
            assert all(process.poll() is None for process in self.running), "one died before the race"
            time.sleep(0.05)

    def go(self) -> None:
        for process in self.running:
            self._let(process)

    def replace_the_dead(self) -> None:
        for place, process in enumerate(self.running):
            if process.poll() not in (None, 0):
                self.deaths += 1
                self.running[place] = self._start()
                self._let(self.running[place])

    def told(self) -> Counter[str]:
        """What became of all creates until now."""
        told = [file.read_text().splitlines() for file in Path(self.race.folder).glob("told-*")]
        return Counter(line for lines in told for line in lines)

    def end(self) -> None:
        Path(self.race.folder, OVER).touch()
        for process in self.running:
            process.wait(timeout=60)

    def kill(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        self.seed += 1
        command = [sys.executable, "-m", "tests.races.claim_race_worker"]
        command.append(argument(replace(self.race, seed=self.seed)))
        with Path(self.race.folder, f"told-{self.seed}").open("wb") as output:
            return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=output)

    def _let(self, process: subprocess.Popen[bytes]) -> None:
        process.stdin.write(b"go\n")
        process.stdin.flush()


@dataclass
class Outcome:
    """What the race left behind."""

    told: Counter[str]
    deaths: int
    field: Field
    servers: list[Server]

    def problems(self) -> list[str]:
        """Everything that isn't as it must be, in words; empty is good."""
        errors = [f"{count} times {what}" for what, count in self.told.items() if what.startswith("error")]
        return errors + self._overfilled() + self._beyond_the_fence() + self._lost()

    def _overfilled(self) -> list[str]:
        """At no moment were there more servers in a pod than its watermark allows."""
        held, most = Counter(), Counter()
        for server in self.servers:
            held[server.pod_id] += server.count
            most[server.pod_id] = max(most[server.pod_id], held[server.pod_id])
        allowed = {pod_id: int(size * KEEP_WATERMARK) for pod_id, size in self.field.sizes.items()}
        return [f"{p} held {most[p]} of {allowed[p]}" for p in allowed if most[p] > allowed[p]]

    def _beyond_the_fence(self) -> list[str]:
        """No server that was asked for after the operator's answer is in a pod that was fenced."""
        return [
            f"a server came to {fence.pod_id} {server.asked_at - fence.since:.3f} s after its fence"
            for fence in self.field.fences
            for server in self.servers
            if server.count > 0
            and server.pod_id == fence.pod_id
            and fence.since < server.asked_at
            and server.at < fence.until
        ]

    def _lost(self) -> list[str]:
        """Once things settled, what is free is all that nobody uses."""
        found = []
        for pod in self.field.pods.list():
            used = sum(server.count for server in self.servers if server.pod_id == pod.pod_id)
            balance = self.field.claims.read(pod.pod_id)
            free = allowance(pod.limits) - Amounts(vcpus=used)
            if balance.claimed != Amounts() or balance.free != free:
                claimed = balance.claimed.vcpus
                found.append(f"{pod.pod_id}: {balance.free.vcpus} free of {free.vcpus}, {claimed} claimed")
        return found

    def __str__(self) -> str:
        told = {what: times for what, times in self.told.most_common() if what != "ready"}
        return f"{told}; {self.deaths} deaths, {self.field.rounds} refreshes, {len(self.field.fences)} fences"


@dataclass(frozen=True)
class Enough:
    """When a race may end: after some seconds, and on a busy machine when this much has happened.

    ``problem`` is part of what a planted fault must lead to.
    """

    seconds: float
    told: dict[str, int]
    deaths: int = 0
    problem: str = ""

    def seen(self, seconds: float, outcome: Outcome) -> bool:
        return (
            seconds >= self.seconds
            and outcome.deaths >= self.deaths
            and all(outcome.told[what] >= least for what, least in self.told.items())
            and (not self.problem or any(self.problem in found for found in outcome.problems()))
        )


def raced(
    database: Database,
    url: str,
    folder: Path,
    processes: int,
    enough: Enough,
    scale: int = 1,
    fault: str = "",
) -> Outcome:
    """Let the processes go at once, with refreshes and fences in between, and see what is left."""
    truth, began_at = Truth(str(folder)), time.monotonic()
    sizes = {pod_id: size * scale for pod_id, size in SIZES.items()}
    ground = Field(database, truth, began_at, SETTLING.get(fault, SETTLE_SECONDS), sizes)
    ground.placed_too_early = fault == "claims ended of servers that no host has"
    ground.refresh()
    crowd = Crowd(Race(url, database.prefix, str(folder), 0, began_at, fault), processes)
    with ExitStack() as undo:
        undo.callback(crowd.kill)
        crowd.gather()
        crowd.go()
        _meddle(ground, crowd, enough)
        crowd.end()
    ground.settle_down()
    return _outcome(ground, crowd)


def _outcome(ground: Field, crowd: Crowd) -> Outcome:
    return Outcome(crowd.told(), crowd.deaths, ground, ground.truth.servers())


def _meddle(ground: Field, crowd: Crowd, enough: Enough) -> None:
    """Refresh and fence in turns, and replace whoever died, until the race has seen enough."""
    names, started = list(ground.sizes), time.monotonic()
    for turn in count():
        seconds = time.monotonic() - started
        if seconds > MOST_SECONDS or enough.seen(seconds, _outcome(ground, crowd)):
            return
        ground.refresh()
        ground.fence(names[turn % len(names)])
        crowd.replace_the_dead()
        time.sleep(FENCED_SECONDS)
        ground.open()


def say(line: str) -> None:
    """For who runs it with ``-s``, and for the report of a failure."""
    sys.stdout.write(f"\n  {line}\n")


def test_eight_processes_that_die_at_random_never_overfill_a_pod_and_lose_no_room(
    database, embedded_dynamo, tmp_path
):
    # A race in which nothing was scarce and nobody died would prove nothing.
    enough = Enough(14.0, {"created": 61, "refused by the pod": 1, "NoPod": 1}, deaths=1)
    outcome = raced(database, embedded_dynamo, tmp_path, 8, enough, scale=2)

    say(str(outcome))
    assert outcome.problems() == []
    assert outcome.deaths >= enough.deaths
    assert all(outcome.told[what] >= least for what, least in enough.told.items())


@pytest.mark.parametrize(
    ("fault", "symptom", "scale"),
    [
        ("condition removed", "held", 1),
        ("claims dropped that the observation didn't cover", "held", 1),
        ("claims ended of servers that no host has", "held", 1),
        ("claims never dropped", "claimed", 1),
        ("fence not checked", "after its fence", 100),  # there is always room behind it
    ],
)
def test_the_same_check_goes_red_for_each_planted_fault(
    fault, symptom, scale, database, embedded_dynamo, tmp_path
):
    enough = Enough(5.0, {"created": 20}, problem=symptom)
    outcome = raced(database, embedded_dynamo, tmp_path, 4, enough, scale=scale, fault=fault)

    found = outcome.problems()
    say(f"{fault}: {found[:2]}; {outcome}")
    assert any(symptom in problem for problem in found)
