"""Scene: the users who act in the story, and what the operator can read while it is played."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from chalicelib.model.capacity import UNDER_WAY
from local import demo
from local.standin.cloud import DemoCloud
from local.story.actor import Actor
from local.story.errors import StoryFailed
from local.terminal import Terminal

GENERAL = "general"
PAUSE_SECONDS = 0.1


@dataclass
class Scene:
    """The terminal, the cloud, its operator and two projects; ``pod_ids`` are the registered pods, by name.

    All is read through the gateway's own API, as the operator. Only to find out where a server really is,
    the pods themselves are asked.
    """

    terminal: Terminal
    cloud: DemoCloud
    admin: Actor
    alpha: Actor
    beta: Actor
    pod_ids: dict[str, str] = field(default_factory=dict)
    proven: int = 0

    @classmethod
    def on(cls, terminal: Terminal, cloud: DemoCloud) -> Scene:
        """A scene in which everybody is logged in. Raises StoryFailed."""
        logins = {login.user: login for login in demo.LOGINS}
        admin, alpha, beta = (Actor(logins[name], cloud.auth_url) for name in ("admin", "alpha", "beta"))
        return cls(terminal, cloud, admin, alpha, beta)

    def prove(self, claim: str, holds: bool, seen: object) -> None:
        """Print a claim if it holds; else raise StoryFailed with what was seen."""
        if not holds:
            raise StoryFailed(f'"{claim}" is not so: {seen}')
        self.proven += 1
        self.terminal.proven(claim)

    def pod_name(self, pod_id: str) -> str:
        """The name of the registered pod with this id."""
        return next(name for name, known in self.pod_ids.items() if known == pod_id)

    def refresh(self) -> list[dict[str, Any]]:
        """Have the gateway read every pod's capacity now; returns what each pod reported."""
        return [self._refreshed(pod_id) for pod_id in self.pod_ids.values()]

    def _refreshed(self, pod_id: str) -> dict[str, Any]:
        told = self.admin.post(f"/v1.0/pods/{pod_id}/refresh")
        while str(told["refresh"]["error"]).endswith(UNDER_WAY):
            # The clock's reading may be older than what the story just did.
            time.sleep(PAUSE_SECONDS)
            told = self.admin.post(f"/v1.0/pods/{pod_id}/refresh")
        report: dict[str, Any] = told["capacity"]
        return report

    def order_pod(self, name: str, verb: str) -> None:
        """Cordon or uncordon a pod."""
        self.admin.post(f"/v1.0/pods/{self.pod_ids[name]}/{verb}")

    def pods_with(self, server_id: str) -> list[str]:
        """The names of the pods that really have a server: the pods are asked, not the gateway."""
        return [
            name
            for name, pod in self.cloud.pods.items()
            if any(server.id == server_id for server in pod.servers())
        ]

    def bindings(self, actor: Actor) -> list[dict[str, Any]]:
        """A project's active bindings."""
        found: list[dict[str, Any]] = self.admin.get(f"/v1.0/bindings?tenant_id={actor.project_id}")[
            "pod_bindings"
        ]
        return found

    def binding(self, actor: Actor, az_name: str, group: str = GENERAL) -> dict[str, Any]:
        """A project's active binding in a zone. Raises StoryFailed when there is none."""
        for binding in self.bindings(actor):
            if (binding["az_name"], binding["affinity_group"]) == (az_name, group):
                return binding
        raise StoryFailed(f"{actor.name} has no binding in {az_name} for the group {group}")

    def history(self, binding: dict[str, Any]) -> list[dict[str, Any]]:
        """All events of a binding, the oldest first."""
        events: list[dict[str, Any]] = self.admin.get(f"/v1.0/bindings/{quote(binding['id'])}/history")[
            "events"
        ]
        return events

    def last_decision(self, actor: Actor) -> dict[str, Any]:
        """The decision about a project's latest create, in full."""
        rows = self.admin.get(f"/v1.0/decisions?project_id={actor.project_id}&limit=1")["decisions"]
        if not rows:
            raise StoryFailed(f"no decision about {actor.name} was kept")
        decision: dict[str, Any] = self.admin.get(f"/v1.0/decisions/{rows[0]['decision_id']}")["decision"]
        return decision
