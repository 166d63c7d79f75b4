"""Rounds: the same question to every pod, again and again; one that hangs delays no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

from chalicelib.model.errors import AlreadyAsked, PodUnreachable
from chalicelib.model.pod import Pod

T = TypeVar("T")


class Rounds(Generic[T]):
    """Asks each pod in a thread and under a deadline of its own, ``workers`` pods at once.

    A fan-out has one deadline for all, because a client waits; here a long list of pods may take its time.
    """

    def __init__(
        self, name: str, question: Callable[[Pod], T], deadline_seconds: float, workers: int = 32
    ) -> None:
        """``name`` is what the threads are called."""
        self._name, self._question = name, question
        self._deadline_seconds, self._workers = deadline_seconds, workers
        self._lock = Lock()
        self._threads: dict[str, tuple[Thread, float]] = {}

    def ask(self, pods: Iterable[Pod]) -> Iterator[tuple[Pod, T | Exception]]:
        """Each pod once, as soon as it is done, with its answer or the error that asking it raised.

        A pod that isn't done at its deadline is PodUnreachable; one that another round in this process
        is asking is AlreadyAsked.
        """
        waiting = deque(pods)
        asked: dict[str, tuple[float, Pod]] = {}
        heard: SimpleQueue[tuple[Pod, T | Exception]] = SimpleQueue()
        while waiting or asked:
            while waiting and len(asked) < self._workers:
                pod = waiting.popleft()
                asked[pod.pod_id] = (monotonic() + self._deadline_seconds, pod)
                self._start(pod, heard)
            overdue_at, slowest = min(asked.values(), key=lambda entry: entry[0])
            try:
                pod, outcome = heard.get(timeout=max(0.0, overdue_at - monotonic()))
            except Empty:
                pod, outcome = slowest, self._too_slow(slowest)
            # The answer of a pod that was too slow is dropped: its failure was yielded already.
            if asked.pop(pod.pod_id, None) is not None:
                yield pod, outcome

    def _start(self, pod: Pod, heard: SimpleQueue[tuple[Pod, T | Exception]]) -> None:
        """Ask in a thread that neither a deadline nor the end of the process has to wait for."""
        with self._lock:
            before, since = self._threads.get(pod.pod_id, (None, 0.0))
            if before is not None and before.is_alive():
                # Else a pod that hangs for an hour would hold a thread of every round in it.
                in_time = monotonic() - since < self._deadline_seconds
                message = f"{pod.pod_name} is being asked at this moment"
                heard.put((pod, AlreadyAsked(message) if in_time else self._too_slow(pod)))
                return
            # The context goes along, so that the thread's log lines carry the round's correlation id.
            run = copy_context().run
            name = f"{self._name}-{pod.pod_name}"
            thread = Thread(target=run, args=(self._ask_one, pod, heard), name=name, daemon=True)
            self._threads[pod.pod_id] = thread, monotonic()
        thread.start()

    def _ask_one(self, pod: Pod, heard: SimpleQueue[tuple[Pod, T | Exception]]) -> None:
        try:
            heard.put((pod, self._question(pod)))
        except Exception as error:  # one pod's error must not end the round
            heard.put((pod, error))

    def _too_slow(self, pod: Pod) -> PodUnreachable:
        message = f"{pod.pod_name} gave no answer within {self._deadline_seconds:g} s"
        return PodUnreachable(pod.pod_id, message, sent=True)
