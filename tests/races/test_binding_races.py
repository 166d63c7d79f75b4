"""Processes that race for bindings, and what must hold when the dust has settled."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import Binding, BindingAction, BindingEvent, BindingKey, change_of
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.errors import BindingConflict
from chalicelib.model.page import BindingQuery
from chalicelib.service.ports import ProjectStore
from chalicelib.settings import Settings
from tests.builders import a_capacity, a_flavor, a_pod
from tests.races.binding_race_worker import Race, argument

ROOT = Path(__file__).resolve().parents[2]
PODS = {"pod-1": "az1", "pod-2": "az1", "pod-3": "az1", "pod-4": "az2", "pod-5": "az2"}
FULL, ROOMY = Amounts(vcpus=100), Amounts(vcpus=10)


@dataclass
class Outcome:
    """What all processes reported, and what the mover did meanwhile."""

    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lost: int = 0
    ended: int = 0
    moves: int = 0
    seconds: float = 0.0


@dataclass
class Mover:
    """Fills one pod of each zone after another, and now and then ends a binding by hand."""

    database: Database
    outcome: Outcome
    projects: int
    dice: Random = field(default_factory=lambda: Random(1))
    pause_seconds: float = 0.15

    def __post_init__(self):
        self.stores = wiring.in_deployment(self.database, Settings())
        for pod_id, az_name in PODS.items():
            self.stores.pods.create(a_pod(pod_id, az_name))
        self.move()

    def move(self) -> None:
        full = {self.dice.choice([p for p, z in PODS.items() if z == zone]) for zone in ("az1", "az2")}
        # The full ones last: a zone never looks all full to somebody who lists it meanwhile.
        for pod_id in sorted(PODS, key=full.__contains__):
            capacity = a_capacity(used=FULL if pod_id in full else ROOMY, reported_at=wiring.now())
            self.stores.capacities.save(pod_id, CapacityReport(capacity, {"m1.small": a_flavor()}))
        self.outcome.moves += 1

    def end_one(self) -> None:
        project_id = f"project-{self.dice.randrange(self.projects)}"
        for binding in self.stores.bindings.of_project(project_id, "general")[:1]:
            try:
                self.stores.bindings.commit(change_of(binding, binding.ended(wiring.now(), "by hand")))
                self.outcome.ended += 1
            except BindingConflict:
                pass

    @contextmanager
    def moving(self) -> Iterator[None]:
        stop = Event()

        def run() -> None:
            while not stop.wait(self.pause_seconds):
                self.move()
                self.end_one()

        thread = Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def raced(
    database: Database, url: str, processes: int, creates: int, projects: int, fenced: bool = True
) -> Outcome:
    """Start the processes, let them go at once while capacities move, and gather what they report."""
    outcome = Outcome()
    mover = Mover(database, outcome, projects)
    workers = [
        _start(Race(url, database.prefix, seed, creates, projects, fenced)) for seed in range(processes)
    ]
    try:
        assert [worker.stdout.readline().strip() for worker in workers] == ["ready"] * processes
        started = time.monotonic()
        with mover.moving():
            for worker in workers:
                worker.stdin.write("go\n")
                worker.stdin.flush()
            for worker in workers:
                _gather(outcome, worker)
        outcome.seconds = time.monotonic() - started
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return outcome


def _start(race: Race) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.races.binding_race_worker", argument(race)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe)


def _gather(outcome: Outcome, worker: subprocess.Popen[str]) -> None:
    report = json.loads(worker.communicate()[0])
    outcome.acknowledged += report["acknowledged"]
    outcome.errors += report["errors"]
    outcome.lost += report["lost"]


def problems(outcome: Outcome, database: Database) -> list[str]:
    """Everything that isn't as it must be, in words; empty is good."""
    stores = wiring.in_deployment(database, Settings())
    bindings = stores.bindings.find(BindingQuery(active=None))
    histories = {binding.key: stores.bindings.history(binding.key) for binding in bindings}
    found = [f"error to a client: {error}" for error in outcome.errors]
    for binding in bindings:
        found += _history_problems(binding, histories[binding.key])
    found += _acknowledgement_problems(outcome, histories)
    found += _write_problems(outcome, histories)
    return found + _placing_problems(outcome, stores.projects)


def _history_problems(binding: Binding, events: list[BindingEvent]) -> list[str]:
    """Events have no gap and no duplicate, follow each other, and the binding equals the last."""
    found = []
    if [event.generation for event in events] != list(range(1, len(events) + 1)):
        found.append(f"{binding.key}: generations {[event.generation for event in events]}")
    bound_to = ""
    for event in events:
        if event.previous_pod_id != bound_to:
            found.append(f"{event.key} {event.generation}: came from {event.previous_pod_id}, not {bound_to}")
        bound_to = "" if event.action is BindingAction.ENDED else event.pod_id
    last = events[-1] if events else None
    state = (binding.generation, binding.pod_id, binding.is_binding, binding.decision_id)
    if last is None or state != (last.generation, last.pod_id, bool(bound_to), last.decision_id):
        found.append(f"{binding.key}: is {state}, its last event says {last}")
    return found


