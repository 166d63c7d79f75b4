"""Samples: things of every kind in the pod, which requests name; most were there before the gateway."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.openstack.cloud import Cloud
from tests.openstack.waiting import until

PUBLIC_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDK6GWY15Oq0lq2reNd3RZr6ck3NV+gbH2w9FS+yvfNk ref@example.org"
)
GROUP = {"name": "ref-group", "policy": "affinity"}
FLAVOR = {"name": "ref-private", "ram": 64, "vcpus": 1, "disk": 1, "os-flavor-access:is_public": False}
VERSION = "2.79"  # the newest in which a volume that is attached answers with its body at once

Values = dict[str, str]


@dataclass(frozen=True)
class Pod:
    """A pod that things are made in; ``undo`` deletes them at the end."""

    region: str
    alpha: Cloud
    admin: Cloud
    undo: ExitStack

    def call(
        self, user: Cloud, method: str, path: str, body: Any = None, service: str = "compute"
    ) -> dict[str, Any]:
        reply = user.ask_pod(self.region, method, path, body, service, version=VERSION)
        assert reply.ok, f"{method} {path}: {reply.status_code} {reply.text}"
        found: dict[str, Any] = reply.json() if reply.text else {}
        return found

    def make(self, user: Cloud, path: str, body: Any, service: str = "compute") -> dict[str, Any]:
        """Create something that is deleted at the end; returns it."""
        made: dict[str, Any] = next(iter(self.call(user, "POST", path, body, service).values()))
        where = f"{path}/{made['id']}"
        self.undo.callback(user.ask_pod, self.region, "DELETE", where, None, service, VERSION)
        return made

    def volume(self) -> str:
        """A volume of alpha, ready for use."""
        order = {"volume": {"size": 1, "name": "ref"}}
        volume: str = self.make(self.alpha, "/volumes", order, "block-storage")["id"]
        self.ready(f"/volumes/{volume}", "available")
        self.undo.callback(self.ready, f"/volumes/{volume}", "available")  # as it must be to be deleted
        return volume

    def clear(self, service: str, path: str) -> None:
        """Delete what lives have left of alpha's in a list of a service, and wait until it is gone."""

        def left() -> list[str]:
            rows = self.call(self.alpha, "GET", path, None, service)[path.rpartition("/")[2]]
            return [row["id"] for row in rows if row["name"].startswith("ref")]

        for thing in left():
            self.alpha.ask_pod(self.region, "DELETE", f"{path}/{thing}", None, service, VERSION)
        until(f"{path} has nothing of ours", lambda: not left())

    def ready(self, path: str, status: str) -> None:
        def look() -> bool:
            shown: dict[str, Any] = next(
                iter(self.call(self.alpha, "GET", path, None, "block-storage").values())
            )
            return bool(shown["status"] == status)

        until(f"{path} is {status}", look)

    def image(self) -> str:
        """An image of alpha with a few bytes."""
        order = {"name": "ref", "disk_format": "raw", "container_format": "bare"}
        reply = self.alpha.ask_pod(self.region, "POST", "/v2/images", order, "image", "")
        image: str = reply.json()["id"]
        self.alpha.session.put(
            f"/v2/images/{image}/file",
            endpoint_filter={"service_type": "image", "region_name": self.region, "interface": "public"},
            headers={"Content-Type": "application/octet-stream"},
            data=b"ref",
        )
        self.undo.callback(
            self.alpha.ask_pod, self.region, "DELETE", f"/v2/images/{image}", None, "image", ""
        )
        return image


def surroundings(pod: Pod) -> Values:
    """What is there without us."""
    alpha = pod.alpha
    networks = pod.call(alpha, "GET", "/v2.0/networks", service="network")["networks"]
    inner = next(network for network in networks if not network["router:external"])
    outer = next(network for network in networks if network["router:external"])
    groups = pod.call(alpha, "GET", f"/v2.0/security-groups?project_id={alpha.project_id}", service="network")
    return {
        "network": inner["id"],
        "network_name": inner["name"],
        "public_network_name": outer["name"],
        "public_network": outer["id"],
        "security_group": groups["security_groups"][0]["id"],
        "project": alpha.project_id,
        "user": str(alpha.session.get_user_id()),
        "unknown": str(uuid4()),
        "unknown_project": uuid4().hex,
        "public_key": PUBLIC_KEY,
    }


def in_pod(pod: Pod, around: Values) -> Values:
    """What is made in the pod itself."""
    alpha, admin = pod.alpha, pod.admin
    name = f"ref-{secrets.token_hex(3)}"
    flavor = pod.make(admin, "/flavors", {"flavor": {**FLAVOR, "name": name}})["id"]
    pod.call(admin, "POST", f"/flavors/{flavor}/os-extra_specs", {"extra_specs": {"hw:cpu_policy": "shared"}})
    pod.call(admin, "POST", f"/flavors/{flavor}/action", {"addTenantAccess": {"tenant": alpha.project_id}})
    aggregate = str(pod.make(admin, "/os-aggregates", {"aggregate": {"name": name}})["id"])
    pod.call(admin, "POST", f"/os-aggregates/{aggregate}/action", {"set_metadata": {"metadata": {"k": "v"}}})
    order = {"floatingip": {"floating_network_id": around["public_network"]}}
    volume = pod.volume()
    pod.undo.callback(pod.clear, "image", "/v2/images")
    copied = {"snapshot": {"volume_id": pod.volume(), "name": "ref"}}
    pod.undo.callback(pod.clear, "block-storage", "/snapshots")
    snapshot = pod.make(alpha, "/snapshots", copied, "block-storage")
    pod.ready(f"/snapshots/{snapshot['id']}", "available")
    return {
        "private_flavor": flavor,
        "aggregate": aggregate,
        "aggregate_name": name,
        "server_group": pod.make(alpha, "/os-server-groups", {"server_group": GROUP})["id"],
        "floating_ip": pod.make(alpha, "/v2.0/floatingips", order, "network")["id"],
        "volume": volume,
        "snapshot": snapshot["id"],
        "host": pod.call(admin, "GET", "/os-hypervisors/detail")["hypervisors"][0]["service"]["host"],
    }


def server_order(values: Values) -> dict[str, Any]:
    """The create of the server that all requests look at: it has something of everything."""
    order = {
        "name": values["server_name"],
        "flavorRef": values["flavor"],
        "imageRef": values["image"],
        "networks": [{"uuid": values["network"]}],
        "key_name": values["keypair"],
        "metadata": {"colour": "blue"},
        "tags": ["ref"],
        "description": "looked at by every request",
    }
    return {"server": order, "os:scheduler_hints": {"group": values["server_group"]}}


def of_server(pod: Pod, server: str) -> Values:
    """What belongs to the server, as the pod tells it."""
    path = f"/servers/{server}"
    return {
        "port": pod.call(pod.alpha, "GET", f"{path}/os-interface")["interfaceAttachments"][0]["port_id"],
        "action_request": pod.call(pod.alpha, "GET", f"{path}/os-instance-actions")["instanceActions"][0][
            "request_id"
        ],
    }
