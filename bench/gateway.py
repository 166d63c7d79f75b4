"""Gateway: requests through the Lambda handler of this process, as API Gateway would send them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib import wiring
from chalicelib.settings import Settings


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


def asking(
    method: str, path: str, body: object = None, status: int = 200, token: str = "token"
) -> Callable[[], str]:
    """A request that can be made again and again; each returns the answer's body. Raises RuntimeError."""
    from app import app

    url = urlsplit(path)
    event: dict[str, Any] = {
        "requestContext": {"httpMethod": method, "resourcePath": url.path, "path": url.path},
        "headers": {"X-Auth-Token": token, "Content-Type": "application/json", "Host": "bench"},
        "multiValueQueryStringParameters": parse_qs(url.query) or None,
        "pathParameters": {},
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
