"""The listening socket: turns bytes into requests and replies into bytes."""

from __future__ import annotations

import errno
import socket
import struct
import sys
import threading
import traceback
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from local.standin.message import RawReply, Reply, Request, ResetConnection

Answer = Callable[[Request], Reply]


class PortTaken(Exception):
    """Another process already listens on the port we were told to use."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} of 127.0.0.1 is taken")
        self.port = port


class Listener:
    """Listens on one port of this machine. It can be stopped and started again on the same port."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self._answer = answer
        self._server: _Server | None = None
        self.port = port  # 0 takes any free one at the first start; later starts take the same

    @property
    def listening(self) -> bool:
        """Whether connections are accepted."""
        return self._server is not None

    def start(self) -> None:
        """Accept connections; does nothing if it does so already. Raises PortTaken."""
        if self._server is not None:
            return
        try:
            server = _Server(("127.0.0.1", self.port), _Handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(self.port) from error
            raise
        server.answer = self._answer
        self.port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        """Close the socket and all connections. From now on, clients' connections are refused."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
            server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024
    answer: Answer

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        self._resetting: set[socket.socket] = set()
        super().__init__(*args)

    def server_bind(self) -> None:
        # Without HTTPServer's reverse look-up of the host name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request in self._resetting:
            self._resetting.discard(request)
            self.close_request(request)  # with a linger time of zero and no FIN sent, this is a reset
        else:
            super().shutdown_request(request)

    def reset(self, request: socket.socket) -> None:
        request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._resetting.add(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it was gone already

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "trio2o-standin"
    sys_version = ""
    wbufsize = -1  # each reply is written at once, so that no delayed ACK holds it up
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        server = cast(_Server, self.server)
        try:
            reply = server.answer(self._read())
        except ResetConnection:
            server.reset(self.connection)
            self.close_connection = True
            return
        except Exception:
            traceback.print_exc()
            reply = Reply(500, {"error": {"code": 500, "message": "The stand-in failed; see its output."}})
        if isinstance(reply, RawReply):
            self._write_raw(reply)
        else:
            self._write(reply)

    def _read(self) -> Request:
        split = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Request(
            method=self.command,
            path=split.path,
            query=parse_qs(split.query, keep_blank_values=True),
            query_string=split.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            request_id=f"req-{uuid.uuid4()}",
        )

    def _write(self, reply: Reply) -> None:
        payload = reply.payload()
        self.send_response(reply.status)
        headers = dict(reply.headers)
        if payload and "Content-Type" not in headers:
            headers["Content-Type"] = "application/json"
        if reply.status != 204:
            headers["Content-Length"] = str(len(payload))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and reply.status != 204:
            self.wfile.write(payload)

    def _write_raw(self, reply: RawReply) -> None:
        self.close_connection = True
        for piece in reply.pieces:
            self.wfile.write(piece)
            self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing, since the journal keeps what was received."""
