"""Connections: sockets to pods that are fresh, checked, and know whether they sent anything."""

from __future__ import annotations

import threading
from time import monotonic, time
from typing import Any

from keystoneauth1.session import TCPKeepAliveAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from chalicelib.adapters.openstack.endpoints import EndpointRules

IDLE_SECONDS = 5.0


class _Sent(threading.local):
    """Whether this thread's call got as far as handing bytes to a socket.

    The exceptions can't tell: keystoneauth raises ConnectTimeout for a read that timed out, and a
    reset looks the same before and after the request.
    """

    anything = False


sent = _Sent()


class _Checked(HTTPConnection):
    """A connection that isn't used again once it idled, and never reaches a refused address."""

    rules = EndpointRules()
    used_at = (0.0, 0.0)

    def connect(self) -> None:
        """Connect, and look where a name led to before anything is sent."""
        super().connect()
        address = self.sock.getpeername()[0]
        reason = self.rules.refused_address(str(address))
        if reason:
            self.close()
            raise NewConnectionError(self, f"{self.host} {reason}")

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
        sent.anything = True
        super().send(data)

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
