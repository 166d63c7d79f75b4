"""Fan-out: ask many pods at once; one that doesn't answer in time delays none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib import observability
from chalicelib.model.errors import NoAnswer, PodUnreachable, Trio2oError
from chalicelib.model.pod import Pod
from chalicelib.service.asking.answer import PodRefused

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

        A pod is missing when it is unreachable, when the deadline passes, and when what it says makes our own
        code fail, which is logged. So is one that refuses what others answer; if none does, that is raised,
        and so is any other error of ours.
        """
        # Each thread gets the context, so that its log lines carry the request's correlation id.
        asked = [(pod, self._threads.submit(copy_context().run, question, pod)) for pod in pods]
        done, _ = wait([future for _, future in asked], timeout=deadline_seconds)
        given: list[tuple[Pod, T]] = []
        missing: list[Pod] = []
        refusals: list[PodRefused] = []
        for pod, future in asked:
            error = future.exception() if future in done else None
            if future in done and error is None:
                given.append((pod, future.result()))
                continue
            future.cancel()
            missing.append(pod)
            if isinstance(error, PodRefused):
                refusals.append(error)
            elif error is not None:
                _note(pod, error)
        if refusals and not given:
            raise refusals[0]
        return Answers(tuple(given), tuple(missing))


def _note(pod: Pod, error: BaseException) -> None:
    """Note why a pod is missing, where nobody has yet. Raises what isn't the pod's doing."""
    if isinstance(error, NoAnswer):
        observability.no_answer(pod.pod_name, error)
    elif isinstance(error, Trio2oError) and not isinstance(error, PodUnreachable):
        raise error
    elif not isinstance(error, PodUnreachable):
        message = "unforeseen error in what a pod was asked"
        observability.logger().error(message, extra={"pod": pod.pod_name}, exc_info=error)
