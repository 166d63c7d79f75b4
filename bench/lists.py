"""Lists: what a list over pods takes, against one pod's own list of the same servers.

1,000 servers are spread over 2, 10 and 50 stand-in pods, and one more pod has them all. It and the 2 have a
process each, as real pods compute in parallel; the 10 share one, and so do the 50. What is compared is asked
in turns, and the least wall times are compared, since a busy machine only ever adds to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from time import perf_counter

from keystoneauth1.session import Session

from bench import gateway, standins
from bench.figure import Figure
from bench.standins import MADE, SERVERS, Standins
from chalicelib import wiring
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.settings import Settings

REPETITIONS = 15
WARM_UP = 3
DEADLINE_SECONDS = 0.1
BRIEF, DETAIL = "/servers", "/servers/detail"


def measure() -> list[Figure]:
    """Measure four figures, on sockets of this machine."""
    with ExitStack() as running, gateway.unread():

        def start(of: int, *numbers: int) -> Standins:
            return running.enter_context(standins.running(of, numbers or range(of)))

        two = [start(2, 0), start(2, 1)]
        figures = [*_against_one_pod(start(1), two), _over_many(two, start(50))]
        return [*figures, _with_a_slow_one(start(10))]


def _against_one_pod(one: Standins, two: Sequence[Standins]) -> Iterator[Figure]:
    with _gateway(two):
        for kind, path in (("brief", BRIEF), ("detail", DETAIL)):
            direct, ours = _walls(_directly(one.urls[0] + path), gateway.asking("GET", f"/v2.1{path}"))
            of = f"{SERVERS} servers of 2 pods listed over one pod's own list of them, {kind}"
            yield _ratio(f"list_2_pods_vs_direct_{kind}", ours, direct, of)


def _over_many(two: Sequence[Standins], many: Standins) -> Figure:
    with _gateway(two):
        (of_two,) = _walls(gateway.asking("GET", f"/v2.1{DETAIL}"))
    with _gateway([many]):
        (of_many,) = _walls(gateway.asking("GET", f"/v2.1{DETAIL}"))
    of = f"{SERVERS} servers of 50 pods listed over the same of 2, with details"
    return _ratio("list_50_pods_vs_2", of_many, of_two, of)


def _with_a_slow_one(ten: Standins) -> Figure:
    with _gateway([ten], DEADLINE_SECONDS):
        ask = gateway.asking("GET", f"/v2.1{BRIEF}")
        ask()
        ten.hang(0)
        (took,) = _walls(ask)
    of = f"{SERVERS} servers of 10 pods listed, of which one is silent, over the list's deadline, brief"
    return _ratio("list_slow_pod_vs_deadline", took, DEADLINE_SECONDS, of)


def _walls(*works: Callable[[], object]) -> list[float]:
    """The least wall time of each, made in turns."""
    spent: list[list[float]] = [[] for _ in works]
    for turn in range(WARM_UP + REPETITIONS):
        for work, took in zip(works, spent, strict=True):
            started = perf_counter()
            work()
            if turn >= WARM_UP:
                took.append(perf_counter() - started)
    return [min(took) for took in spent]


def _ratio(name: str, ours: float, theirs: float, of: str) -> Figure:
    details = f"{ours * 1e3:9.1f} ms against {theirs * 1e3:9.1f} ms"
    return Figure(name, round(ours / theirs, 2), "ratio", of, details)


def _directly(url: str) -> Callable[[], object]:
    session, headers = Session(), {"X-Auth-Token": "token"}
    return lambda: session.get(url, headers=headers, authenticated=False).text


@contextmanager
def _gateway(served: Sequence[Standins], deadline_seconds: float = 12.0) -> Iterator[None]:
    """The gateway over these pods, which knows where their servers are."""
    chosen = replace(Settings(), public_url="http://bench", allow_http=True, requests_per_minute=0)
    chosen = replace(chosen, list_timeout_seconds=deadline_seconds)
    urls = {number: url for each in served for number, url in each.urls.items()}
    pods = [_pod(number, url) for number, url in sorted(urls.items())]
    outside = replace(wiring.in_memory(chosen, pods=pods), tokens=gateway.CannedTokens())
    for pod in pods:
        outside.projects.add(gateway.PROJECT, pod.pod_id)
    for number in range(SERVERS):
        pod_id, made_at = pods[number % len(pods)].pod_id, standins.made_at(number)
        outside.locations.remember(
            Location(standins.server_id(number), gateway.PROJECT, pod_id, made_at, f"vm-{number}")
        )
    with gateway.serving(outside, chosen):
        yield


def _pod(number: int, url: str) -> Pod:
    name = f"Pod{number}"
    return Pod(f"pod-{number}", name, "az1", created_at=MADE, proven=True, endpoints={"compute": url})
