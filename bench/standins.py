"""Stand-ins: pods in processes of their own, which hold the same 1,000 servers in different ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection

from bench.gateway import PROJECT
from local import demo
from local.standin.clock import SystemClock
from local.standin.identity import Token
from local.standin.ids import RandomIds
from local.standin.nova.server import Server
from local.standin.plan import DemoPod
from local.standin.pod import Pod

SERVERS = 1000
MADE = datetime(2025, 6, 1, tzinfo=UTC)


class AnyToken:
    """Stands for Keystone: whatever the token, its caller is a member of the project."""

    def read(self, token_id: str) -> Token:
        """What a pod learns of the token."""
        return Token(token_id, "user", ("password",), ("member",), MADE, MADE, "", PROJECT)


class Standins:
    """Some of the ``of`` pods that hold the servers, by their ``numbers``, as seen from outside."""

    def __init__(self, pipe: Connection, numbers: Sequence[int], of: int) -> None:
        """Wait until they listen."""
        self._pipe, self.of = pipe, of
        self.urls: dict[int, str] = dict(zip(numbers, pipe.recv(), strict=True))

    def hang(self, number: int) -> None:
        """Let a pod answer nobody any more."""
        self._pipe.send(number)
        self._pipe.recv()


@contextmanager
def running(of: int, numbers: Sequence[int]) -> Iterator[Standins]:
    """These of the ``of`` pods, in one process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, of, numbers), daemon=True)
    process.start()
    try:
        yield Standins(ours, numbers, of)
    finally:
        process.terminate()
        process.join()


def server_id(number: int) -> str:
    """The id of a server; pod ``number % of`` holds it."""
    return f"00000000-0000-4000-8000-{number:012d}"


def made_at(number: int) -> datetime:
    """When a server was made: one a second, the first the newest."""
    return MADE - timedelta(seconds=number)


def _serve(pipe: Connection, of: int, numbers: Sequence[int]) -> None:
    pods = {number: _pod(of, number) for number in numbers}
    pipe.send([pod.endpoints["compute"] for pod in pods.values()])
    while True:
        pods[pipe.recv()].hang(seconds=3600)
        pipe.send(None)


def _pod(of: int, number: int) -> Pod:
    pod = Pod(
        DemoPod(f"Pod{number}", "az1"),
        authority=AnyToken(),
        keystone_url="",
        clock=SystemClock(),
        ids=RandomIds(),
        flavors=demo.FLAVORS,
        images=demo.IMAGES,
    )
    for each in range(number, SERVERS, of):
        pod.nova.servers[server_id(each)] = _server(each, pod)
    pod.start()
    return pod


def _server(number: int, pod: Pod) -> Server:
    return Server(
        server_id(number),
        f"vm-{number}",
        PROJECT,
        "user",
        pod.nova.flavors["1"],
        None,
        made_at(number),
        sequence=SERVERS - number,
        reservation_id="r-1",
        host="host1",
        status="ACTIVE",
        task_state=None,
        launched_at=made_at(number),
    )