def _acknowledgement_problems(outcome: Outcome, histories: dict[BindingKey, list[BindingEvent]]) -> list[str]:
    """Every create names a generation, and its pod is that generation's; a divert wrote none."""
    found = []
    writers = {event.decision_id for events in histories.values() for event in events if event.decision_id}
    for ack in outcome.acknowledged:
        if ack["action"] == "divert":
            if ack["decision_id"] in writers:
                found.append(f"diverted {ack}, and yet it wrote a binding")
            continue
        by_generation = {event.generation: event for event in histories.get(BindingKey(*ack["key"]), [])}
        event = by_generation.get(ack["generation"])
        if event is None or event.pod_id != ack["pod_id"]:
            found.append(f"acknowledged {ack}, but the generation is {event}")
    return found


def _write_problems(outcome: Outcome, histories: dict[BindingKey, list[BindingEvent]]) -> list[str]:
    """Each create or update that was acknowledged is one event, and each such event one of them."""
    writes = Counter(
        (BindingKey(*ack["key"]), ack["generation"], ack["decision_id"])
        for ack in outcome.acknowledged
        if ack["action"] in ("create", "update")
    )
    written = Counter(
        (key, event.generation, event.decision_id)
        for key, events in histories.items()
        for event in events
        if event.action is not BindingAction.ENDED
    )
    unwritten, unclaimed = writes - written, written - writes
    return [f"acknowledged but not in history: {w}" for w in unwritten] + [
        f"in history but acknowledged to nobody: {w}" for w in unclaimed
    ]


def _placing_problems(outcome: Outcome, projects: ProjectStore) -> list[str]:
    """Every pod that a create went to is in its project's set."""
    went = {(ack["project_id"], ack["pod_id"]) for ack in outcome.acknowledged}
    known = {project_id: projects.pod_ids(project_id) for project_id, _ in went}
    return [f"{project} misses {pod}" for project, pod in went if pod not in known[project]]


def describe(outcome: Outcome, database: Database) -> str:
    actions = Counter(ack["action"] for ack in outcome.acknowledged)
    bindings = wiring.in_deployment(database, Settings()).bindings.find(BindingQuery(active=None))
    events = sum(binding.generation for binding in bindings)
    return (
        f"{len(outcome.acknowledged)} creates in {outcome.seconds:.1f} s: {dict(actions)}; "
        f"{outcome.lost} races lost, {outcome.ended} bindings ended by hand, {outcome.moves} capacity moves; "
        f"{len(bindings)} bindings with {events} events; {len(outcome.errors)} errors"
    )


def say(line: str) -> None:
    """For who runs it with ``-s``, and for the report of a failure."""
    sys.stdout.write(f"\n  {line}\n")


def test_eight_processes_race_and_every_create_is_in_the_pod_of_the_generation_it_names(
    database, embedded_dynamo
):
    outcome = raced(database, embedded_dynamo, processes=8, creates=200, projects=20)

    say(describe(outcome, database))
    assert problems(outcome, database) == []
    assert len(outcome.acknowledged) == 8 * 200
    actions = Counter(ack["action"] for ack in outcome.acknowledged)
    # A race in which nothing was contested would prove nothing.
    assert outcome.lost > 0
    assert outcome.ended > 0
    assert min(actions["create"], actions["update"], actions["keep"]) > 0
    decisions = wiring.in_deployment(database, Settings()).decisions
    for ack in outcome.acknowledged[::100]:
        assert decisions.get(ack["decision_id"]).selected.pod.pod_id == ack["pod_id"]


def test_the_same_check_goes_red_without_the_conditions(database, embedded_dynamo):
    outcome = raced(database, embedded_dynamo, processes=4, creates=60, projects=1, fenced=False)

    found = problems(outcome, database)
    say(f"unfenced: {len(found)} problems after {describe(outcome, database)}")
    assert found
    assert any("acknowledged" in problem for problem in found)


@pytest.mark.parametrize("gone", ["event", "binding"])
def test_the_check_sees_a_gap_and_a_binding_that_isnt_its_last_event(gone):
    key = BindingKey("p", "az1", "general")
    at = datetime(2025, 6, 1, tzinfo=UTC)
    first = Binding(key, "pod-1", 1, at, at)
    second = first.moved("pod-2", at, "better")
    events = [change_of(None, first).event, change_of(first, second).event]

    assert _history_problems(second, events) == []
    assert _history_problems(second, events[1:] if gone == "event" else events[:1])


@pytest.mark.parametrize("action", ["create", "divert"])
def test_the_check_sees_a_divert_that_wrote_a_binding(action):
    key = BindingKey("p", "az1", "general")
    at = datetime(2025, 6, 1, tzinfo=UTC)
    first = Binding(key, "pod-1", 1, at, at, decision_id="d-1")
    ack = {"action": action, "key": list(key), "generation": 1, "pod_id": "pod-1", "decision_id": "d-1"}

    found = _acknowledgement_problems(Outcome([ack]), {key: [change_of(None, first).event]})

    assert bool(found) is (action == "divert")
