"""A hostile pod: it does what it is asked, and then answers by one of the named misdeeds.

What is drawn by lot is drawn by a seed, so that a failure can be had again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from local.standin.hostile_bytes import OF_BYTES, SLOW, Misdeed, changed
from local.standin.message import RawReply, Reply, Request
from local.standin.site import Site

EVIL = "http://h0stile.example"
MARK = {"X-Openstack-Request-Id": "req-00000000-0000-4000-8000-000000000000"}
_HEADERS = {
    **MARK,
    "Set-Cookie": "h0stile=1",
    "Location": f"{EVIL}/v2.1/servers",
    "Access-Control-Allow-Origin": EVIL,
    "WWW-Authenticate": f"Basic realm={EVIL}",
    "Retry-After": "h0stile",
    "Refresh": f"0; url={EVIL}",
    "Content-Type": "text/html; h0stile",
}
_PAGE = b"<html><body>Please log in at the h0stile portal</body></html>"
_DEEP = 200_000
_ODD: tuple[Any, ...] = (None, True, -1, 1.5, "x", [], {}, [[]], [None], {"id": {}}, 2**70, "x" * 5000)


def misbehave(site: Site, misdeed: str, seed: int) -> None:
    """From now on, a site answers by a misdeed."""
    deed, dice = MISDEEDS[misdeed], Random(seed)
    site.misdeed = lambda request: deed(request, site.serve(_from_the_start(request)), dice)


def _from_the_start(request: Request) -> Request:
    """The request for the first page, whatever page was asked for."""
    query = {key: values for key, values in request.query.items() if key not in ("marker", "offset")}
    return replace(request, query=query, query_string=urlencode(query, doseq=True))


def _says(status: int, body: Any) -> Misdeed:
    return lambda _, __, ___: Reply(
        status, body if isinstance(body, bytes) else json.dumps(body).encode(), MARK
    )


def _fault(status: int) -> Misdeed:
    return _says(status, {"h0stileFault": {"code": status, "message": "h0stile"}})


def _redirects(_: Request, __: Reply, dice: Random) -> Reply:
    status = dice.choice((300, 301, 302, 303, 304, 305, 307, 308))
    return Reply(status, b'{"choices": []}', {**MARK, "Location": f"{EVIL}/v2.1/servers"})


def _redirects_with_a_bomb(request: Request, reply: Reply, dice: Random) -> Reply:
    bomb = OF_BYTES["is a bomb"](request, Reply(200, reply.body, {**MARK, "Location": f"{EVIL}/"}), dice)
    assert isinstance(bomb, RawReply)
    return RawReply(pieces=(piece.replace(b"200 Said", b"302 Said", 1) for piece in bomb.pieces))


def _has_no_such_status(_: Request, reply: Reply, dice: Random) -> Reply:
    return Reply(dice.choice((101, 102, 199, 205, 206, 226, 299, 600, 777, 999)), reply.body, MARK)


def _is_a_proxy(_: Request, __: Reply, dice: Random) -> Reply:
    return Reply(dice.choice((400, 401, 403, 404, 407, 413, 502, 503, 504)), _PAGE, {"Retry-After": "1"})


def _is_a_proxy_that_keeps_the_mark(_: Request, __: Reply, dice: Random) -> Reply:
    return Reply(dice.choice((200, 202, 401, 403, 404, 410, 500, 502, 503, 504)), _PAGE, dict(MARK))


def _adds_headers(_: Request, reply: Reply, __: Random) -> Reply:
    return Reply(reply.status, reply.body, {**reply.headers, **_HEADERS})


def _nests_deeply(_: Request, reply: Reply, dice: Random) -> Reply:
    deep = "[" * _DEEP + "]" * _DEEP
    names = list(reply.body) if isinstance(reply.body, dict) else []
    name = names[0] if names else "server"
    body = dice.choice((deep, f'{{"{name}": {deep}}}', f'{{"{name}": [{{"id": "1", "x": {deep}}}]}}'))
    return Reply(200, body.encode(), MARK)


def _is_no_json(_: Request, reply: Reply, dice: Random) -> Reply:
    body = reply.payload()
    odd = (
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        body[:-1],
        b"\xff\xfe" + body,
        body.decode().encode("utf-16"),
        b"{}{}",
    )
    return Reply(200, dice.choice(odd), MARK)


def _tells_of_something_else(_: Request, __: Reply, dice: Random) -> Reply:
    names = ("servers", "flavors", "images", "server", "flavor", "limits", "keypairs", "x")
    return Reply(200, {dice.choice(names): dice.choice(_ODD)}, MARK)


def _has_wrong_types(_: Request, reply: Reply, dice: Random) -> Reply:
    def odd(value: Any) -> Any:
        if dice.random() < 0.15:
            return dice.choice(_ODD)
        if isinstance(value, dict):
            return {key: odd(inside) for key, inside in value.items()}
        return [odd(each) for each in value] if isinstance(value, list) else value

    def below_top(body: Any) -> Any:
        return {key: odd(inside) for key, inside in body.items()}

    return changed(reply, below_top)


def _has_half_letters(_: Request, reply: Reply, __: Random) -> Reply:
    return changed(reply, lambda body: _mapped(body, lambda text: f"{text}\ud800"))


def _has_no_numbers(_: Request, reply: Reply, dice: Random) -> Reply:
    text = json.dumps({**reply.body, "n": 0.5} if isinstance(reply.body, dict) else {"n": 0.5})
    number = dice.choice(("NaN", "-Infinity", "1e999", "9" * 5000, "9" * 400))
    return Reply(reply.status, text.replace("0.5", number).encode(), reply.headers)


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(inside, change) for key, inside in value.items()}
    if isinstance(value, list):
        return [_mapped(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


def _rows(reply: Reply) -> tuple[str, list[Any]]:
    """The name of a list in a reply and its rows; some row, where there is none."""
    for name, rows in reply.body.items() if isinstance(reply.body, dict) else ():
        if isinstance(rows, list) and not name.endswith("_links"):
            return name, rows or [{"id": "x", "name": "x"}]
    return "", []


def _page(reply: Reply, name: str, rows: list[Any]) -> Reply:
    links = [{"rel": "next", "href": f"{EVIL}/v2.1/{name}?marker=x"}]
    return Reply(200, json.dumps({name: rows, f"{name}_links": links}).encode(), reply.headers)


def _has_pages_without_end(_: Request, reply: Reply, dice: Random) -> Reply:
    name, rows = _rows(reply)
    fresh = str(UUID(int=dice.getrandbits(128), version=4))
    row = {**rows[0], "id": fresh, "name": fresh} if rows and isinstance(rows[0], dict) else None
    return _page(reply, name, [row]) if row else reply


def _has_pages_that_go_back(_: Request, reply: Reply, __: Random) -> Reply:
    name, rows = _rows(reply)
    return _page(reply, name, rows) if name else reply


def _has_rows_twice(_: Request, reply: Reply, __: Random) -> Reply:
    name, rows = _rows(reply)
    return Reply(200, json.dumps({name: (rows * 3000)[:3000]}).encode(), reply.headers) if name else reply


MISDEEDS: Mapping[str, Misdeed] = {
    **OF_BYTES,
    **SLOW,
    **{
        f"says {status}": _fault(status) for status in (400, 401, 403, 404, 405, 409, 429, 500, 501, 503, 504)
    },
    "says 200 and nothing": _says(200, b""),
    "says 200 and shows nothing": _says(200, {}),
    "redirects": _redirects,
    "redirects with a bomb": _redirects_with_a_bomb,
    "has no such status": _has_no_such_status,
    "is a proxy": _is_a_proxy,
    "is a proxy that keeps the mark": _is_a_proxy_that_keeps_the_mark,
    "adds headers": _adds_headers,
    "nests deeply": _nests_deeply,
    "is no JSON": _is_no_json,
    "tells of something else": _tells_of_something_else,
    "has wrong types": _has_wrong_types,
    "has half letters": _has_half_letters,
    "has no numbers": _has_no_numbers,
    "has pages without end": _has_pages_without_end,
    "has pages that go back": _has_pages_that_go_back,
    "has rows twice": _has_rows_twice,
}
