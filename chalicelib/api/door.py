"""Door: where a Chalice request becomes a Call, and a Reply a Chalice response."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chalice.app import Chalice, Request, Response

from chalicelib import observability, wiring
from chalicelib.api.routes import VERBS, Call, Dialect, Reply, Route, Routes, answer, decoded

_VARIABLE = re.compile(r"{(\w+)}")
_KEEP_ENCODED = "%~-._!$&'()*+,;=:@"


def open_routes(app: Chalice, routes: Routes) -> None:
    """Register every path of an API for every verb, so that we answer 405 and not API Gateway."""
    for prefix, path, verbs in routes.paths():
        register(app, path, prefix, verbs, routes.dialect)


def register(app: Chalice, path: str, prefix: str, verbs: Mapping[str, Route], dialect: Dialect) -> None:
    """Register one path."""

    def view(**variables: str) -> Response:
        return serve(_current(app), path, prefix, verbs, dialect)

    # Chalice matches a view's arguments by the names in its path; any name will do for ours.
    app.route(path, methods=list(VERBS), content_types=["*/*"], name=_view_name(path))(view)


def _current(app: Chalice) -> Request:
    request = app.current_request
    if request is None:
        raise RuntimeError("a view runs only inside a request")
    return request


def _view_name(path: str) -> str:
    return "view" + re.sub(r"\W+", "_", path)


def serve(request: Request, path: str, prefix: str, verbs: Mapping[str, Route], dialect: Dialect) -> Response:
    """Answer one request, under one correlation id."""
    call = read_call(request, path, prefix)
    with observability.request(call.request_id, call.method, path) as seen:
        reply = answer(call, verbs, dialect)
        seen(reply.status)
    return write_reply(reply, call)


def read_call(request: Request, path: str, prefix: str) -> Call:
    """The request in our own words."""
    named = {name: request.uri_params[name] for name in _VARIABLE.findall(path)} if request.uri_params else {}
    full = _VARIABLE.sub(lambda found: quote(named[found[1]], safe=_KEEP_ENCODED), path)
    under = _VARIABLE.sub(lambda found: quote(named[found[1]], safe=_KEEP_ENCODED), prefix)
    headers = {name.lower(): value for name, value in request.headers.items()}
    parameters = request.query_params
    query = {key: tuple(parameters.getlist(key)) for key in parameters} if parameters else {}
    return Call(
        method=request.method,
        raw_path=full.removeprefix(under),
        path=decoded(named),
        query=query,
        headers=headers,
        raw_body=_body(request),
        request_id=f"req-{wiring.ids()()}",
        deadline=wiring.deadline(),
        base_url=wiring.settings().public_url.rstrip("/") or _base_url(headers, request.context, full),
    )


def _body(request: Request) -> bytes:
    raw: Any = request.raw_body
    return raw.encode() if isinstance(raw, str) else bytes(raw or b"")


def _base_url(headers: Mapping[str, str], context: Mapping[str, Any], path: str) -> str:
    """Our address as this client reached it, with API Gateway's stage (nothing was configured)."""
    scheme = headers.get("x-forwarded-proto", "http")
    stage = f"/{context.get('stage', '')}"
    inside_stage = stage != "/" and str(context.get("path", "")).startswith(stage + "/")
    custom = not inside_stage or path.startswith(stage + "/")
    return f"{scheme}://{headers.get('host', '127.0.0.1')}{'' if custom else stage}"


def write_reply(reply: Reply, call: Call) -> Response:
    """Chalice writes JSON for us only from objects; None would become ``null``."""
    headers: dict[str, Any] = {name: str(value) for name, value in reply.headers.items()}
    if reply.body is None or call.method == "HEAD":
        text = ""
    elif isinstance(reply.body, bytes):
        text = reply.body.decode("utf-8", "replace")
    elif isinstance(reply.body, str):
        text = reply.body
    else:
        text = json.dumps(reply.body, ensure_ascii=False, separators=(", ", ": "))
    if text:
        headers.setdefault("Content-Type", "application/json")
    return Response(text, headers=headers, status_code=reply.status)
