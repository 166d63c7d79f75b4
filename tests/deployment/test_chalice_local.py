"""``chalice local`` alone serves the app, without ``make run``, over the embedded DynamoDB."""

import json
import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from local.dynamodb import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 15


@pytest.fixture
def served(database, embedded_dynamo, tmp_path):
    """The port on which ``chalice local`` serves this checkout."""
    port = free_port()
    environment = {
        **os.environ,
        "AWS_DEFAULT_REGION": "us-east-1",
        "TRIO2O_DYNAMODB_URL": embedded_dynamo,
        "TRIO2O_TABLE_PREFIX": database.prefix,
        "TRIO2O_ALLOW_HTTP": "true",
    }
    chalice = Path(sys.executable).with_name("chalice")
    command = [chalice, "local", "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "chalice.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--stage", "local", "--no-autoreload"],
            cwd=REPOSITORY,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            wait_until_served(port, process, tmp_path / "chalice.log")
            yield port
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def wait_until_served(port, process, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            ask(port, "/")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"chalice local didn't answer: {log.read_text()}")


def ask(port, path):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers, json.load(answer)
    finally:
        connection.close()


def test_plain_chalice_local_serves_the_app(served):
    status, _, body = ask(served, "/")

    assert status == 200
    _, version = body["versions"]
    assert (version["id"], version["links"][0]["href"]) == ("v2.1", f"http://127.0.0.1:{served}/v2.1/")

    status, headers, body = ask(served, "/v2.1/servers")

    assert (status, body["error"]["code"]) == (401, 401)
    assert headers["WWW-Authenticate"].startswith("Keystone uri=")


@pytest.mark.parametrize("path", ["/v2.1", "/v2.1/none-such", "/v1.0/pods"])
def test_nothing_stands_between_a_heads_answer_and_the_next_one(served, path):
    connection = HTTPConnection("127.0.0.1", served, timeout=10)
    try:
        connection.request("HEAD", path)
        connection.getresponse().read()
        connection.request("GET", "/")
        answer = connection.getresponse()

        assert (answer.status, list(json.load(answer))) == (200, ["versions"])
    finally:
        connection.close()
