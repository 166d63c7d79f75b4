"""Server reader: which of a pod's new servers found no host, asked with the pod's service credential."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.adapters.openstack.client import Sender
from chalicelib.adapters.openstack.sdk import connected, listed
from chalicelib.adapters.openstack.trusted import text
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
        with connected(self._client, pod, self._deadline_seconds) as connection:
            from openstack.compute.v2.server import Server

            failed = listed(
                Server,
                connection.compute,
                base_path="/servers/detail",
                paginated=False,
                all_projects="1",
                status="ERROR",
                changes_since=since.isoformat(),
            )
            return frozenset(text(row.get("id"), "server id") for row in failed if found_no_host(row))


def found_no_host(server: Mapping[str, Any]) -> bool:
    """Whether a server is in ERROR because no host took it; other faults say nothing of the pod's room."""
    fault = server.get("fault")
    told = f"{fault.get('message', '')} {fault.get('details', '')}" if isinstance(fault, dict) else ""
    return server.get("status") == "ERROR" and any(words in told for words in _NO_HOST)
