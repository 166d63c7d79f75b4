"""Ports: what listens where on this machine. An environment variable moves each; 0 takes any free one."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

HOST = "127.0.0.1"
DYNAMODB_PORT = "TRIO2O_LOCAL_DYNAMODB_PORT"
CLOUD_PORT = "TRIO2O_LOCAL_CLOUD_PORT"
GATEWAY_PORT = "TRIO2O_LOCAL_PORT"
_HIGHEST = 65535


class PortUnusable(Exception):
    """A port can't be listened on; the message names it and the variable that changes it."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of the embedded DynamoDB, of Keystone (the pods take the ones after it), of the gateway."""

    dynamodb: int = 4566
    cloud: int = 18100
    gateway: int = 8000


def read(environ: Mapping[str, str]) -> Ports:
    """The ports that the environment names. Raises PortUnusable for a value that is no port number."""
    default = Ports()
    return Ports(
        dynamodb=_number(environ, DYNAMODB_PORT, default.dynamodb),
        cloud=_number(environ, CLOUD_PORT, default.cloud),
        gateway=_number(environ, GATEWAY_PORT, default.gateway),
    )


def _number(environ: Mapping[str, str], variable: str, default: int) -> int:
    text = environ.get(variable, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) > _HIGHEST:
        raise PortUnusable(f"{variable}={text} is no port: it must be a number from 0 to {_HIGHEST}.")
    return int(text)


def refuse_taken(port: int, variable: str, what: str, count: int = 1) -> None:
    """Raise PortUnusable when one of the ``count`` ports from ``port`` on is taken, or above 65535."""
    if port == 0:
        return
    for each in range(port, port + count):
        if each > _HIGHEST or _is_taken(each):
            wanted = "it" if count == 1 else f"ports {port} to {port + count - 1}"
            raise PortUnusable(
                f"Port {each} of {HOST} is taken, and {what} needs {wanted}. "
                f"Choose another with {variable}, for example {variable}={another(port)}."
            )


def another(port: int) -> int:
    """A port to suggest instead of a taken one."""
    return port + 1000 if port + 1010 <= _HIGHEST else port - 1000


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do. Without it, a lingering connection of the last run would make the port look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False
