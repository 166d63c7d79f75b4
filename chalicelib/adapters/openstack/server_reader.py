"""Server reader: asks a pod, with its service credential, which of its new servers found no host."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.adapters.openstack.client import Sender
from chalicelib.adapters.openstack.sdk import connected, listed
from chalicelib.adapters.openstack.trusted import text
from chalicelib.model.pod import Pod

# What a server's fault says when Nova found no host for it, at once or after it tried some.
_NO_HOST = ("No valid host", "NoValidHost", "Exceeded maximum number of retries")


class OpenStackServerReader:
    """Reads one page of servers in ERROR. Nova decides how many that are, usually 1,000."""

    def __init__(self, client: Sender, deadline_seconds: float = 10.0) -> None:
        """``deadline_seconds`` bounds the question to one pod."""
        self._client = client
        self._deadline_seconds = deadline_seconds

    def without_host(self, pod: Pod, since: datetime) -> frozenset[str]:
        """The ids of servers of any project that changed since then and found no host.

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
    """Whether a server is in ERROR because it found no host; other faults say nothing of the pod's room."""
    fault = server.get("fault")
    reason = f"{fault.get('message', '')} {fault.get('details', '')}" if isinstance(fault, dict) else ""
    return server.get("status") == "ERROR" and any(words in reason for words in _NO_HOST)
