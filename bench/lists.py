"""Lists: what a list over pods takes, against one pod's own list of the same servers.

The pods are stand-ins in a process of their own, which answer over sockets. 1,000 servers are spread over 2, 10
and 50 of them, and one more pod has them all. The requests that are compared are made in turns, so that a busy
machine slows all of them, and the medians of their wall time are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter

from keystoneauth1.session import Session

from bench import gateway
from bench.figure import Figure
from chalicelib import wiring
from chalicelib.model.identity import Identity
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.settings import Settings
from local.standin.cloud import DemoCloud
from local.standin.nova.server import Server
from local.standin.plan import DemoPod

SERVERS = 1000
WORLDS = (1, 2, 10, 50)  # how many pods hold them
REPETITIONS = 15
WARM_UP = 2
DEADLINE_SECONDS = 0.1
HANGS_SECONDS = 3600
MADE = datetime(2025, 6, 1, tzinfo=UTC)
BRIEF, DETAIL = "/servers", "/servers/detail"


class Standins:
    """The stand-in pods, as seen from outside their process."""

    def __init__(self, pipe: Connection) -> None:
        """Wait until they listen."""
        self._pipe = pipe
        self.token, self.project_id, self.urls = pipe.recv()

    def hang(self, name: str) -> None:
        """Let a pod answer nobody any more."""
        self._pipe.send(name)
        self._pipe.recv()


class CannedTokens:
    """Accepts the one token without asking Keystone, as a warm process does."""

    def __init__(self, project_id: str) -> None:
        """``project_id`` is the token's project."""
        self._project_id = project_id

    def validate(self, token: str) -> Identity:
        """Say that the token is a member's."""
        expires_at = wiring.now() + timedelta(hours=1)
        return Identity("user", self._project_id, frozenset({"member"}), expires_at)


def measure() -> list[Figure]:
    """Measure five figures."""
    with _standins() as standins, gateway.unread():
        return [*_against_one_pod(standins), *_over_many(standins), _with_a_slow_one(standins)]


def _against_one_pod(standins: Standins) -> Iterator[Figure]:
    with _gateway(standins, 2):
        for kind, path in (("brief", BRIEF), ("detail", DETAIL)):
            ours = gateway.asking("GET", f"/v2.1{path}", token=standins.token)
            direct, over_two = _walls(_directly(standins, path), ours)
            yield _ratio(
                f"list_2_pods_vs_direct_{kind}",
                over_two,
                direct,
                f"{SERVERS} servers of 2 pods listed over one pod's own list of them, {kind}",
            )


def _over_many(standins: Standins) -> Iterator[Figure]:
    took = {}
    for count in (2, 50):
        with _gateway(standins, count):
            (took[count],) = _walls(gateway.asking("GET", f"/v2.1{DETAIL}", token=standins.token))
    of = f"{SERVERS} servers listed over 50 pods over those of 2, detail"
    yield _ratio("list_50_pods_vs_2", took[50], took[2], of)


def _with_a_slow_one(standins: Standins) -> Figure:
    with _gateway(standins, 10, DEADLINE_SECONDS):
        ask = gateway.asking("GET", f"/v2.1{BRIEF}", token=standins.token)
        ask()
        standins.hang(_name(10, 0))
        (took,) = _walls(ask)
    of = f"{SERVERS} servers of 10 pods listed, of which one is silent, over the list's deadline, brief"
    return _ratio("list_slow_pod_vs_deadline", took, DEADLINE_SECONDS, of)


def _walls(*works: Callable[[], object]) -> list[float]:
    """The median wall time of each, made in turns."""
    spent: list[list[float]] = [[] for _ in works]
    for turn in range(WARM_UP + REPETITIONS):
        for work, took in zip(works, spent, strict=True):
            started = perf_counter()
            work()
            if turn >= WARM_UP:
                took.append(perf_counter() - started)
    return [median(took) for took in spent]


def _ratio(name: str, ours: float, theirs: float, of: str) -> Figure:
    details = f"{ours * 1e3:9.1f} ms against {theirs * 1e3:9.1f} ms"
    return Figure(name, round(ours / theirs, 2), "ratio", of, details)


def _directly(standins: Standins, path: str) -> Callable[[], object]:
    session, (url,) = Session(), standins.urls[1]
    headers = {"X-Auth-Token": standins.token}
    return lambda: session.get(url + path, headers=headers, authenticated=False).text


@contextmanager
def _gateway(standins: Standins, count: int, deadline_seconds: float = 12.0) -> Iterator[None]:
    """The gateway over the pods of one world, which knows where their servers are."""
    chosen = replace(
        Settings(), public_url="http://bench", allow_http=True, list_timeout_seconds=deadline_seconds
    )
    pods = [_pod(_name(count, number), url) for number, url in enumerate(standins.urls[count])]
    outside = replace(wiring.in_memory(chosen, pods=pods), tokens=CannedTokens(standins.project_id))
    for pod in pods:
        outside.projects.add(standins.project_id, pod.pod_id)
    for number in range(SERVERS):
        pod_id = pods[number % count].pod_id
        location = Location(_id(number), standins.project_id, pod_id, _made(number), _vm(number))
        outside.locations.remember(location)
    with gateway.serving(outside, chosen):
        yield


def _pod(name: str, url: str) -> Pod:
    return Pod(f"pod-{name}", name, "az1", created_at=MADE, proven=True, endpoints={"compute": url})


@contextmanager
def _standins() -> Iterator[Standins]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Standins(ours)
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    plans = [DemoPod(_name(count, number), "az1") for count in WORLDS for number in range(count)]
    with DemoCloud(plans) as cloud:
        token = cloud.token_for("alpha")
        urls = {count: [_filled(cloud, count, number) for number in range(count)] for count in WORLDS}
        pipe.send((token.id, token.project_id, urls))
        while True:
            cloud.pod(pipe.recv()).hang(HANGS_SECONDS)
            pipe.send(None)


def _filled(cloud: DemoCloud, count: int, number: int) -> str:
    """Put every ``count``-th server into a pod; returns the URL of its Nova."""
    pod, project_id = cloud.pod(_name(count, number)), cloud.token_for("alpha").project_id
    flavor = next(iter(pod.nova.flavors.values()))
    for each in range(number, SERVERS, count):
        server = Server(
            _id(each),
            _vm(each),
            str(project_id),
            "user",
            flavor,
            None,
            _made(each),
            sequence=SERVERS - each,
            reservation_id="r",
            host="host1",
            status="ACTIVE",
            task_state=None,
            launched_at=_made(each),
        )
        pod.nova.servers[server.id] = server
    return pod.endpoints["compute"]


def _name(count: int, number: int) -> str:
    return f"Pod{count}-{number}"


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _vm(number: int) -> str:
    return f"vm-{number}"


def _made(number: int) -> datetime:
    return MADE - timedelta(seconds=number)
