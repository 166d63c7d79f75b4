"""Servers: boots servers under names that only this run uses, and deletes all of them at the end."""

from __future__ import annotations

import itertools
import secrets
from typing import Any

from tests.openstack.cloud import Cloud
from tests.openstack.waiting import until

Server = dict[str, Any]
NO_NETWORK = "none"  # each pod has its own networks, so a create that names one could go to one pod only


class Servers:
    """All servers of this run. ``flavor`` and ``image`` are ones that all pods have, as JSON."""

    def __init__(self, admin: Cloud, regions: tuple[str, ...], flavor: Server, image: Server) -> None:
        self.prefix = f"suite-{secrets.token_hex(3)}"
        self.flavor, self.image = flavor, image
        self._admin, self._regions = admin, regions
        self._numbers = itertools.count(1)
        self._booted: dict[str, Cloud] = {}

    def name(self) -> str:
        """A name for a server that no other has; it begins with this run's prefix."""
        return f"{self.prefix}-{next(self._numbers)}"

    def order(self, **asked: Any) -> dict[str, Any]:
        """The body of a create."""
        basics = {"flavorRef": self.flavor["id"], "imageRef": self.image["id"], "networks": NO_NETWORK}
        return {"server": {"name": self.name(), **basics, **asked}}

    def boot(self, owner: Cloud, **asked: Any) -> Server:
        """Create a server at the gateway and wait until it is ACTIVE; returns its body."""
        reply = owner.ask("POST", "/v2.1/servers", self.order(**asked))
        assert reply.status_code == 202, reply.text
        return self.active(owner, self.know(owner, reply.json()["server"]["id"]))

    def boot_by_command(self, owner: Cloud, *words: str) -> Server:
        """The same by the real client, with more words of its command."""
        basics = ("--flavor", self.flavor["id"], "--image", self.image["id"], "--nic", NO_NETWORK)
        made = owner.cli("server", "create", "-f", "json", *basics, *words, self.name())
        return self.active(owner, self.know(owner, made["id"]))

    def know(self, owner: Cloud, server_id: str) -> str:
        """Take care of a server that a test made itself: it is deleted at the end."""
        self._booted[server_id] = owner
        return server_id

    def active(self, owner: Cloud, server_id: str) -> Server:
        """Wait until a server is ACTIVE, and return its body; an ERROR fails the test at once."""

        def look() -> Server | None:
            reply = owner.ask("GET", f"/v2.1/servers/{server_id}")
            assert reply.status_code == 200, reply.text
            server: Server = reply.json()["server"]
            assert server["status"] != "ERROR", server.get("fault")
            return server if server["status"] == "ACTIVE" else None

        return until(f"server {server_id} is ACTIVE", look) or {}

    def holders(self, server_id: str) -> list[str]:
        """The regions whose own Nova knows a server."""
        return [region for region in self._regions if self._status_in(region, server_id) == 200]

    def _status_in(self, region: str, server_id: str) -> int:
        return self._admin.ask_pod(region, "GET", f"/servers/{server_id}").status_code

    def count_in(self, region: str) -> int:
        """How many servers of this run a pod's own Nova holds."""
        return len(self._left_in(region))

    def delete(self, server_id: str) -> None:
        """Delete a server at the gateway and wait until it is gone."""
        owner = self._booted.pop(server_id, self._admin)
        path = f"/v2.1/servers/{server_id}"
        reply = owner.ask("DELETE", path)
        assert reply.status_code in (204, 404), reply.text
        until(f"server {server_id} is gone", lambda: owner.ask("GET", path).status_code == 404)

    def clear(self) -> None:
        """Delete all servers of this run at the gateway, and then in the pods those that it doesn't know."""
        try:
            for server_id in list(self._booted):
                self.delete(server_id)
        finally:
            lost = {region: self._clear_pod(region) for region in self._regions}
        assert not any(lost.values()), f"the gateway lost sight of {lost}"

    def _clear_pod(self, region: str) -> list[str]:
        left = self._left_in(region)
        for server_id in left:
            self._admin.ask_pod(region, "DELETE", f"/servers/{server_id}")
        until(f"{region} holds none of our servers", lambda: not self._left_in(region))
        return left

    def _left_in(self, region: str) -> list[str]:
        path = f"/servers?all_tenants=1&name={self.prefix}"
        return [server["id"] for server in self._admin.ask_pod(region, "GET", path).json()["servers"]]
