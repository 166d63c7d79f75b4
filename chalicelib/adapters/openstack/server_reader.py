"""Server reader: which of a pod's new servers found no host, asked with the pod's service credential."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.adapters.openstack.client import Sender
from chalicelib.adapters.openstack.sdk import connected
from chalicelib.adapters.openstack.trusted import rows, text
from chalicelib.model.pod import Pod

# What Nova's scheduler says when no host takes a server, at once or after it tried some.
_NO_HOST = ("No valid host", "NoValidHost", "Exceeded maximum number of retries")


class OpenStackServerReader:
    """Reads one page of servers in ERROR: as many as Nova shows at once, usually 1,000."""

    def __init__(self, client: Sender, deadline_seconds: float = 10.0) -> None:
        """``deadline_seconds`` bounds the question to one pod."""
        self._client = client
        self._deadline_seconds = deadline_seconds

    def without_host(self, pod: Pod, since: datetime) -> frozenset[str]:
        """The ids of servers that changed since then and that no host took.

        Raises PodUnreachable, UntrustedReport, NoCredential, KeystoneUnavailable.
        """
        query = {"all_tenants": "1", "status": "ERROR", "changes-since": since.isoformat()}
        with connected(self._client, pod, self._deadline_seconds) as connection:
            # The SDK's listing takes 4 ms a server, and a pod that fails has very many in ERROR.
            answer = connection.compute.get("/servers/detail", params=query)
            servers = rows(answer.json().get("servers"), "servers")
        return frozenset(text(server.get("id"), "server id") for server in servers if found_no_host(server))


def found_no_host(server: Mapping[str, Any]) -> bool:
    """Whether a server is in ERROR because no host took it; other faults say nothing of the pod's room."""
    fault = server.get("fault")
    told = f"{fault.get('message', '')} {fault.get('details', '')}" if isinstance(fault, dict) else ""
    return server.get("status") == "ERROR" and any(words in told for words in _NO_HOST)
