"""A service that fails: a server before the true one, which passes requests on until a test lets it fail."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PAGE = b"<html><body>It works!</body></html>"
_NOT_PASSED_ON = ("connection", "content-length", "transfer-encoding", "server", "date")


class Failure(StrEnum):
    """How a service fails."""

    SLOW = "slow"  # takes a request and says nothing
    REFUSES = "refuses"  # takes no connection
    RESETS = "resets"  # takes a request and breaks the connection
    GARBAGE = "garbage"  # answers 200 with a page that isn't its own
    HALF = "half"  # does what is asked, and breaks off in the middle of the answer


class Faulty:
    """Stands before a service at a URL of its own."""

    def __init__(self, target: str) -> None:
        """``target`` is the true service's address."""
        self._target = urlsplit(target)
        self._failure: Failure | None = None
        self._over = threading.Event()
        self._before: Callable[[str, str], None] = lambda method, path: None
        self._server = self._listening(0)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def failing(self, failure: Failure) -> Iterator[None]:
        """In this block it fails so."""
        self._over.clear()
        self._failure = failure
        if failure is Failure.REFUSES:
            self.close()
        try:
            yield
        finally:
            self._failure = None
            self._over.set()
            if failure is Failure.REFUSES:
                self._server = self._listening(urlsplit(self.url).port or 0)

    @contextmanager
    def telling(self, before: Callable[[str, str], None]) -> Iterator[None]:
        """In this block ``before`` is told of each request, by verb and path, before it is passed on."""
        told, self._before = self._before, before
        try:
            yield
        finally:
            self._before = told

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _listening(self, port: int) -> ThreadingHTTPServer:
        handler = type("Bound", (_Handler,), {"service": self})
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def serve(self, request: _Handler) -> None:
        """Answer one request, or fail to."""
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if self._failure is Failure.SLOW:
            self._over.wait(60)
        elif self._failure is Failure.RESETS:
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self._failure is Failure.GARBAGE:
            request.answer(200, [("Content-Type", "text/html")], PAGE, len(PAGE))
        else:
            self._before(request.command, request.path)
            status, headers, answer = self._true_answer(request, body)
            if self._failure is not Failure.HALF:
                request.answer(status, headers, answer, len(answer))
            elif answer:
                request.answer(status, headers, answer[: len(answer) // 2], len(answer))
            else:
                request.wfile.write(b"HTTP/1.1 2")

    def _true_answer(self, request: _Handler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self._target.hostname or "", self._target.port, timeout=60)
        connection.request(request.command, request.path, body, dict(request.headers.items()))
        reply = connection.getresponse()
        answer, headers = reply.read(), reply.getheaders()
        connection.close()
        return reply.status, headers, answer


class _Handler(BaseHTTPRequestHandler):
    service: Faulty

    def serve(self) -> None:
        self.service.serve(self)

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def answer(self, status: int, headers: list[tuple[str, str]], body: bytes, promised: int) -> None:
        """Send a body, of which the header says that it has the length that is promised."""
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(promised))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass
