"""Pod host: a hostname with its pod's name, as operators see it: ``compute1@Pod1``."""

from __future__ import annotations

# No hostname has this sign, so the first one in a text ends the hostname, whatever a pod is called. Cinder
# writes host@backend in the same way. A colon wouldn't do, since "az:host:node" has a meaning in Nova.
_SIGN = "@"


def shown(pod_name: str, host: str) -> str:
    """A pod's hostname as operators see it."""
    return f"{host}{_SIGN}{pod_name}"


def read(text: str) -> tuple[str | None, str]:
    """The pod's name, None where the text names none, and the hostname inside the pod."""
    host, sign, pod_name = text.partition(_SIGN)
    return (pod_name if sign else None), host
