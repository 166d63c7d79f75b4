"""World: two pods, the stores and the clock, which outlive every process; and what clients were told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from itertools import count
from typing import Any
from unittest.mock import patch

from chalicelib import wiring
from chalicelib.model.deed import Deed
from chalicelib.model.errors import Unauthenticated
from chalicelib.model.identity import Identity
from chalicelib.model.pod_request import PodRequest
from chalicelib.settings import Settings
from tests.builders import PROJECT, a_pod
from tests.crash import moments
from tests.crash.clock import VirtualClock
from tests.crash.novas import MEMBER, USER, Novas
from tests.crash.outcomes import CRASHES, Attempt, Boundary, Kind, outcome
from tests.crash.process import Process
from tests.crash.without_sdk import bare_reading

POD_IDS = ("pod-a", "pod-b")
QUOTA = 12
CHOSEN = Settings(
    quota_instances=QUOTA,
    quota_cores=QUOTA,
    quota_ram=QUOTA * 512,
    stray_action="delete",
    log_level="CRITICAL",
)
StoresOn = Callable[[Settings, VirtualClock, Callable[[], str]], wiring.Adapters]
Meanwhile = Callable[["World"], None]


class _Tokens:
    """A Keystone that knows one member."""

    def validate(self, token: str) -> Identity:
        if token != MEMBER:
            raise Unauthenticated("no token")
        return Identity(USER, PROJECT, frozenset({"member"}), datetime.fromisoformat("2099-01-01T00:00:00Z"))


@dataclass
class World:
    """One run: clients, processes and pods, and a ``plan`` that says what goes wrong at which call.

    Calls are counted from 1; one that the plan doesn't name is made, and answered. What the plan says is an
    outcome, and before it what other processes do at that moment, by the names in ``meanwhile``: ``"retry,
    time-out"``. ``once`` names outcomes by the call, each for the next such call. ``asked`` is how many
    servers each create is for. ``wrong`` is what no moment of a world may show.
    """

    plan: Mapping[int, str] = field(default_factory=dict)
    chosen: Settings = CHOSEN
    stores_on: StoresOn = wiring.in_memory
    meanwhile: dict[str, Meanwhile] = field(default_factory=dict)
    clock: VirtualClock = field(default_factory=VirtualClock)
    trace: list[Boundary] = field(default_factory=list)
    crashes: set[tuple[Boundary, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    once: dict[str, str] = field(default_factory=dict)
    deleted_behind_our_back: set[str] = field(default_factory=set)
    asked: dict[str, int] = field(default_factory=dict)
    in_use: wiring.Services | None = None

    def __post_init__(self) -> None:
        numbers = count(1)
        stores = self.stores_on(
            self.chosen, self.clock, lambda: f"{next(numbers):08x}-0000-4000-8000-00000000abcd"
        )
        self.novas = Novas(self.clock, POD_IDS, made=lambda: self.notice(moments.doubled(self)))
        for pod_id in POD_IDS:
            stores.pods.create(
                a_pod(pod_id, min_microversion="2.1", max_microversion="2.96"), Deed(self.clock(), "op-1")
            )
        # What asks pods by the client, asks these pods.
        for port in (getattr(stores, each.name) for each in fields(stores)):
            for key, value in vars(port).items() if hasattr(port, "__dict__") else ():
                if value is stores.client:
                    setattr(port, key, self.novas)
        self.stores = replace(
            stores, tokens=_Tokens(), reader=self.novas, client=self.novas, pause=self.clock.passes
        )

    def process(self, role: str) -> Process:
        """A process that starts now; its caches are empty."""
        return Process(self, role)

    def meet(self, process: Process, boundary: Boundary, attempt: Attempt) -> Any:
        """Let a call have the outcome that the plan names for it."""
        self.trace.append(boundary)
        planned = self.plan.get(len(self.trace), self.once.pop(boundary.name, "ok"))
        *others, what = planned.split(", ")
        for other in others:
            self.meanwhile[other](self)
        if what in CRASHES:
            self.crashes.add((boundary, what))
        if boundary.kind is not Kind.STORE_WRITE or not self.in_memory:
            return outcome(what)(attempt)
        scales = moments.Scales(self, boundary.name)
        try:
            return outcome(what)(attempt)
        finally:
            self.notice(scales.differ())
            self.notice(moments.half_written(self))

    @property
    def in_memory(self) -> bool:
        """Whether all that is stored can be looked at after every write."""
        return self.stores_on is wiring.in_memory

    def sent(self, request: PodRequest) -> None:
        """Look whether what must outlive a crash is written, now that a pod is told of a create."""
        self.notice(moments.unwritten(self, request.body or b""))

    def notice(self, wrong: Iterable[str]) -> None:
        """Keep what a moment shows that may never be."""
        self.wrong += [each for each in wrong if each not in self.wrong]

    def made_by_create(self) -> Counter[str]:
        """How many servers of each create are alive now, in all pods together."""
        return Counter(made.create for made in self.novas.servers() if made.alive)


@contextmanager
def in_virtual_time(world: World) -> Iterator[World]:
    """Run a world's processes in this thread alone, one after the other, by its clock."""
    with ExitStack() as stack:
        stack.enter_context(patch("chalicelib.service.asking.fan_out.ThreadPoolExecutor", InThisThread))
        stack.enter_context(patch("chalicelib.service.asking.rounds.Thread", AtOnce))
        stack.enter_context(bare_reading())
        yield world


class InThisThread(Executor):
    """Takes the place of a pool of threads: what is submitted is done at once."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take what a pool of threads takes."""

    def submit(self, act: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(act(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


class AtOnce(threading.Thread):
    """A thread that is done when it was started."""

    def start(self) -> None:
        self.run()
