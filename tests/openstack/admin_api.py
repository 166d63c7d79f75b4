"""Admin API: what the suite does as the gateway's operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chalicelib.model.capacity import UNDER_WAY
from tests.openstack.cloud import Cloud
from tests.openstack.site import Site
from tests.openstack.waiting import until

FILL_SECONDS = 120.0
Row = dict[str, Any]


class AdminApi:
    """Calls the admin API with the admin's token; every refusal fails the test."""

    def __init__(self, admin: Cloud, site: Site) -> None:
        self.admin = admin
        self._site = site
        self.pods: dict[str, Row] = {}

    def _do(self, method: str, path: str, body: Any = None) -> Row:
        reply = self.admin.ask(method, "/v1.0" + path, body, version="")
        assert reply.status_code in (200, 202), f"{method} {path}: {reply.status_code} {reply.text}"
        answer: Row = reply.json()
        return answer

    def register(self, region: str, credential_ref: str) -> Row:
        """Register a pod of the site; returns the answer, which may have warnings."""
        pod = {"pod_name": region, "az_name": self._site.zones[region], "credential_ref": credential_ref}
        answer = self._do("POST", "/pods", {"pod": pod})
        self.pods[region] = answer["pod"]
        return answer

    def try_to(self, method: str, path: str, **pod: Any) -> tuple[int, Row]:
        """Status and answer of a write of a pod that the gateway may refuse."""
        reply = self.admin.ask(method, "/v1.0" + path, {"pod": pod}, version="")
        return reply.status_code, reply.json()

    def forget_pod(self, pod_id: str) -> None:
        """Delete a pod that holds nothing."""
        reply = self.admin.ask("DELETE", f"/v1.0/pods/{pod_id}", version="")
        assert reply.status_code == 204, reply.text

    def region_of(self, pod_id: str) -> str:
        return next(region for region, pod in self.pods.items() if pod["pod_id"] == pod_id)

    def read(self, path: str) -> Row:
        """The answer to a GET of a path of the admin API."""
        return self._do("GET", path)

    def do(self, path: str, body: Any = None) -> Row:
        """The answer to a POST to a path of the admin API."""
        return self._do("POST", path, body)

    def do_to_pod(self, region: str, verb: str, body: Any = None) -> Row:
        """Cordon, uncordon or drain a pod, by the verb in the path."""
        return self._do("POST", f"{self._path(region)}/{verb}", body)

    def change(self, region: str, **fields: Any) -> None:
        """Write fields of a pod's record at its present generation."""
        generation = self._do("GET", self._path(region))["pod"]["generation"]
        self._do("PUT", self._path(region), {"pod": {"generation": generation, **fields}})

    def finished(self, job_id: str) -> Row:
        """Wait until a job is done, and return it."""

        def look() -> Row | None:
            job: Row = self._do("GET", f"/jobs/{job_id}")["job"]
            assert job["state"] != "stopped", job["note"]
            return job if job["state"] == "done" else None

        return until(f"job {job_id} is done", look) or {}

    def drain_plan(self, region: str) -> list[Row]:
        """A pod's drain plan: where each of its bindings would go."""
        rows: list[Row] = self._do("GET", f"{self._path(region)}/drain-plan")["drain_plan"]["bindings"]
        return rows

    def _path(self, region: str) -> str:
        return f"/pods/{self.pods[region]['pod_id']}"

    def refresh(self, region: str) -> Row:
        """Have the gateway read a pod's capacity now; returns the report.

        A reading that the clock has under way may be older than what the test just did, so another follows.
        """

        def read() -> Row | None:
            answer = self._do("POST", f"{self._path(region)}/refresh")
            is_under_way = str(answer["refresh"]["error"]).endswith(UNDER_WAY)
            return None if is_under_way else answer["capacity"]

        return until(f"{region} is read", read) or {}

    def see_room(self) -> None:
        """Have every pod read until it has room, so that creates go by what it has now.

        The clock reads only now and then: for so long, creates pass over a pod whose host was disabled for a
        moment, say.
        """
        for region in self.pods:
            until(f"{region} has room", lambda r=region: has_room(self.refresh(r)), FILL_SECONDS)

    def capacity(self, region: str) -> Row:
        """A pod's last report."""
        report: Row = self._do("GET", f"{self._path(region)}/capacity")["capacity"]
        return report

    def fill(self, region: str) -> None:
        """Fill a pod until a refresh sees it full.

        It may take several tries, since servers that are being deleted still give room back.
        """

        def full() -> bool:
            self._site.run("POD_FILL", region)
            return is_full(self.refresh(region))

        until(f"{region} is full", full, FILL_SECONDS)

    def restore(self, region: str) -> None:
        """Give a pod its room back, and wait until a refresh sees it."""
        self._site.run("POD_RESTORE", region)
        until(f"{region} has room", lambda: not is_full(self.refresh(region)), FILL_SECONDS)

    def bindings(self, project_id: str) -> list[Row]:
        """A project's active bindings."""
        found: list[Row] = self._do("GET", f"/bindings?tenant_id={project_id}")["pod_bindings"]
        return found

    def history(self, binding: Row) -> list[Row]:
        """All events of a binding, oldest first."""
        events: list[Row] = self._do("GET", f"/bindings/{quote(binding['id'])}/history")["events"]
        return events

    def bind(self, project_id: str, region: str) -> Row:
        """End all bindings of a project, and bind it to a pod by hand."""
        self.unbind(project_id)
        order = {"tenant_id": project_id, "pod_id": self.pods[region]["pod_id"], "reason": "a test says so"}
        bound: Row = self._do("POST", "/bindings", {"pod_binding": order})["pod_binding"]
        return bound

    def unbind(self, project_id: str) -> None:
        """End all of a project's bindings."""
        for binding in self.bindings(project_id):
            self._do("DELETE", f"/bindings/{quote(binding['id'])}")

    def last_decisions(self, project_id: str) -> list[Row]:
        """All decisions about a project's newest create: one more for each pod that didn't answer."""
        rows = self._do("GET", f"/decisions?project_id={project_id}&limit=5")["decisions"]
        ids = [row["decision_id"] for row in rows if row["request_id"] == rows[0]["request_id"]]
        return [self._do("GET", f"/decisions/{decision_id}")["decision"] for decision_id in ids]


def has_room(report: Mapping[str, Any]) -> bool:
    """Whether a report says that something is free of every resource that is counted."""
    return all(resource["free"] != 0 for resource in report["resources"].values())


def is_full(report: Mapping[str, Any]) -> bool:
    """Whether a report says that some resource is full."""
    fills = [resource["fill"] for resource in report["resources"].values()]
    return any(fill is not None and fill >= 1.0 for fill in fills)
