"""Connections: sockets to pods, with checked addresses and a time limit, that know if anything was sent."""

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

from chalicelib.adapters.openstack.endpoints import EndpointRules

IDLE_SECONDS = 5.0
_PIECE_BYTES = 16 * 1024  # one TLS record; the socket's time-out is set anew before each


class CallUnderWay(threading.local):
    """The call that a thread is making: when it must end, and whether any byte was given to a socket.

    Exceptions can't tell whether anything was sent: keystoneauth raises ConnectTimeout for a read that timed
    out too, and a reset looks the same before and after the request.
    """

    sent = False
    _ends_at: float | None = None

    def begin(self, seconds: float) -> None:
        """Start a call, all of which must take no longer than this."""
        self.sent = False
        self._ends_at = monotonic() + seconds

    def end(self) -> None:
        """End the call. Other users of the connections, such as token plugins, have their own time-outs."""
        self._ends_at = None

    def left(self, at_most: float | None = None) -> float | None:
        """The seconds left, but ``at_most``; None without any bound. Raises TimeoutError if none are left."""
        if self._ends_at is None:
            return at_most
        left = self._ends_at - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left if at_most is None else min(left, at_most)

    def limit(self, sock: Any) -> None:
        """Set the socket's time-out, which is for each send or receive, to what is left of the call."""
        left = self.left()
        if left is not None:
            sock.settimeout(left)


under_way = CallUnderWay()


class _InTime(io.RawIOBase):
    """The stream of what a socket receives. The whole call's time limit holds for all of it."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Receive some bytes and return their number. Raises TimeoutError when the call's time is over."""
        under_way.limit(self._sock)
        received: int | None = self._raw.readinto(buffer)
        return received

    def close(self) -> None:
        self._raw.close()
        super().close()


class _ReadInTime:
    """Stands for a socket where ``http.client`` reads an answer."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        """The stream from which the answer is read, under the call's time limit."""
        return io.BufferedReader(_InTime(self._sock))


class _Response(HTTPResponse):
    """A response whose status, headers and body are read under the call's time limit."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(_ReadInTime(sock), *args, **kwargs)  # type: ignore[arg-type]


class _Checked(HTTPConnection):
    """A connection that is never made to a refused address, nor used again after it idled for a while.

    Connecting (to each address of a name in turn), sending and receiving share the time limit of one call.
    """

    rules = EndpointRules()
    used_at = (0.0, 0.0)
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        """Connect to the host's first address that answers. Raises NewConnectionError for a refused one.

        The name is resolved once: what is checked is what is connected to, so a name server that answers
        differently the next time gains nothing by it.
        """
        ends_at = monotonic() + self.timeout if self.timeout else None
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(self.host, self, reason) from error
        for *_, address in found:
            if refusal := self.rules.refused_address(str(address[0])):
                raise NewConnectionError(self, f"{self.host} {refusal}")
        failure: OSError | None = None
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                self._connect_to(sock, address, ends_at)
                return sock
            except TimeoutError as error:
                sock.close()
                raise ConnectTimeoutError(self, f"{self.host} timed out") from error
            except OSError as error:
                sock.close()
                failure = error
        raise NewConnectionError(self, f"{self.host}: {failure}") from failure

    def _connect_to(self, sock: socket.socket, address: Any, ends_at: float | None) -> None:
        for option in self.socket_options or ():
            sock.setsockopt(*option)
        sock.settimeout(under_way.left(None if ends_at is None else max(0.001, ends_at - monotonic())))
        sock.connect(address)
        under_way.limit(sock)  # for the TLS handshake that may follow

    @property
    def is_connected(self) -> bool:
        """False after a while without use: Lambda freezes processes between calls, and pods hang up then.

        Two clocks are compared, since one of them may stop while the machine is frozen.
        """
        idle = max(monotonic() - self.used_at[0], time() - self.used_at[1])
        return idle <= IDLE_SECONDS and super().is_connected

    def send(self, data: Any) -> None:
        """Send, and note that from now on the pod may have received something."""
        if self.sock is None:
            self.connect()
        for start in range(0, len(data), _PIECE_BYTES):
            under_way.limit(self.sock)
            under_way.sent = True
            super().send(data[start : start + _PIECE_BYTES])

    def getresponse(self) -> Any:
        """Wait for the answer's headers. The time without use counts from here."""
        answer = super().getresponse()
        self.used_at = (monotonic(), time())
        return answer


class PodAdapter(TCPKeepAliveAdapter):
    """Gives a session pools of checked connections, with at most ``pool_maxsize`` kept for each host."""

    def __init__(self, rules: EndpointRules, pool_maxsize: int = 32, pool_connections: int = 512) -> None:
        """``pool_connections`` is how many hosts are kept: a pod may have one for each of its services."""
        self._rules = rules
        super().__init__(pool_connections=pool_connections, pool_maxsize=pool_maxsize, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools use ``_Checked`` connections with our rules."""
        super().init_poolmanager(*args, **kwargs)
        plain = type("_Plain", (_Checked,), {"rules": self._rules})
        secure = type("_Secure", (_Checked, HTTPSConnection), {"rules": self._rules})
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
