"""Explorer: runs a scenario with every plan, and looks at what each of them leads to."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from tests.crash import checks
from tests.crash.backup import contents_of
from tests.crash.outcomes import Boundary, Kind, outcomes_of
from tests.crash.scenarios import Scenario, Story
from tests.crash.settle import settle
from tests.crash.world import World, in_virtual_time

Plan = Mapping[int, str]
NONE_ELSE = 1_000_000_000  # of the plans that are no first of their kind
SHARP = ("intents.", "locations.", "bindings.commit", "strays.", "pod: POST", "pod: DELETE", "a second write")


@dataclass
class Found:
    """What an exploration has found so far. ``states`` are the worlds that were left to settle."""

    runs: int = 0
    states: set[bytes] = field(default_factory=set)
    existing: set[tuple[str, str]] = field(default_factory=set)
    crashed: set[tuple[str, str, str]] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.runs += other.runs
        self.states |= other.states
        self.existing |= other.existing
        self.crashed |= other.crashed
        self.violations += other.violations

    @property
    def covered(self) -> set[tuple[str, str]]:
        """The crash points at which processes were killed, both before and after the call."""
        both = {"crash before", "crash after"}
        return {point for point in self.existing if all((*point, when) in self.crashed for when in both)}


@dataclass(frozen=True)
class Share:
    """Which of all plans are run; it is always the same share.

    Of the single disturbances those that are the first of their kind, and one of so many ``singles`` of the
    others; of the pairs that begin with these, one of so many ``pairs`` (0: none). This is shared out among
    ``parts``, of which this is one. ``only`` leaves all outcomes but this one out.
    """

    singles: int = 1
    pairs: int = 0
    part: int = 0
    parts: int = 1
    only: str = ""


def never(found: Found) -> bool:
    """Go on to the end."""
    return False


def explore(scenario: Scenario, share: Share = Share(), stop: Callable[[Found], bool] = never) -> Found:
    """Run a scenario undisturbed, then with every single disturbance, then with a share of all pairs.

    It ends early once ``stop`` says so.
    """
    found = Found()
    base = _run(scenario, {}, found)
    found.existing |= {(boundary.role, boundary.name) for boundary in base.acted}
    for number, plan in enumerate(_singles(base, scenario, share)):
        if number % share.parts != share.part:
            continue
        seen = len(found.states)
        run = _run(scenario, plan, found)
        # What ends as a world that was seen goes on like that one, too.
        if share.pairs and len(found.states) > seen:
            for pair in _pairs(plan, run, scenario):
                if _is_in_share(pair, share.pairs):
                    _run(scenario, pair, found)
                if stop(found):
                    return found
        if stop(found):
            return found
    return found


@dataclass(frozen=True)
class _Ran:
    """What was called in a run: ``began`` calls before the scenario's own, ``ended`` until it was over."""

    trace: list[Boundary]
    began: int
    ended: int

    @property
    def acted(self) -> list[Boundary]:
        return self.trace[self.began : self.ended]


def _singles(base: _Ran, scenario: Scenario, share: Share) -> Iterator[Plan]:
    known = set()
    for position, boundary in enumerate(base.acted, start=base.began + 1):
        for choice in _choices(boundary, scenario):
            plan = {position: choice}
            is_new = (boundary, choice) not in known
            if (is_new or _is_in_share(plan, share.singles)) and share.only in ("", choice):
                yield plan
            known.add((boundary, choice))


def _is_in_share(plan: Plan, one_of: int) -> bool:
    return zlib.crc32(repr(plan).encode()) % one_of == 0


def _pairs(plan: Plan, run: _Ran, scenario: Scenario) -> Iterator[Plan]:
    """The plan with one more disturbance, of a call by which servers may be lost or doubled.

    Those are also the calls by which clients and the gateway's clock get over the first one.
    """
    first = max(plan)
    for position, boundary in enumerate(run.trace[first:], start=first + 1):
        if boundary.name.startswith(SHARP):
            for choice in _choices(boundary, scenario):
                yield {**plan, position: choice}


def _choices(boundary: Boundary, scenario: Scenario) -> Iterator[str]:
    outcomes = outcomes_of(boundary.kind)
    yield from outcomes
    if boundary.role == scenario.role:
        for other in scenario.meanwhile:
            yield f"{other}, ok"
            if boundary.kind is Kind.POD_CREATE:
                yield from (f"{other}, {outcome}" for outcome in outcomes)
        if "retry" in scenario.meanwhile:
            yield "retry, retry, retry, ok"


def _run(scenario: Scenario, plan: Plan, found: Found) -> _Ran:
    """Play a story with a plan, let it settle unless such a world has settled before, and look at it."""
    found.runs += 1
    story = Story(World(plan))
    world = story.world
    with in_virtual_time(world):
        story.begin(scenario)
        ended, trace, wrong, state = (
            len(world.trace),
            list(world.trace),
            list(world.wrong),
            fingerprint(story),
        )
        if max(plan, default=0) > ended:  # the settling is disturbed, too
            wrong = settled(story, trace)
            found.states.add(fingerprint(story))
        elif state not in found.states:
            found.states.add(state)
            wrong = settled(story, trace)
    found.violations += [f"{scenario.name}, {_told(plan, world.trace)}: {each}" for each in wrong]
    found.crashed |= {(boundary.role, boundary.name, when) for boundary, when in world.crashes}
    return _Ran(trace, story.undisturbed, ended)


def settled(story: Story, trace: list[Boundary]) -> list[str]:
    """Let a world settle, and tell what is wrong with it. ``trace`` gets what is called meanwhile."""
    settle(story)
    trace[:] = story.world.trace
    return checks.at_rest(story) or checks.given_back(story)


def fingerprint(story: Story) -> bytes:
    """Equal for worlds that will go on alike."""
    world = story.world
    servers = [(m.pod_id, m.server) for m in world.novas.servers()]
    facts = (world.clock(), world.clock.to_come, servers, contents_of(world.stores), story.clients)
    return sha256(repr(facts).encode()).digest()


def _told(plan: Plan, trace: list[Boundary]) -> str:
    told = (f"{what!r} at call {at} ({_named(trace, at)})" for at, what in plan.items())
    return "; ".join(told) or "undisturbed"


def _named(trace: list[Boundary], at: int) -> str:
    return f"{trace[at - 1].role} {trace[at - 1].name}" if at <= len(trace) else "later"
