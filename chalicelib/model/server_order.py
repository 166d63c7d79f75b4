"""ServerOrder: a server create as the client sent it, and what the gateway must know of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.model.named_resource import NamedResource


@dataclass(frozen=True, slots=True)
class ServerOrder:
    """The client's own JSON, kept whole, with what choosing a pod needs read out of it.

    ``az_name`` is None when no zone was asked for; ``host`` is what followed it (``host`` or
    ``host:node``), which is for admins. ``count`` is ``max_count``, and ``least_count`` is
    ``min_count``. ``key_name`` is empty when no keypair is
    named. ``named`` is what exists in a pod already, and ``hosts`` those that an admin names. The JSON may
    hold a password and user data, so an order is never stored or logged.
    """

    raw: bytes
    body: Mapping[str, Any]
    name: str
    flavor_id: str
    az_name: str | None = None
    host: str = ""
    count: int = 1
    least_count: int = 1
    boots_from_volume: bool = False
    key_name: str = ""
    named: tuple[NamedResource, ...] = ()
    hosts: tuple[NamedResource, ...] = ()

    def of_fewer(self, count: int) -> ServerOrder:
        """The same order of no more than ``count`` servers."""
        body = {**self.body, "server": {**self.body["server"], "max_count": count}}
        return replace(self, raw=json.dumps(body).encode(), body=body, count=count)

    def __repr__(self) -> str:
        """Without the body, which must never reach a log."""
        return f"ServerOrder(flavor_id={self.flavor_id!r}, az_name={self.az_name!r}, count={self.count})"
