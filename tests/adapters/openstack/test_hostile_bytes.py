"""Whatever bytes come back on the wire, they are an answer of bounded size, or none that may have arrived."""

from __future__ import annotations

import tracemalloc
from contextlib import nullcontext
from random import Random

import pytest

from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.wire import MAX_BODY_BYTES, Wire, WireError
from local.standin.hostile import MISDEEDS
from local.standin.hostile_bytes import OF_BYTES, bytes_of
from local.standin.message import RawReply, Reply, Request
from tests.adapters.openstack.http_pod import Answer, Handler, http_pod

ASKED = Request("GET", "/servers", {}, "", {}, b"", "req-1")
TRUE = Reply(200, {"servers": [{"id": "s1"}]})
AN_ANSWER_ALL_THE_SAME = {
    "promises less bytes",
    "promises a nonsense of bytes",
    "says that it goes on",
}
MOST_MEMORY = 4 * MAX_BODY_BYTES  # a body is put together from pieces, and copied once


@pytest.fixture
def wire() -> Wire:
    return Wire(EndpointRules(allow_http=True))


def says(misdeed: str) -> RawReply:
    reply = MISDEEDS[misdeed](ASKED, TRUE, Random(1))
    assert isinstance(reply, RawReply)
    return reply


def answering(reply: RawReply) -> Answer:
    def answer(handler: Handler) -> None:
        handler.close_connection = True
        for piece in reply.pieces:
            handler.wfile.write(piece)

    return answer


@pytest.mark.parametrize("misdeed", [*sorted(OF_BYTES.keys() - {"resets"}), "redirects with a bomb"])
def test_it_is_an_answer_of_bounded_size_or_none(wire: Wire, misdeed: str) -> None:
    reply = says(misdeed)
    with http_pod(answering(reply)) as pod:
        tracemalloc.start()
        expected = nullcontext() if misdeed in AN_ANSWER_ALL_THE_SAME else pytest.raises(WireError)
        with expected as error:
            wire.call("GET", pod.url, {})
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert most < MOST_MEMORY
    assert error is None or error.value.sent
    assert len(pod.seen) == 1, "it is asked once, and nobody else is"


def test_what_follows_an_answer_that_was_longer_than_promised_is_no_part_of_the_next(wire: Wire) -> None:
    def answer(handler: Handler) -> None:
        handler.wfile.write(bytes_of(Reply(200, {"n": len(pod.seen)})) + b'HTTP/1.1 200 OK\r\n\r\n{"n": 99}')
        handler.wfile.flush()

    with http_pod(answer) as pod:
        for number in (1, 2, 3):
            assert wire.call("GET", pod.url, {}).body == b'{"n": %d}' % number
