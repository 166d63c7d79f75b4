"""Create: what a create costs us in CPU, in units of one plain keystoneauth POST.

The project is bound already and the process is warm. The create goes through the Lambda handler: framework,
validation of the token, decision, and all reads and writes in the embedded DynamoDB. Only the pod's answer is
canned, since its POST is what we compare with. Both run in turns in this thread, and the medians of their CPU
time are compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from time import thread_time
from typing import Any

from keystoneauth1.session import Session

from bench import gateway
from bench.figure import Figure
from chalicelib import settings as environment
from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.schema import create_tables
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import Capacity, CapacityReport
from chalicelib.model.deed import NOBODYS
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from local import dynamodb

PODS = 5
REPETITIONS = 200
WARM_UP = 20
ORDER = {"server": {"name": "vm", "flavorRef": "1", "imageRef": "cirros", "networks": "none"}}


class CannedPod:
    """A pod client that accepts each create at once, with a new server id."""

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """Answer 202 with a body like Nova's."""
        server_id = wiring.fresh_id()
        body = {"server": {"id": server_id, "links": [], "adminPass": "x", "OS-DCF:diskConfig": "MANUAL"}}
        return PodReply(202, {"content-type": "application/json"}, json.dumps(body).encode())


class Pods(BaseHTTPRequestHandler):
    """The server that the plain POST goes to; it runs in a process of its own."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer 202 with a small body."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"server": {"id": "x", "links": [], "adminPass": "x"}}).encode()
        self.send_response(202)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no line for each request to standard error."""


def measure() -> list[Figure]:
    """Measure one figure. Raises DynamoUnavailable where the embedded DynamoDB can't start."""
    with gateway.unread(), _gateway() as create, _post() as post:
        creates: list[float] = []
        posts: list[float] = []
        for turn in range(WARM_UP + REPETITIONS):
            create_took, post_took = _cpu(create), _cpu(post)
            if turn >= WARM_UP:
                creates.append(create_took)
                posts.append(post_took)
    ratio = median(creates) / median(posts)
    of = (
        f"CPU of a bound, warm create over {PODS} pods, less the pod's POST, over that of a keystoneauth POST"
    )
    details = f"{median(creates) * 1e3:9.3f} ms against {median(posts) * 1e3:9.3f} ms"
    return [Figure("create_cpu_vs_post", round(ratio, 2), "ratio", of, details)]


def _cpu(work: Any) -> float:
    started = thread_time()
    work()
    return thread_time() - started


@contextmanager
def _gateway() -> Iterator[Any]:
    """A create through the Lambda handler, on the embedded DynamoDB."""
    with dynamodb.running() as embedded:
        database = Database("bench", PatientConnection("us-east-1", embedded.url))
        create_tables(database)
        # Creates are counted against a quota that is never used up.
        unused = replace(environment.settings, quota_instances=10**6, quota_cores=10**6, quota_ram=10**9)
        unused = replace(unused, requests_per_minute=0, creates_per_minute=0)
        chosen = replace(unused, public_url="http://bench", dynamodb_url=embedded.url)
        outside = replace(
            wiring.in_deployment(database, chosen), client=CannedPod(), tokens=gateway.CannedTokens()
        )
        _register(outside, wiring.now())
        with gateway.serving(outside, chosen):
            yield gateway.asking("POST", "/v2.1/servers", ORDER, status=202)


def _register(outside: wiring.Adapters, now: datetime) -> None:
    flavor = Flavor("1", "m1.tiny", vcpus=1, ram_mb=512, root_gb=1)
    for number in range(PODS):
        outside.pods.create(Pod(f"pod-{number}", f"Pod{number}", "az1", created_at=now, proven=True), NOBODYS)
        capacity = Capacity(Totals(100_000, 10**9, 10**7), Amounts(number, 0, 0), reported_at=now)
        outside.capacities.save(f"pod-{number}", CapacityReport(capacity, {"1": flavor}, "2.1", "2.96"))


@contextmanager
def _post() -> Iterator[Any]:
    """One plain POST on a kept connection, to a server in another process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}/servers"
    session = Session()

    def post() -> None:
        session.post(url, json=ORDER, headers={"X-Auth-Token": "token"}, authenticated=False, raise_exc=False)

    try:
        yield post
    finally:
        server.terminate()
        server.join()


def _serve(pipe: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pods)
    pipe.send(server.server_port)
    server.serve_forever()
