"""The embedded DynamoDB: starts ministack on a port of this machine, and stops it by its pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

HOST = "127.0.0.1"
DEFAULT_PORT = 4566
START_SECONDS = 60.0
STOP_SECONDS = 15.0
_ROOT = Path(__file__).resolve().parent.parent


class DynamoUnavailable(Exception):
    """The embedded DynamoDB can't be started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class EmbeddedDynamo:
    """A process that runs ministack, our embedded DynamoDB and SQS."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path | None = None

    @property
    def url(self) -> str:
        """The endpoint that clients of DynamoDB and SQS are given."""
        return f"http://{HOST}:{self.port}"

    def stop(self) -> None:
        """End it with SIGTERM, since it saves its state only then. If that doesn't help, kill it."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until_healthy(self) -> None:
        """Return once it answers. Raises DynamoUnavailable when it doesn't come up."""
        deadline = time.monotonic() + START_SECONDS
        where = f" Its output is in {self.log}." if self.log else ""
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                status = self.process.returncode
                raise DynamoUnavailable(f"The embedded DynamoDB ended at once with status {status}.{where}")
            if _answers(self.port):
                return
            time.sleep(0.1)
        raise DynamoUnavailable(f"The embedded DynamoDB didn't answer within {START_SECONDS:.0f} s.{where}")


def spawn(port: int = DEFAULT_PORT, state_dir: Path | None = None, log: Path | None = None) -> EmbeddedDynamo:
    """Start the process and don't wait until it answers.

    With ``state_dir`` the tables are kept there and are back after the next start. Output goes to ``log``,
    or nowhere. Raises DynamoUnavailable when the binary is missing or the port is taken.
    """
    binary = find_binary()
    refuse_taken_port(port)
    return EmbeddedDynamo(port, _spawn(binary, port, state_dir, log), log)


def start(port: int = DEFAULT_PORT, state_dir: Path | None = None, log: Path | None = None) -> EmbeddedDynamo:
    """Start it and wait until it answers. Raises DynamoUnavailable, and then leaves nothing running."""
    dynamo = spawn(port, state_dir, log)
    try:
        dynamo.wait_until_healthy()
    except BaseException:
        dynamo.stop()
        raise
    return dynamo


@contextmanager
def running(port: int = 0, log: Path | None = None) -> Iterator[EmbeddedDynamo]:
    """An embedded DynamoDB that lives as long as the ``with`` block. Port 0 takes any free port."""
    dynamo = start(port or free_port(), log=log)
    try:
        yield dynamo
    finally:
        dynamo.stop()


def find_binary() -> str:
    """The path of ministack: the variable MINISTACK, or the virtualenv that ``make setup`` makes.

    Raises DynamoUnavailable when there is none.
    """
    named = os.environ.get("MINISTACK")
    path = shutil.which(named or _ROOT / ".venv-ministack" / "bin" / "ministack")
    if path is None:
        missing = f"MINISTACK={named} is not there" if named else "ministack is not installed"
        raise DynamoUnavailable(f"The embedded DynamoDB can't start: {missing}. Get it with: make setup")
    return path


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def refuse_taken_port(port: int) -> None:
    """Raise DynamoUnavailable when another program listens there, which may be another database."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            taken = f"port {port} of {HOST} is taken. Choose another port."
            raise DynamoUnavailable(f"The embedded DynamoDB can't start: {taken}") from error


def _spawn(binary: str, port: int, state_dir: Path | None, log: Path | None) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
    }
    if state_dir is not None:
        state_dir.mkdir(parents=True, exist_ok=True)
        environment |= {"PERSIST_STATE": "1", "STATE_DIR": str(state_dir)}
    with open(log or os.devnull, "ab") as output:
        return subprocess.Popen([binary], env=environment, stdout=output, stderr=output)


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
