"""Gateway: requests through the Lambda handler of this process, as API Gateway would send them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib import wiring
from chalicelib.model.identity import Identity
from chalicelib.settings import Settings

PROJECT = "5f4dcc3b5aa765d61d8327deb882cf99"


class CannedTokens:
    """Accepts every token without asking Keystone, as a warm process does with a token in its cache."""

    def validate(self, token: str) -> Identity:
        """Say that the token is a member's."""
        return Identity("user", PROJECT, frozenset({"member"}), wiring.now() + timedelta(hours=1))


@contextmanager
def unread() -> Iterator[None]:
    """Whatever is logged meanwhile is written as in Lambda, since that costs too, and read by nobody."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield


@contextmanager
def serving(outside: wiring.Adapters, chosen: Settings) -> Iterator[None]:
    """Let the app of this process work with these adapters."""
    wiring.use(wiring.build_services(outside, chosen), chosen)
    try:
        yield
    finally:
        wiring.use(None)


def asking(method: str, path: str, body: object = None, status: int = 200) -> Callable[[], str]:
    """A request that can be made again and again; each returns the answer's body. Raises RuntimeError."""
    from app import app

    url = urlsplit(path)
    resource, variables = _resource(app.routes, url.path)
    event: dict[str, Any] = {
        "requestContext": {"httpMethod": method, "resourcePath": resource, "path": url.path},
        "headers": {"X-Auth-Token": "token", "Content-Type": "application/json", "Host": "bench"},
        "multiValueQueryStringParameters": parse_qs(url.query) or None,
        "pathParameters": variables,
        "stageVariables": None,
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }

    def ask() -> str:
        answer = app(dict(event), None)
        if answer["statusCode"] != status:
            raise RuntimeError(f"{method} {path} failed: {answer['body']}")
        return str(answer["body"])

    return ask


def _resource(routes: Iterable[str], path: str) -> tuple[str, dict[str, str]]:
    """API Gateway's resource for a path, and the variables in it; of several, that with the fewest."""
    segments, found = path.split("/"), []
    for route in routes:
        pairs = list(zip(route.split("/"), segments, strict=False))
        if route.count("/") == path.count("/") and all(a == b or a.startswith("{") for a, b in pairs):
            found.append((route, {a[1:-1]: b for a, b in pairs if a.startswith("{")}))
    return min(found, key=lambda each: len(each[1]))
