"""Server reader: asks a pod, with its service credential, how far its new servers have come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters.openstack.client import Sender
from chalicelib.adapters.openstack.sdk import connected, listed
from chalicelib.adapters.openstack.trusted import text
from chalicelib.model.errors import UntrustedReport
from chalicelib.model.intent import Marker
from chalicelib.model.marked import marker_of
from chalicelib.model.microversion import WITH_TAGS, speaks
from chalicelib.model.pod import Pod
from chalicelib.model.resource import is_uuid
from chalicelib.model.sighting import Sighting, Stage
from chalicelib.model.sweep import FoundServer

# What a server's fault says when Nova found no host for it, at once or after it tried some.
_NO_HOST = ("No valid host", "NoValidHost", "Exceeded maximum number of retries")
_WITHOUT_A_HOST = ("ERROR", "SHELVED_OFFLOADED")  # a server that has no host then, takes no room

# When a delete was accepted, and when a server isn't there any more; a soft-deleted one may come back.
_LEAVING = ("deleting", "soft-deleting")
_LEFT = ("DELETED", "SOFT_DELETED")
# The statuses in which Nova lets tags and metadata be changed, while nothing else is done to the server.
_TAKES_LABELS = ("ACTIVE", "PAUSED", "SUSPENDED", "SHUTOFF")

PAGE_ROWS = 500
MOST_MARKED_PAGES = 20
MOST_NAME_LETTERS = 255


class OpenStackServerReader:
    """Reads one page of servers at a time; Nova decides how many that may be, usually 1,000."""

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

    def page(self, pod: Pod, since: datetime | None, after: str) -> list[FoundServer]:
        """The servers of any project that come after one, oldest first, a page of them.

        With ``since`` those that changed then or later, with the deleted ones. Raises the same.
        """
        asked: dict[str, Any] = {"changes_since": since.isoformat()} if since else {}
        if after:
            asked["marker"] = after
        return self._page(pod, asked)

    def marked(self, pod: Pod, marker: Marker, project_id: str, since: datetime) -> list[FoundServer]:
        """The servers with this marker; ``since`` is before their create. Raises the same.

        A marker that had no place among a server's tags is a key of its metadata, by which Nova selects
        nothing. Raises UntrustedReport too where the project has more new servers than are looked at.
        """
        if speaks(pod, WITH_TAGS):
            tagged = [x for x in self._page(pod, {"tags": str(marker)}) if x.marker == marker]
            if tagged:
                return tagged
        found, after = list[FoundServer](), ""
        for _ in range(MOST_MARKED_PAGES):
            asked = {"project_id": project_id, "changes_since": since.isoformat()}
            page = self._page(pod, {**asked, **({"marker": after} if after else {})})
            found += [server for server in page if server.marker == marker]
            if not page or page[-1].server_id == after:
                return found
            after = page[-1].server_id
        raise UntrustedReport(f"{project_id} has too many new servers to look for {marker}")

    def _page(self, pod: Pod, asked: dict[str, Any]) -> list[FoundServer]:
        with connected(self._client, pod, self._deadline_seconds) as connection:
            from openstack.compute.v2.server import Server

            found = listed(
                Server,
                connection.compute,
                base_path="/servers/detail",
                paginated=False,
                microversion=str(WITH_TAGS) if speaks(pod, WITH_TAGS) else None,
                all_projects="1",
                limit=PAGE_ROWS,
                sort_key="created_at",
                sort_dir="asc",
                **asked,
            )
            return [_found(row) for row in found]


def _found(server: Mapping[str, Any]) -> FoundServer:
    try:
        created = datetime.fromisoformat(text(server.get("created"), "a server's time of creation"))
    except ValueError as error:
        raise UntrustedReport(f"{server['created'][:40]!a} is no time") from error
    status, task = server.get("status"), server.get("OS-EXT-STS:task_state")
    return FoundServer(
        server_id=_server_id(server).lower(),
        project_id=text(server.get("tenant_id"), "a server's project"),
        name=str(server.get("name") or "")[:MOST_NAME_LETTERS],
        created_at=created if created.tzinfo else created.replace(tzinfo=UTC),
        deleted=status == "DELETED",
        leaving=status in _LEFT or task in _LEAVING,
        takes_labels=status in _TAKES_LABELS and task is None,
        marker=marker_of(server),
    )


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
