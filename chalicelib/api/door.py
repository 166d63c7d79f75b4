"""Door: where a Chalice request becomes a Call, and a Reply becomes a Chalice response."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chalice.app import Chalice, Request, Response

from chalicelib import observability, wiring
from chalicelib.api.answering import answer
from chalicelib.api.call import Call, Reply
from chalicelib.api.mount import Mount
from chalicelib.api.openstack.router import Found
from chalicelib.api.openstack.table import VERBS
from chalicelib.api.sending import text_of

_VARIABLE = re.compile(r"{(\w+)}")
_KEEP_ENCODED = "%~-._!$&'()*+,;=:@"


def open_door(app: Chalice, mount: Mount) -> None:
    """Register every path of an API for every verb, so that our router answers and not API Gateway."""
    for path in mount.paths():
        _register(app, path, mount)


def _register(app: Chalice, path: str, mount: Mount) -> None:
    def view(**variables: str) -> Response:
        return serve(_current(app), mount)

    # Chalice passes the path's variables to a view by name; ours takes any names.
    app.route(path, methods=list(VERBS), content_types=["*/*"], name="view" + re.sub(r"\W+", "_", path))(view)


def _current(app: Chalice) -> Request:
    request = app.current_request
    if request is None:
        raise RuntimeError("a view runs only inside a request")
    return request


def serve(request: Request, mount: Mount) -> Response:
    """Answer one request, and log it under its request id."""
    path = _path(request, mount.slash_matters)
    found = mount.router.find(request.method, path.removeprefix(mount.prefix))
    call = read_call(request, mount.prefix, path, found)
    # A log line names the route and not the client's path, so that lines group and hold no names.
    route = mount.prefix + found.row.path if found.row else request.path
    with observability.request(call.request_id, call.method, route) as seen, wiring.serving(call.deadline):
        observability.withheld(call.headers.get("x-auth-token", ""), call.raw_body)
        reply = answer(call, found.row, found.allowed, mount.dialect)
        seen(reply.status, reply.headers.get("X-Openstack-Request-Id", ""))
    return write_reply(reply, call)


def _path(request: Request, slash_matters: bool) -> str:
    """The path as the client sent it, still encoded: API Gateway's resource with its variables filled in."""
    named = request.uri_params or {}
    path = _VARIABLE.sub(lambda found: _quoted(named[found[1]]), request.path)
    # API Gateway and Chalice's local server find the same resource for /servers/ as for /servers.
    slash = slash_matters and path != "/" and str(request.context.get("path", "")).endswith("/")
    return f"{path}/" if slash else path


def _quoted(segment: str) -> str:
    # What isn't Unicode stays what it is: the call is refused later, in the API's own words.
    return quote(segment, safe=_KEEP_ENCODED, errors="surrogatepass")


def read_call(request: Request, prefix: str, path: str, found: Found) -> Call:
    """A Chalice request as a Call, with what the router found in its path."""
    headers = _headers(request)
    parameters = request.query_params
    query = {key: tuple(parameters.getlist(key)) for key in parameters} if parameters else {}
    return Call(
        method=request.method,
        raw_path=found.rest,
        path=found.variables,
        query=query,
        headers=headers,
        raw_body=_body(request),
        request_id=f"req-{wiring.fresh_id()}",
        deadline=wiring.deadline(),
        base_url=wiring.settings().public_url.rstrip("/") or _base_url(headers, request.context, path),
        prefix=prefix,
    )


def _headers(request: Request) -> dict[str, str]:
    """The headers by their names in lower case. Several lines of one name are one list, as HTTP says.

    Of such lines, the event that API Gateway makes has only the last in ``headers``.
    """
    lines = request.to_original_event().get("multiValueHeaders")
    if lines is None:  # Chalice's local server doesn't give it
        return {name.lower(): value for name, value in request.headers.items()}
    joined: dict[str, list[str]] = {}
    for name, values in lines.items():
        joined.setdefault(name.lower(), []).extend(values)
    return {name: ", ".join(values) for name, values in joined.items()}


def _body(request: Request) -> bytes:
    event = request.to_original_event()
    sent: Any = event["body"]
    if isinstance(sent, str) and not event.get("isBase64Encoded"):
        return sent.encode(errors="surrogatepass")  # Chalice would raise for what isn't Unicode
    raw: Any = request.raw_body
    return bytes(raw or b"")


def _base_url(headers: Mapping[str, str], context: Mapping[str, Any], path: str) -> str:
    """The gateway's address as this client reached it, for when ``public_url`` isn't set.

    API Gateway's own domain needs the stage after it; a custom domain doesn't.
    """
    scheme = headers.get("x-forwarded-proto", "http")
    stage = f"/{context.get('stage', '')}"
    inside_stage = stage != "/" and str(context.get("path", "")).startswith(stage + "/")
    custom = not inside_stage or path.startswith(stage + "/")
    return f"{scheme}://{headers.get('host', '127.0.0.1')}{'' if custom else stage}"


def write_reply(reply: Reply, call: Call) -> Response:
    """A Reply as a Chalice response.

    The answer to a HEAD has no body: a client would take it for the beginning of the next answer.
    """
    headers: dict[str, Any] = {name: str(value) for name, value in reply.headers.items()}
    text = text_of(reply.body)
    if text:
        headers.setdefault("Content-Type", "application/json")
    return Response("" if call.method == "HEAD" else text, headers=headers, status_code=reply.status)
