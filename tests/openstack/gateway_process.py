"""Gateway process: runs the embedded DynamoDB and the gateway on free ports, and ends both by pid."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from local import dynamodb
from tests.openstack.site import ROOT

START_SECONDS = 60.0
STOP_SECONDS = 15.0
REFRESH_SECONDS = 15
TABLE_PREFIX = "suite"


@dataclass(frozen=True)
class Gateway:
    """Where the gateway answers, what it logs, and the database behind it."""

    url: str
    log: Path
    dynamodb_url: str


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[Gateway]:
    """A gateway with an empty database that lives as long as the ``with`` block."""
    with dynamodb.running(log=folder / "dynamodb.log") as dynamo:
        port = dynamodb.free_port()
        gateway = Gateway(f"http://{dynamodb.HOST}:{port}", folder / "gateway.log", dynamo.url)
        process = _spawn(port, gateway, environment)
        try:
            _wait_until_it_answers(process, gateway)
            yield gateway
        finally:
            _stop(process)


def _spawn(port: int, gateway: Gateway, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("OS_", "TRIO2O_"))}
    arguments = ["--port", str(port), "--create-tables", "--refresh-seconds", str(REFRESH_SECONDS)]
    ours = {
        "TRIO2O_DYNAMODB_URL": gateway.dynamodb_url,
        "TRIO2O_TABLE_PREFIX": TABLE_PREFIX,
        "TRIO2O_PUBLIC_URL": gateway.url,
        "TRIO2O_LOG_LEVEL": "DEBUG",  # so that a secret that could ever be logged is logged now
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with gateway.log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "local.gateway", *arguments],
            cwd=ROOT,
            env={**plain, **ours, **environment},
            stdout=output,
            stderr=output,
        )


def _wait_until_it_answers(process: subprocess.Popen[bytes], gateway: Gateway) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(gateway.url):
        if process.poll() is not None:
            raise AssertionError(f"the gateway ended with {process.returncode}:\n{tail(gateway.log)}")
        if time.monotonic() > deadline:
            raise AssertionError(f"the gateway doesn't answer:\n{tail(gateway.log)}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail(log: Path, lines: int = 40) -> str:
    """The last lines of a log without its metrics, for the report of a failure."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join([line for line in text.splitlines() if not line.startswith('{"_aws"')][-lines:])
