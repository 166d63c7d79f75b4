"""The gateway on this machine: what we mend in Chalice's local server, and the program that serves it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys

import pytest
import requests
from chalice.app import Chalice, Response

from local.serving import Server


@pytest.fixture
def served():
    """A small app that is being served; its views answer with what arrived."""
    app = Chalice(app_name="small", configure_logs=False)

    @app.route("/echo", methods=["GET", "HEAD", "POST"], content_types=["*/*"])
    def echo():
        request = app.current_request
        return Response(json.dumps({"method": request.method, "body": (request.raw_body or b"").decode()}))

    server = Server(app)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def connection(served):
    """A connection to ``served`` that is kept alive."""
    kept = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    yield kept
    kept.close()


def ask(connection, method, path, **headers):
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), connection.sock.getsockname()[1]


def test_requests_follow_one_another_on_one_connection(connection):
    statuses = [ask(connection, "GET", "/echo") for _ in range(3)]

    assert [status for status, _, _ in statuses] == [200, 200, 200]
    assert len({client_port for _, _, client_port in statuses}) == 1


def raw_answers(port, *lines):
    """Send requests in a row on one connection, which the last one closes; all bytes that come back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        for line in lines[:-1]:
            plain.sendall(f"{line} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        plain.sendall(f"{lines[-1]} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: plain.recv(65536), b""))


@pytest.mark.parametrize("path", ["/echo", "/v2.1/no/such/thing/at/all"])
def test_nothing_stands_between_a_heads_answer_and_the_next_one(served, path):
    head, rest = raw_answers(served.port, f"HEAD {path}", "GET /echo").split(b"\r\n\r\n", 1)

    assert b"Content-Length: 0" in head
    assert rest.startswith(b"HTTP/1.1 200 OK")
    assert rest.endswith(json.dumps({"method": "GET", "body": ""}).encode())


@pytest.mark.parametrize("path", ["/v2.1/a/b/c/d/e/f/g", "/nowhere", "//v2.1", "/v1.0/pods/a/b/c/d?e=1"])
def test_a_path_of_no_route_of_chalices_gets_what_api_gateway_says(connection, path):
    status, body, _ = ask(connection, "GET", path)

    assert status == 404
    assert json.loads(body) == {"itemNotFound": {"code": 404, "message": "The resource could not be found."}}


def test_the_fault_of_an_unknown_path_carries_the_headers_of_every_answer(served):
    answer = requests.get(f"{served.url}/v2.1/no/such/thing/at/all", timeout=10)

    assert answer.headers["X-Compute-Request-Id"].startswith("req-")
    assert answer.headers["Content-Type"] == "application/json"
    assert "OpenStack-API-Version" in answer.headers


def test_stopping_ends_connections_that_are_kept_alive(served, connection):
    ask(connection, "GET", "/echo")
    served.stop()

    with pytest.raises(OSError, match=r"reset|refused|closed|Broken"):
        ask(connection, "GET", "/echo")


def program(*options, **environ):
    command = [sys.executable, "-m", "local.gateway", *options]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environ}
    )


def test_a_taken_port_is_named_together_with_the_variable_that_changes_it():
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        process = program(TRIO2O_LOCAL_PORT=str(port))
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 2
    assert f"Port {port} of 127.0.0.1 is taken" in errors
    assert "TRIO2O_LOCAL_PORT" in errors


def test_the_program_serves_until_it_is_told_to_stop(embedded_dynamo):
    settings = {"TRIO2O_DYNAMODB_URL": embedded_dynamo, "TRIO2O_TABLE_PREFIX": "program"}
    process = program("--port", "0", "--create-tables", "--refresh-seconds", "60", **settings)
    try:
        url = _served_at(process)
        versions = requests.get(url, timeout=60)
    finally:
        process.send_signal(signal.SIGTERM)

    assert process.wait(60) == 0
    assert versions.status_code == 200
    assert versions.json()["versions"][-1]["links"][0]["href"] == f"{url}/v2.1/"


def _served_at(process):
    for line in process.stdout:
        if line.startswith("Gateway  "):
            return line.split()[1]
    raise AssertionError(process.stderr.read())
