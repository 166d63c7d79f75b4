"""Laptop: starts the whole product on this machine, and ends it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import demo, dynamodb, ports, queues, tables
from local.clocks import MINUTE
from local.ending import Ending
from local.gateway import Gateway
from local.ports import Ports
from local.standin.cloud import DemoCloud
from local.terminal import Terminal

PREFIX = "trio2o-local"
CREDENTIAL_REF = "demo"
_BACKGROUND = next(login for login in demo.LOGINS if login.user == "trio2o")


@dataclass(frozen=True, slots=True)
class Laptop:
    """What runs: the stand-in cloud, and the gateway in front of it."""

    cloud: DemoCloud
    gateway: Gateway


@contextmanager
def running(chosen: Ports, state_dir: Path, terminal: Terminal, ending: Ending) -> Iterator[Laptop]:
    """Start everything and report progress; end everything when the ``with`` block ends, whatever the reason.

    Tables and pods are in memory, so each run begins with nothing. Logs go to ``state_dir``. Raises
    PortUnusable before anything is started, DynamoUnavailable, and PortTaken.
    """
    _refuse_taken_ports(chosen)
    with ExitStack() as ends, ending.heard():
        with terminal.progress("Embedded DynamoDB") as tell:
            with ending.held_back():
                port = chosen.dynamodb or dynamodb.free_port()
                database = dynamodb.spawn(port, log=state_dir / "dynamodb.log")
                ends.callback(database.stop)
            database.wait_until_healthy()
            tell(database.url)
        with terminal.progress("Keystone and five pods") as tell, ending.held_back():
            cloud = DemoCloud(base_port=chosen.cloud)
            cloud.start()
            ends.callback(cloud.stop)
            tell(cloud.auth_url)
        job_queue = queues.create(queues.client(database.url), f"{PREFIX}-jobs")
        gateway = Gateway(chosen.gateway, settings_of(cloud, database.url, job_queue))
        with terminal.progress("Gateway") as tell, ending.held_back():
            gateway.start()
            ends.callback(gateway.stop)
            cloud.register_gateway(gateway.url)
            tell(gateway.url)
        with terminal.progress("Tables, clocks, queue") as tell:
            tables.create()
            with ending.held_back():
                clocks, poller = gateway.clocks(MINUTE), gateway.poller()
                clocks.start()
                ends.callback(clocks.stop)
                poller.start()
                ends.callback(poller.stop)
            tell(f"capacity is read every {MINUTE:.0f} s")
        yield Laptop(cloud, gateway)


def _refuse_taken_ports(chosen: Ports) -> None:
    """Check all ports before anything is started, so that nobody waits for a start that must fail."""
    pods = len(demo.PODS)
    ports.refuse_taken(chosen.dynamodb, ports.DYNAMODB_PORT, "the embedded DynamoDB")
    ports.refuse_taken(chosen.cloud, ports.CLOUD_PORT, "the demo cloud", count=1 + pods)
    ports.refuse_taken(chosen.gateway, ports.GATEWAY_PORT, "the gateway")


def settings_of(cloud: DemoCloud, dynamodb_url: str, job_queue_url: str) -> dict[str, str]:
    """The settings that a deployment would have, and the service credential of the demo's pods."""
    credential = {
        "auth_url": cloud.auth_url,
        "username": _BACKGROUND.user,
        "password": _BACKGROUND.password,
        "project_name": _BACKGROUND.project,
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    return {
        "TRIO2O_AUTH_URL": cloud.auth_url,
        "TRIO2O_DYNAMODB_URL": dynamodb_url,
        "TRIO2O_JOB_QUEUE_URL": job_queue_url,
        "TRIO2O_ALLOW_HTTP": "true",
        "TRIO2O_ALLOW_PRIVATE": "true",
        "TRIO2O_TABLE_PREFIX": PREFIX,
        f"TRIO2O_CREDENTIAL_{CREDENTIAL_REF.upper()}": json.dumps(credential),
    }
