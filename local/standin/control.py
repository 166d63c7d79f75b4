"""Orders to a pod over HTTP (fill, hang, trouble ...), for tests and people outside this process."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from local.standin.message import Fault, Json, Reply, Request
from local.standin.script import Trouble

if TYPE_CHECKING:
    from local.standin.pod import Pod

TROUBLE_FIELDS = frozenset(one.name for one in fields(Trouble))


def obey(pod: Pod, method: str, verb: str, request: Request) -> Reply:
    """Carry out the order ``verb``; the reply tells the pod's status, or what was asked for.

    Raises Fault 404 for an unknown order.
    """
    body = request.json_or_empty() if method == "POST" else {}
    match method, verb:
        case "GET", "status" | "":
            pass
        case "POST", "fill":
            pod.fill()
        case "POST", "restore":
            pod.restore()
        case "POST", "hang":
            pod.hang(float(body.get("seconds", 30.0)))
        case "POST", "recover":
            pod.recover()
        case "POST", "trouble":
            pod.trouble(read_trouble(body))
        case "POST", "capacity-report":
            pod.report_capacity(body or None)
        case "GET", "received":
            entries = pod.received(request.first("method"), request.first("path") or "")
            return Reply(200, {"received": [entry.redacted() for entry in entries]})
        case "DELETE", "received":
            pod.journal.clear()
            return Reply(204)
        case _:
            raise Fault(404, f"{method} {verb} is no order to a pod")
    return Reply(200, write_status(pod))


def read_trouble(body: Json) -> Trouble:
    """The trouble that a body describes. Raises Fault 400 for an unknown field or a wrong ``when``."""
    unknown = sorted(set(body) - TROUBLE_FIELDS)
    if unknown:
        raise Fault(
            400, f"no such field: {', '.join(unknown)}; there are {', '.join(sorted(TROUBLE_FIELDS))}"
        )
    if body.get("when", "before") not in ("before", "after"):
        raise Fault(400, "when is before or after")
    if isinstance(body.get("body"), str):
        body = {**body, "body": body["body"].encode()}
    return Trouble(**body)


def write_status(pod: Pod) -> Json:
    """A pod's address, whether it listens, and what its hosts hold, as JSON."""
    hosts = [
        {
            "name": host.name,
            "up": host.up,
            "disabled": host.disabled,
            "capacity": host.size.capacity.by_class(),
            "used": host.used.by_class(),
        }
        for host in pod.hosts
    ]
    return {
        "name": pod.name,
        "url": pod.url,
        "listening": pod.listening,
        "servers": len(pod.servers()),
        "hosts": hosts,
    }


def refusal(fault: Fault) -> Reply:
    """The reply to an order that was refused."""
    return Reply(fault.status, {"error": {"code": fault.status, "message": fault.message}})
