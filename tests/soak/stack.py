"""The stack that is tried: pods that survive, a database that survives, and gateways that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import requests

from chalicelib import settings, wiring
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.schema import create_tables
from local import dynamodb, laptop
from local.standin.cloud import DemoCloud
from local.standin.hosts import HostSize
from local.standin.plan import DemoPod
from tests.service.desk import OPERATOR

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"
START_SECONDS = 120.0
ROOMY = HostSize(vcpus=512, ram_mb=2_000_000, disk_gb=20_000)
PODS = (
    DemoPod("Pod1", "az1", (ROOMY,)),
    DemoPod("Pod2", "az1", (ROOMY,)),
    DemoPod("Pod3", "az2", (ROOMY,)),
)
NO_QUOTAS = {f"TRIO2O_QUOTA_{name}": "-1" for name in ("INSTANCES", "CORES", "RAM")}


@dataclass
class Usage:
    """What a gateway's process takes: memory in MB, and open descriptors."""

    rss_mb: float
    descriptors: int


@dataclass
class Gateway:
    """A gateway in a process of its own, which always comes back on the same port."""

    environ: Mapping[str, str]
    log: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=dynamodb.free_port)
    kills: int = 0
    up: bool = False
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{dynamodb.HOST}:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.gateway", "--port", str(self.port), *self.options],
                cwd=ROOT,
                env=dict(self.environ),
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, f"the gateway ended by itself; see {self.log}"
            assert time.monotonic() < deadline, f"the gateway doesn't answer; see {self.log}"
            time.sleep(0.05)
        self.up = True

    def kill(self) -> None:
        """``kill -9``: it ends at this moment, whatever it does."""
        assert self.process is not None
        self.up = False
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def usage(self) -> Usage:
        """What its process takes now."""
        assert self.process is not None
        seen = psutil.Process(self.process.pid)
        return Usage(seen.memory_info().rss / 2**20, seen.num_fds())

    def stop(self) -> None:
        """End it for good."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        try:
            return requests.get(self.url, timeout=5).status_code == 200
        except requests.RequestException:
            return False


@dataclass
class Stack:
    """Two gateways, as Lambda has several processes: while one is down, clients go on with the other.

    While both are, clients wait.
    """

    cloud: DemoCloud
    database: Database
    environ: dict[str, str]
    gateways: list[Gateway]
    _restarts: list[threading.Thread] = field(default_factory=list)
    _killing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def kills(self) -> int:
        return sum(gateway.kills for gateway in self.gateways)

    def another(self, than: Gateway) -> Gateway:
        """The other gateway, for a client whom this one refuses."""
        return next(gateway for gateway in self.gateways if gateway is not than)

    @property
    def chosen(self) -> settings.Settings:
        """The settings that the gateways have."""
        return settings.read(self.environ)

    def kill(self, gateway: Gateway) -> None:
        """Kill this gateway, or the other one if this one is down already; it comes back in a moment."""
        with self._killing:
            if not gateway.up:
                gateway = self.another(gateway)
            if not gateway.up:
                self.all_back()
            gateway.kill()
            thread = threading.Thread(target=gateway.start)
            self._restarts.append(thread)
            thread.start()

    def all_back(self) -> None:
        """Return when all gateways answer."""
        for restart in list(self._restarts):
            restart.join()

    def stop(self) -> None:
        """End the gateways for good."""
        self.all_back()
        for gateway in self.gateways:
            gateway.stop()

    def token(self, user: str) -> str:
        """A new token of one of the demo's users."""
        return self.cloud.token_for(user).id


@contextmanager
def running(folder: Path, dynamodb_url: str, prefix: str, *options: str) -> Iterator[Stack]:
    """A stack whose pods are registered; it ends with the ``with`` block. Gateways get the ``options``."""
    with ExitStack() as ends:
        cloud = ends.enter_context(DemoCloud(PODS, build_seconds=0.0, token_lifetime_seconds=24 * 3600.0))
        environ = _environ(cloud, dynamodb_url, prefix)
        database = Database(prefix, PatientConnection(REGION, dynamodb_url))
        create_tables(database)
        gateways = [Gateway(environ, folder / f"gateway-{number}.log", options) for number in (1, 2)]
        stack = Stack(cloud, database, environ, gateways)
        ends.callback(stack.stop)
        _register(stack)
        starts = [threading.Thread(target=gateway.start) for gateway in gateways]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
        yield stack


def _environ(cloud: DemoCloud, dynamodb_url: str, prefix: str) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("OS_", "TRIO2O_"))}
    ours = laptop.settings_of(cloud, dynamodb_url, job_queue_url="")
    quiet = {"TRIO2O_TABLE_PREFIX": prefix, "TRIO2O_LOG_LEVEL": "WARNING", "TRIO2O_METRICS_ENABLED": "false"}
    return {**plain, **ours, **quiet, **NO_QUOTAS, "AWS_DEFAULT_REGION": REGION}


def _register(stack: Stack) -> None:
    """Before any gateway runs: what reads the pods once keeps them for seconds, also that there are none."""
    services = wiring.build_services(wiring.in_deployment(stack.database, stack.chosen), stack.chosen)
    operator = replace(OPERATOR, token=stack.token("admin"))
    for plan in PODS:
        fields = plan.record()["pod"] | {"credential_ref": laptop.CREDENTIAL_REF}
        services.pods.register(fields, operator)
    assert services.capacity_refresh.refresh_all().failed == ()
