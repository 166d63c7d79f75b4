"""Connections: sockets to pods that are fresh, checked, in time, and know whether they sent anything."""

from __future__ import annotations

import io
import socket
import threading
from http.client import HTTPResponse
from time import monotonic, time
from typing import Any

from keystoneauth1.session import TCPKeepAliveAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from chalicelib.adapters.openstack.endpoints import EndpointRules

IDLE_SECONDS = 5.0
_PIECE_BYTES = 16 * 1024  # one TLS record: a time-out bounds the sending of one


class CallUnderWay(threading.local):
    """What a thread is calling: until when it may last, and whether it handed bytes to a socket.

    The exceptions can't tell the latter: keystoneauth raises ConnectTimeout for a read that timed
    out, and a reset looks the same before and after the request.
    """

    sent = False
    _ends_at: float | None = None

    def begin(self, seconds: float) -> None:
        """A call starts, and all of it has this long."""
        self.sent = False
        self._ends_at = monotonic() + seconds

    def end(self) -> None:
        """Whoever uses the connections without a call of ours has his own time-outs."""
        self._ends_at = None

    def left(self, at_most: float | None = None) -> float | None:
        """Seconds left, ``at_most`` if that is less; None without any bound. Raises TimeoutError at none."""
        if self._ends_at is None:
            return at_most
        left = self._ends_at - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left if at_most is None else min(left, at_most)

    def limit(self, sock: Any) -> None:
        """Let the socket's next step last no longer than the call may: by itself it starts anew each time."""
        left = self.left()
        if left is not None:
            sock.settimeout(left)


under_way = CallUnderWay()


class _InTime(io.RawIOBase):
    """What a socket receives, each step of it within the time of the whole call."""

    def __init__(self, sock: Any) -> None:
        """Read from a socket."""
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Receive some bytes. Raises TimeoutError when the call's time is over."""
        under_way.limit(self._sock)
        received: int | None = self._raw.readinto(buffer)
        return received

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _ReadInTime:
    """As much of a socket as ``http.client`` asks of one for an answer."""

    def __init__(self, sock: Any) -> None:
        """Read from a socket."""
        self._sock = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        """The stream that an answer is read from."""
        return io.BufferedReader(_InTime(self._sock))


class _Answer(HTTPResponse):
    """An answer whose status, headers and body come within the time of its call."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        """As ``http.client`` makes one."""
        super().__init__(_ReadInTime(sock), *args, **kwargs)  # type: ignore[arg-type]


class _Checked(HTTPConnection):
    """A connection that isn't used again once it idled, and never reaches a refused address.

    Connecting to all addresses of a name, sending and receiving share the time of one call.
    """

    rules = EndpointRules()
    used_at = (0.0, 0.0)
    response_class = _Answer

    def _new_conn(self) -> socket.socket:
        """Connect to where a name leads, unless that is refused: then before any handshake."""
        ends_at = monotonic() + self.timeout if self.timeout else None
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(self.host, self, reason) from error
        failure: OSError | None = None
        for address in (entry[4][0] for entry in found):
            refusal = self.rules.refused_address(str(address))
            if refusal:
                raise NewConnectionError(self, f"{self.host} {refusal}")
            try:
                return self._connected(str(address), ends_at)
            except TimeoutError as error:
                raise ConnectTimeoutError(self, f"{self.host} timed out") from error
            except OSError as error:
                failure = error
        raise NewConnectionError(self, f"{self.host}: {failure}") from failure

    def _connected(self, address: str, ends_at: float | None) -> socket.socket:
        left = under_way.left(None if ends_at is None else max(0.001, ends_at - monotonic()))
        sock = create_connection(
            (address, self.port), left, source_address=self.source_address, socket_options=self.socket_options
        )
        under_way.limit(sock)  # for the handshake that may follow
        return sock

    @property
    def is_connected(self) -> bool:
        """False for a socket that idled: Lambda freezes between calls, and pods hang up meanwhile.

        Both clocks are asked, as a frozen machine may stop one of them.
        """
        idle = max(monotonic() - self.used_at[0], time() - self.used_at[1])
        return idle <= IDLE_SECONDS and super().is_connected

    def send(self, data: Any) -> None:
        """Send, noting that the pod may have seen something from here on."""
        if self.sock is None:
            self.connect()
        for start in range(0, len(data), _PIECE_BYTES):
            under_way.limit(self.sock)
            under_way.sent = True
            super().send(data[start : start + _PIECE_BYTES])

    def getresponse(self) -> Any:
        """Wait for the answer; from then on the connection idles."""
        answer = super().getresponse()
        self.used_at = (monotonic(), time())
        return answer


class PodAdapter(TCPKeepAliveAdapter):
    """Pools of checked connections, ``pool_maxsize`` kept for each host."""

    def __init__(self, rules: EndpointRules, pool_maxsize: int = 32, pool_connections: int = 512) -> None:
        """``pool_connections`` hosts are kept: several services of each pod."""
        self._rules = rules
        super().__init__(pool_connections=pool_connections, pool_maxsize=pool_maxsize, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools use connections under our rules."""
        super().init_poolmanager(*args, **kwargs)
        plain = type("_Plain", (_Checked,), {"rules": self._rules})
        secure = type("_Secure", (_Checked, HTTPSConnection), {"rules": self._rules})
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
