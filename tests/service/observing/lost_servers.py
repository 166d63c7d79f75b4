"""Pods with servers of which our stores may know nothing, and a clock that a test moves minute by minute."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.model.capacity import CapacityReport
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.pod_request import PodReply
from chalicelib.model.sweep import FoundServer
from tests.builders import NOW, PROJECT, a_capacity, a_pod
from tests.service.desk import NOTHING_CACHED, NoServers, ScriptedReader, World

PAGE = 3
_MARK = {"x-openstack-request-id": "req-pod"}


def server_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def a_server(number: int = 1, **fields) -> FoundServer:
    """A server that runs, so that its labels may be changed."""
    found = FoundServer(server_id(number), PROJECT, f"vm-{number}", NOW + timedelta(seconds=number))
    return replace(found, **{"takes_labels": True, **fields})


@dataclass
class Lost(World, NoServers):
    """The pods a and b. ``services`` is what each says of its cells, ``silent`` are those that are down.

    ``refused`` is what a pod answers to a show, a delete or a change of labels in place of its own answer.
    """

    stray_action: str = "report"
    there: dict[str, dict[str, FoundServer]] = field(default_factory=lambda: {"a": {}, "b": {}})
    changed_at: dict[str, datetime] = field(default_factory=dict)
    services_say: dict[str, object] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    refused: dict[str, PodReply] = field(default_factory=dict)
    heard: list[tuple[str, str, str]] = field(default_factory=list)
    page_size: int = PAGE

    def __post_init__(self) -> None:
        self.reports = ScriptedReader(
            CapacityReport(a_capacity(), min_microversion="2.1", max_microversion="2.96")
        )
        chosen = replace(NOTHING_CACHED, stray_action=self.stray_action)
        super().__init__(
            a_pod("a"), a_pod("b"), chosen=chosen, client=self, servers=self, reader=self.reports
        )
        self.locations, self.intents = self.outside.locations, self.outside.intents

    def has(self, pod_id: str, server: FoundServer) -> FoundServer:
        """From now on the pod has the server as it is."""
        self.there[pod_id][server.server_id] = server
        self.changed_at[server.server_id] = self.clock.now
        return server

    def loses(self, pod_id: str, server: FoundServer) -> None:
        """The server is deleted, and listed so among the changes."""
        self.has(pod_id, replace(server, deleted=True, leaving=True))

    def purges(self, pod_id: str, server: FoundServer) -> None:
        """The server is gone and no list shows it."""
        del self.there[pod_id][server.server_id]

    def minutes(self, count: int = 1) -> None:
        """So many rounds of the clock."""
        for _ in range(count):
            self.clock.passes(60)
            self.services.capacity_refresh.refresh_all()
            self.left = self.services.reconciling.run()

    def page(self, pod, since, after):
        self._answers(pod)
        rows = sorted(self.there[pod.pod_id].values(), key=lambda server: server.created_at)
        shown = [x for x in rows if (not x.deleted and not since) or (since and self._changed(x, since))]
        if not after:
            return shown[: self.page_size]
        if after not in self.there[pod.pod_id]:
            raise UntrustedReport(f"marker {after} not found")
        behind = self.there[pod.pod_id][after].created_at
        return [x for x in shown if x.created_at > behind][: self.page_size]

    def marked(self, pod, marker, project_id, since):
        self._answers(pod)
        mine = [x for x in self.there[pod.pod_id].values() if x.marker == marker]
        return [x for x in mine if x.project_id == project_id and x.created_at >= since]

    def send(self, pod, request):
        self._answers(pod)
        path = request.path
        self.heard.append((request.method, pod.pod_id, path))
        if path == "/os-services":
            said = self.services_say.get(pod.pod_id, [{"status": "enabled"}, {"status": "disabled"}])
            return said if isinstance(said, PodReply) else _reply(200, {"services": said})
        named = path.split("/")[2]
        if named in self.refused:
            return self.refused[named]
        server = self.there[pod.pod_id].get(named)
        if server is None or server.deleted:
            return _reply(404, {"itemNotFound": {"code": 404, "message": "gone"}})
        if request.method == "GET":
            return _reply(200, {"server": {"id": named}})
        if path.count("/") == 2:
            self.loses(pod.pod_id, server)
        else:
            self.has(pod.pod_id, replace(server, marker=None))
        return PodReply(204, _MARK, b"")

    def _changed(self, server: FoundServer, since: datetime) -> bool:
        return self.changed_at[server.server_id] >= since

    def _answers(self, pod) -> None:
        if pod.pod_id in self.silent:
            raise PodUnreachable(pod.pod_id, "down", sent=True)


def _reply(status: int, body: object) -> PodReply:
    return PodReply(status, _MARK, json.dumps(body).encode())
