"""Show: what showing a server costs us in CPU, in units of one plain keystoneauth GET of the same server.

The process is warm. The show goes through the Lambda handler: framework, a strong read of the location in the
embedded DynamoDB, and the GET to a stand-in pod, with which it is compared. Both run in turns in this thread,
and the medians of their CPU time are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median
from time import thread_time

from keystoneauth1.session import Session

from bench import gateway, standins
from bench.figure import Figure
from chalicelib import settings as environment
from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.schema import create_tables
from chalicelib.model.deed import NOBODYS
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from local import dynamodb

REPETITIONS = 200
WARM_UP = 20
SERVER = standins.server_id(0)


def measure() -> list[Figure]:
    """Measure one figure. Raises DynamoUnavailable where the embedded DynamoDB can't start."""
    with standins.running(1, [0]) as pods, _gateway(pods.urls[0]), gateway.unread():
        show, get = gateway.asking("GET", f"/v2.1/servers/{SERVER}"), _directly(pods.urls[0])
        spent = [(_cpu(show), _cpu(get)) for _ in range(WARM_UP + REPETITIONS)][WARM_UP:]
    shown, got = (median(took) for took in zip(*spent, strict=True))
    of = "CPU of a show through the gateway over that of a keystoneauth GET from its pod"
    details = f"{shown * 1e3:9.3f} ms against {got * 1e3:9.3f} ms"
    return [Figure("show_cpu_vs_forward", round(shown / got, 2), "ratio", of, details)]


def _cpu(work: Callable[[], object]) -> float:
    started = thread_time()
    work()
    return thread_time() - started


def _directly(url: str) -> Callable[[], object]:
    session, headers = Session(), {"X-Auth-Token": "token"}
    return lambda: session.get(f"{url}/servers/{SERVER}", headers=headers, authenticated=False).text


@contextmanager
def _gateway(url: str) -> Iterator[None]:
    with dynamodb.running() as embedded:
        database = Database("bench", PatientConnection("us-east-1", embedded.url))
        create_tables(database)
        chosen = replace(
            environment.settings, public_url="http://bench", dynamodb_url=embedded.url, allow_http=True
        )
        outside = replace(wiring.in_deployment(database, chosen), tokens=gateway.CannedTokens())
        endpoints = {"compute": url}
        pod = Pod("pod-0", "Pod0", "az1", created_at=standins.MADE, proven=True, endpoints=endpoints)
        outside.pods.create(pod, NOBODYS)
        outside.locations.remember(Location(SERVER, gateway.PROJECT, "pod-0", standins.MADE, "vm-0"))
        with gateway.serving(outside, chosen):
            yield
