"""Fan-out: ask many pods at once; one that doesn't answer in time delays none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod import Pod

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answers(Generic[T]):
    """What each pod said, in the order the pods were given, and which couldn't be asked."""

    given: tuple[tuple[Pod, T], ...]
    missing: tuple[Pod, ...]


class FanOut:
    """Threads that are kept between requests: starting 50 costs more than asking 50 pods."""

    def __init__(self, workers: int = 32) -> None:
        """``workers`` bounds the calls under way at once in this process."""
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="fan-out")

    def ask(self, pods: Iterable[Pod], question: Callable[[Pod], T], deadline_seconds: float) -> Answers[T]:
        """Put a question to each pod.

        A pod is missing when it is unreachable or the deadline passes; any other error is raised.
        """
        # Each thread gets the context, so that its log lines carry the request's correlation id.
        asked = [(pod, self._threads.submit(copy_context().run, question, pod)) for pod in pods]
        done, _ = wait([future for _, future in asked], timeout=deadline_seconds)
        given: list[tuple[Pod, T]] = []
        missing: list[Pod] = []
        for pod, future in asked:
            if future in done and not isinstance(future.exception(), PodUnreachable):
                given.append((pod, future.result()))
            else:
                future.cancel()
                missing.append(pod)
        return Answers(tuple(given), tuple(missing))
