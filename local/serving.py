"""Serving: a Chalice app on a port of this machine, by Chalice's own local server made fit for clients.

As it comes, that server takes 44 ms a request (unbuffered writes meet delayed acknowledgements),
queues 5 connections, and lets a HEAD's body spoil the connection.
"""

from __future__ import annotations

import functools
import socket
import sys
import threading
import traceback
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    LocalChalice,
    LocalGatewayException,
    ThreadedHTTPServer,
)

from local.catch_all import unknown_path
from local.ports import HOST


class Handler(ChaliceRequestHandler):
    """One connection, for as many requests as the client cares to send."""

    wbufsize = -1  # one write an answer
    disable_nagle_algorithm = True

    def _send_error_response(self, error: LocalGatewayException) -> None:
        """The app has no authorizers, so the one error there is means: no such route."""
        self._send_http_response(*unknown_path())

    def _send_http_response_with_body(self, code: int, headers: dict[str, Any], body: str | bytes) -> None:
        """A client takes what follows a HEAD's answer for the next answer, so nothing does."""
        if self.command == "HEAD":
            self._send_http_response_no_body(code, headers)
        else:
            super()._send_http_response_with_body(code, headers, body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the app logs its requests itself."""


class HttpServer(ThreadedHTTPServer):
    """Knows its connections, so that stopping it ends them."""

    request_queue_size = 1024
    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        """Start with no connection."""
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def server_bind(self) -> None:
        """Without the look-up of the host's name, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note a connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()

    def hang_up(self) -> None:
        """End all connections."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it was gone already


class Server:
    """Serves an app on 127.0.0.1; port 0 takes a free one, which ``port`` then tells."""

    def __init__(self, app: Chalice, port: int = 0) -> None:
        """Bind at once; raises OSError when the port is taken."""
        # What create_local_server does too: each thread has a current request of its own.
        app.__class__ = LocalChalice
        self._http = HttpServer((HOST, port), functools.partial(Handler, app_object=app, config=Config()))
        self.port: int = self._http.server_port
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.1,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Answer from now on, in threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; open connections end."""
        self._http.shutdown()
        self._http.server_close()
        self._http.hang_up()
