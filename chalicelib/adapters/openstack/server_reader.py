"""Server reader: asks a pod, with its service credential, how far its new servers have come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.adapters.openstack.client import Sender
from chalicelib.adapters.openstack.sdk import connected, listed
from chalicelib.adapters.openstack.trusted import text
from chalicelib.model.errors import UntrustedReport
from chalicelib.model.pod import Pod
from chalicelib.model.resource import is_uuid
from chalicelib.model.sighting import Sighting, Stage

# What a server's fault says when Nova found no host for it, at once or after it tried some.
_NO_HOST = ("No valid host", "NoValidHost", "Exceeded maximum number of retries")
_WITHOUT_A_HOST = ("ERROR", "SHELVED_OFFLOADED")  # a server that has no host then, takes no room


class OpenStackServerReader:
    """Reads one page of servers, the newest. Nova decides how many that are, usually 1,000."""

    def __init__(self, client: Sender, deadline_seconds: float = 4.0) -> None:
        """``deadline_seconds`` bounds the question to one pod; its report needs most of the time."""
        self._client = client
        self._deadline_seconds = deadline_seconds

    def changed_since(self, pod: Pod, since: datetime) -> list[Sighting]:
        """The servers of any project that changed since then; Nova lists the deleted ones too.

        Raises PodUnreachable, UntrustedReport, NoCredential, KeystoneUnavailable.
        """
        with connected(self._client, pod, self._deadline_seconds) as connection:
            from openstack.compute.v2.server import Server

            changed = listed(
                Server,
                connection.compute,
                base_path="/servers/detail",
                paginated=False,
                all_projects="1",
                changes_since=since.isoformat(),
            )
            return [Sighting(_server_id(row), stage_of(row), found_no_host(row)) for row in changed]


def _server_id(server: Mapping[str, Any]) -> str:
    # A store can't look for just any text, and the pod's report must not be lost for that.
    server_id = text(server.get("id"), "server id")
    if not is_uuid(server_id):
        raise UntrustedReport(f"{server_id[:40]!a} is no server's id")
    return server_id


def stage_of(server: Mapping[str, Any]) -> Stage:
    """How far a server has come, by what its pod shows an admin of it."""
    status, host = server.get("status"), server.get("OS-EXT-SRV-ATTR:host")
    if status == "DELETED" or (status in _WITHOUT_A_HOST and not host):
        return Stage.FREED
    if not host:
        return Stage.WAITING
    return Stage.LAUNCHED if server.get("OS-SRV-USG:launched_at") else Stage.PLACED


def found_no_host(server: Mapping[str, Any]) -> bool:
    """Whether a server is in ERROR because it found no host; other faults say nothing of the pod's room."""
    fault = server.get("fault")
    reason = f"{fault.get('message', '')} {fault.get('details', '')}" if isinstance(fault, dict) else ""
    return server.get("status") == "ERROR" and any(words in reason for words in _NO_HOST)
