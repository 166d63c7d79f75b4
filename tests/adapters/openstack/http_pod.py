"""A pod that is a small HTTP server, whose answers a test chooses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Seen:
    """A request as it arrived at the pod."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client: tuple[str, int]


Answer = Callable[["Handler"], None]


@dataclass
class HttpPod:
    """Answers every request by ``answer``, and keeps all requests in ``seen``."""

    url: str
    answer: Answer
    seen: list[Seen] = field(default_factory=list)

    @property
    def connections(self) -> int:
        """How many connections the requests came over."""
        return len({request.client for request in self.seen})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pod: HttpPod

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError):
            self.close_connection = True

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.pod.seen.append(Seen(self.command, self.path, headers, body, self.client_address))
        self.pod.answer(self)

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def reply(self, status: int = 200, body: object = None, **headers: str) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def http_pod(answer: Answer = Handler.reply) -> Iterator[HttpPod]:
    """A pod that is served on a free port of this machine."""
    pod = HttpPod("", answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"pod": pod}))
    server.daemon_threads = True
    server.block_on_close = False
    pod.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield pod
    finally:
        server.shutdown()
        server.server_close()
