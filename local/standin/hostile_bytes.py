"""What a hostile pod does to HTTP itself: answers that are none, that lie of their size, or never end."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from random import Random

from local.standin.message import RawReply, Reply, Request, ResetConnection

Misdeed = Callable[[Request, Reply, Random], Reply]
"""What a hostile pod makes of the true reply to a request."""

HUGE_BYTES = 100 * 1024 * 1024
_PIECE = 64 * 1024
_TRICKLE_SECONDS = 0.05
_MOST_TRICKLES = 1200  # a minute: whoever waits that long has no time limit


def bytes_of(reply: Reply, **headers: str) -> bytes:
    """A reply as HTTP/1.1; ``headers`` are added or take the place of its own."""
    body = reply.payload()
    shown = {"Content-Type": "application/json", "Content-Length": str(len(body)), **reply.headers}
    shown |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = (f"{name}: {value}" for name, value in shown.items())
    return "\r\n".join((f"HTTP/1.1 {reply.status} Said", *lines, "", "")).encode() + body


def _raw(*pieces: bytes) -> RawReply:
    return RawReply(pieces=pieces)


def _resets(_: Request, __: Reply, ___: Random) -> Reply:
    raise ResetConnection


def _speaks_http_0_9(_: Request, reply: Reply, __: Random) -> Reply:
    return _raw(reply.payload() or b"{}")


def _speaks_no_http(_: Request, __: Reply, dice: Random) -> Reply:
    return _raw(dice.randbytes(2000))


def _promises_more(_: Request, reply: Reply, __: Random) -> Reply:
    return _raw(bytes_of(reply, Content_Length=str(len(reply.payload()) + 1000)))


def _promises_less(_: Request, reply: Reply, __: Random) -> Reply:
    return _raw(bytes_of(reply, Content_Length=str(len(reply.payload()) // 2)))


def _promises_nonsense(_: Request, reply: Reply, dice: Random) -> Reply:
    return _raw(bytes_of(reply, Content_Length=dice.choice(("-5", "many", "1, 2", "9" * 400))))


def _breaks_chunks(_: Request, reply: Reply, dice: Random) -> Reply:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return _raw(head, dice.choice((b"zz\r\n", b"-5\r\n", b"ffffffffffff\r\n")), reply.payload())


def _sends_many_headers(_: Request, reply: Reply, __: Random) -> Reply:
    return _raw(bytes_of(reply, **{f"X-{number}": "y" * 100 for number in range(5000)}))


def _sends_a_long_header(_: Request, reply: Reply, __: Random) -> Reply:
    return _raw(bytes_of(reply, Retry_After="9" * 1_000_000))


def _says_that_it_goes_on(_: Request, reply: Reply, __: Random) -> Reply:
    return _raw(
        b"HTTP/1.1 100 Continue\r\n\r\n" * 5000 + b"HTTP/1.1 103 Early Hints\r\n\r\n", bytes_of(reply)
    )


def _is_huge(_: Request, __: Reply, ___: Random) -> Reply:
    def pieces() -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\nContent-Length: {HUGE_BYTES}\r\n\r\n".encode() + b'{"servers": "'
        for _ in range(HUGE_BYTES // _PIECE):
            yield b"x" * _PIECE

    return RawReply(pieces=pieces())


@cache
def _bomb() -> bytes:
    return gzip.compress(b'{"servers": "' + b"x" * HUGE_BYTES + b'"}', 1)


def _is_a_bomb(_: Request, reply: Reply, __: Random) -> Reply:
    return _raw(bytes_of(Reply(200, _bomb(), reply.headers), Content_Encoding="gzip"))


def _is_compressed_unasked(_: Request, reply: Reply, __: Random) -> Reply:
    return _raw(bytes_of(Reply(reply.status, gzip.compress(reply.payload())), Content_Encoding="gzip"))


def trickling(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces one after another, as slowly as one can who doesn't want to be taken for dead."""
    for piece in pieces:
        yield piece
        time.sleep(_TRICKLE_SECONDS)


def _trickles_its_body(_: Request, reply: Reply, __: Random) -> Reply:
    head = bytes_of(Reply(200, None, reply.headers), Content_Length=str(HUGE_BYTES)) + b'{"x": "'
    return RawReply(pieces=trickling((head, *(b"y" for _ in range(_MOST_TRICKLES)))))


def _trickles_its_headers(_: Request, __: Reply, ___: Random) -> Reply:
    return RawReply(pieces=trickling((b"HTTP/1.1 200 OK\r\nX-Y: ", *(b"y" for _ in range(_MOST_TRICKLES)))))


OF_BYTES: Mapping[str, Misdeed] = {
    "resets": _resets,
    "speaks HTTP/0.9": _speaks_http_0_9,
    "speaks no HTTP": _speaks_no_http,
    "promises more bytes": _promises_more,
    "promises less bytes": _promises_less,
    "promises a nonsense of bytes": _promises_nonsense,
    "breaks chunks": _breaks_chunks,
    "sends many headers": _sends_many_headers,
    "sends a long header": _sends_a_long_header,
    "says that it goes on": _says_that_it_goes_on,
    "is huge": _is_huge,
    "is a bomb": _is_a_bomb,
    "is compressed unasked": _is_compressed_unasked,
}
SLOW: Mapping[str, Misdeed] = {
    "trickles its body": _trickles_its_body,
    "trickles its headers": _trickles_its_headers,
}
"""They cost who asks all the time that it has."""


def changed(reply: Reply, change: Callable[[object], object]) -> Reply:
    """A reply whose JSON body is another one; one without a body stays."""
    if not isinstance(reply.body, dict):
        return reply
    return Reply(reply.status, json.dumps(change(reply.body)).encode(), reply.headers)
