"""Ways in: how a request reaches the app, on AWS and on a laptop."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

from chalice.app import Chalice

from deployment.gateway_responses import gateway_responses
from local.serving import Server


class Said(NamedTuple):
    """An answer as it arrives; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


Headers = Mapping[str, str | list[str]]
"""Headers by name; one with a list of values has a line for each."""


class WayIn(Protocol):
    """Sends one request to the app, and returns the answer."""

    def __call__(self, method: str, path: str, headers: Headers, body: str) -> Said: ...


@contextmanager
def by_lambda(app: Chalice) -> Iterator[WayIn]:
    """Send as API Gateway does, doing no more than it surely does.

    It finds the path's resource, and never goes back from a literal segment to a variable.
    """

    def send(method: str, path: str, headers: Headers, body: str) -> Said:
        resource, variables = _resource(app, urlsplit(path).path)
        if method not in app.routes.get(resource, {}):
            unknown = gateway_responses()["MISSING_AUTHENTICATION_TOKEN"]
            fault = unknown["ResponseTemplates"]["application/json"]
            return Said(unknown["StatusCode"], {}, "" if method == "HEAD" else fault)
        context = SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 28_000)
        answer = app(_event(method, path, headers, body, resource, variables), context)
        json.dumps(answer, ensure_ascii=False).encode()  # as Lambda's runtime does
        return Said(
            answer["statusCode"], {k.lower(): v for k, v in answer["headers"].items()}, answer["body"]
        )

    yield send


@contextmanager
def by_local_server(app: Chalice) -> Iterator[WayIn]:
    """Send to what ``make run`` serves, all on one connection, so that a stray body would be noticed."""
    server = Server(app)
    server.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)

    def send(method: str, path: str, headers: Headers, body: str) -> Said:
        connection.putrequest(method, path)
        for name, values in (*_lines(headers).items(), ("Content-Length", [str(len(body.encode()))])):
            for value in values:
                connection.putheader(name, value)
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        content = answer.read().decode()
        return Said(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)

    try:
        yield send
    finally:
        connection.close()
        server.stop()


def _resource(app: Chalice, path: str) -> tuple[str, dict[str, str]]:
    """The path's resource and its variables: at each level, a literal segment comes before a variable."""
    tree = {
        resource.rstrip("/")[: cut if cut > 0 else None] for resource in app.routes for cut in _cuts(resource)
    }
    here, variables = "", {}
    for segment in path.strip("/").split("/") if path.strip("/") else ():
        children = {each for each in tree if each.rpartition("/")[0] == here and each != here}
        literal = f"{here}/{segment}"
        variable = next((each for each in children if each.endswith("}")), "")
        here = literal if literal in children else variable
        if not here:
            return "", {}
        if here == variable:
            variables[here.rpartition("{")[2][:-1]] = segment
    return here or "/", variables


def _cuts(resource: str) -> list[int]:
    return [at for at, letter in enumerate(resource) if letter == "/"] + [0]


def _event(
    method: str, path: str, headers: Headers, body: str, resource: str, variables: dict[str, str]
) -> dict[str, Any]:
    return {
        "resource": resource,
        "path": urlsplit(path).path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in _lines(headers).items()},
        "multiValueHeaders": _lines(headers),
        "multiValueQueryStringParameters": _query(path) or None,
        "pathParameters": variables or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/api{urlsplit(path).path}",
            "stage": "api",
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": body or None,
        "isBase64Encoded": False,
    }


def _query(path: str) -> dict[str, list[str]]:
    """The query as strings; a byte that isn't UTF-8 becomes half of a surrogate pair."""
    return parse_qs(urlsplit(path).query, keep_blank_values=True, errors="surrogateescape")


def _lines(headers: Headers) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else value for name, value in headers.items()}
