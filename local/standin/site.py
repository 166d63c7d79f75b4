"""Site: one address, the services behind it, and the troubles that requests meet before them."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from local.standin.clock import Clock
from local.standin.journal import Journal, Received
from local.standin.listener import Listener
from local.standin.message import Reply, Request, ResetConnection
from local.standin.script import Script, Trouble

CONTROL = "/_control"


class Site(ABC):
    """Keystone or a pod. Requests below ``/_control`` meet no trouble and aren't noted in the journal."""

    def __init__(self, name: str, clock: Clock, port: int = 0) -> None:
        self.name = name
        self.clock = clock
        self.script = Script()
        self.journal = Journal()
        # How a hostile site replies.
        self.misdeed: Callable[[Request], Reply] | None = None
        self._listener = Listener(self.answer, port)
        self._hung_until = 0.0
        self._wake = threading.Event()

    @abstractmethod
    def serve(self, request: Request) -> Reply:
        """The true reply of the services."""

    @abstractmethod
    def control(self, request: Request) -> Reply:
        """The reply to a ``/_control`` request."""

    @property
    def port(self) -> int:
        """The port; 0 before the first start where any free one may be taken."""
        return self._listener.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def listening(self) -> bool:
        """Whether it accepts connections."""
        return self._listener.listening

    def start(self) -> None:
        """Listen; after a kill on the same port as before. Raises PortTaken."""
        self._wake.clear()
        self._listener.start()

    def kill(self) -> None:
        """Stop listening and close all connections. The state is kept for the next start."""
        self._wake.set()
        self._listener.stop()

    def hang(self, seconds: float) -> None:
        """Accept requests, but let all of them wait until so many seconds have passed."""
        self._hung_until = time.monotonic() + seconds

    def recover(self) -> None:
        """End a hang and a misdeed, and forget the troubles still to come."""
        self._hung_until = 0.0
        self.misdeed = None
        self.script.clear()

    def trouble(self, trouble: Trouble) -> None:
        """Let the next requests that match meet this trouble."""
        self.script.add(trouble)

    def received(self, method: str | None = None, path: str = "") -> list[Received]:
        """The requests that arrived, by method and by a regular expression for the path."""
        return self.journal.entries(method, path)

    def answer(self, request: Request) -> Reply:
        """Note the request, let it wait or meet its trouble, and serve it."""
        if request.path.startswith(CONTROL):
            return self.control(request)
        entry = self.journal.note(request, self.clock.now())
        while (left := self._hung_until - time.monotonic()) > 0 and not self._wake.wait(min(left, 0.1)):
            pass
        reply = self._through(self.script.take(request), request)
        entry.status = reply.status
        return reply

    def _through(self, trouble: Trouble | None, request: Request) -> Reply:
        if trouble is None:
            return (self.misdeed or self.serve)(request)
        served = self.serve(request) if trouble.when == "after" else None
        if trouble.delay_seconds:
            self._wake.wait(trouble.delay_seconds)
        if trouble.reset:
            raise ResetConnection
        if trouble.status is not None:
            return Reply(trouble.status, trouble.body, dict(trouble.headers))
        return served or self.serve(request)
