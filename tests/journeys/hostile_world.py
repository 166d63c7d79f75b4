"""A world with one hostile pod and one good one, and a request that leads to each row of the route table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib import wiring
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.model.microversion import Microversion
from local import demo
from local.standin.hostile import misbehave
from local.standin.ids import named_uuid
from local.standin.images import Image
from local.standin.nova.versions import MAX_MINOR
from tests.journeys.conftest import IMAGE, Answer, Gateway, registered

HOSTILE, GOOD = demo.PODS[0], demo.PODS[2]  # the hostile pod is the older one, and so is asked first
OWN_TENANT, OTHER_TENANT, OPERATOR, SERVICE = "alpha", "beta", "admin", "trio2o"
ZONES = {OWN_TENANT: ("az1", "az2"), OTHER_TENANT: ("az2",), OPERATOR: ("az1",), SERVICE: ("az1",)}
OWN_IMAGE = named_uuid("own")
GROUP = {"server_group": {"name": "g", "policies": ["affinity"]}}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZlHVjWxBMdqTzD9mdxkK7BXGTTAS3mGBgmnTtNsXfQ a@b"


@dataclass
class HostileWorld:
    """Alpha has a server in each pod, beta in the good one alone. What all may see, the good pod has."""

    gateway: Gateway
    server_ids: dict[str, str] = field(default_factory=dict)
    serial: int = 0

    def misbehave(self, misdeed: str, seed: int) -> None:
        """Begin a misdeed, in a process that hasn't learned yet to ask this pod last."""
        wiring.use(wiring.build_services(self.gateway.stores, wiring.settings()), wiring.settings())
        misbehave(self.gateway.cloud.pod(HOSTILE.name), misdeed, seed)

    def recover(self) -> None:
        self.gateway.cloud.pod(HOSTILE.name).recover()

    def heard(self) -> int:
        """How many requests the hostile pod has got."""
        return len(self.gateway.cloud.pod(HOSTILE.name).received())

    def users_of(self, row: Row) -> tuple[str, ...]:
        """Who asks for it: tenants, unless it is for others."""
        if row.role is Role.SERVICE:
            return (SERVICE,)
        return (OPERATOR,) if row.role is Role.ADMIN else (OTHER_TENANT, OWN_TENANT)

    def ask(self, row: Row, user: str) -> Answer:
        """One request that leads to a row, about what the user has."""
        self.serial += 1
        self._put_back(user)
        path = "/v2.1" + "/".join(
            self._named(user, part[1:-1]) if part.startswith("{") else part for part in row.path.split("/")
        )
        version = row.until if row.until and is_served(row.until) else row.since or "2.30"
        return self.gateway.call(
            row.method,
            path,
            self._body(row, user),
            user=user,
            **{"OpenStack-API-Version": f"compute {version}"},
        )

    def _named(self, user: str, variable: str) -> str:
        names = {
            "server_id": self.server_ids[user],
            "tenant_id": self._project_id(user),
            "image_id": OWN_IMAGE,
            "keypair_name": "kept",
            "extension_id": "OS-DCF",
            "class_name": "default",
            "key": "a",
            "label": "shared",
        }
        number = "10001" if variable in ("aggregate_id", "hypervisor_id", "service_id") else "1"
        return names.get(variable, number)

    def _body(self, row: Row, user: str) -> object:
        if row.method not in ("POST", "PUT"):
            return None
        if row.actions:
            return {row.actions[self.serial % len(row.actions)].name: {}}
        name = f"n{self.serial}"
        server = {"name": name, "flavorRef": "1", "imageRef": IMAGE, "availability_zone": ZONES[user][0]}
        event = {"name": "network-changed", "server_uuid": self.server_ids[user]}
        bodies: dict[str, Any] = {
            "/servers": {"server": server},
            "/os-volumes_boot": {"server": server},
            "/servers/{server_id}": {"server": {"name": name}},
            "/servers/{server_id}/os-volume_attachments": {"volumeAttachment": {"volumeId": IMAGE}},
            "/os-keypairs": {"keypair": {"name": name, **({"public_key": KEY} if self.serial % 2 else {})}},
            "/os-server-groups": GROUP,
            "/os-quota-sets/{tenant_id}": {"quota_set": {"cores": 4000}},
            "/os-quota-class-sets/{class_name}": {"quota_class_set": {"cores": 4000}},
            "/os-aggregates": {"aggregate": {"name": name, "availability_zone": "az1"}},
            "/flavors": {"flavor": {"name": name, "ram": 1, "vcpus": 1, "disk": 1}},
            "/images/{image_id}/metadata": {"metadata": {"a": "b"}},
            "/images/{image_id}/metadata/{key}": {"meta": {"a": "b"}},
            "/os-services/{service_id}": {"status": "enabled"},
            "/os-snapshots": {"snapshot": {"volume_id": self._volume(user)}},
            "/os-server-external-events": {"events": [event]},
        }
        return bodies.get(row.path, {})

    def _volume(self, user: str) -> str:
        """A volume of the user's in both pods, of which a snapshot can be made."""
        for pod in (HOSTILE, GOOD):
            volumes = self.gateway.cloud.pod(pod.name).nova.proxied.setdefault("os-volumes", {})
            volumes[OWN_IMAGE] = {"id": OWN_IMAGE, "tenant_id": self._project_id(user)}
        return OWN_IMAGE

    def _project_id(self, user: str) -> str:
        return self.gateway.project_id("service" if user == SERVICE else user)

    def _put_back(self, user: str) -> None:
        """What earlier requests may have deleted, though many are to see it."""
        nova = self.gateway.cloud.pod(GOOD.name).nova
        owner = self._project_id(user)
        image = Image(OWN_IMAGE, "own", nova.clock.now(), owner, "private", properties={"a": "b"})
        nova.images.add(image)
        flavor = next(flavor for flavor in demo.FLAVORS if flavor.id == "1")
        nova.flavors.setdefault("1", flavor).extra_specs["a"] = "b"


def is_served(version: str) -> bool:
    """Whether the stand-in pods speak a microversion."""
    return Microversion.parse(version) <= Microversion(2, MAX_MINOR)


@contextmanager
def hostile_world(**settings: Any) -> Iterator[HostileWorld]:
    """The world before the hostile pod has begun to misbehave."""
    with registered([HOSTILE, GOOD], **settings) as gateway:
        gateway.refresh()
        world = HostileWorld(gateway)
        for user, zones in ZONES.items():
            for zone in zones:
                made = gateway.create(user=user, availability_zone=zone, metadata={"a": "b"})
                world.server_ids.setdefault(user, made.body["server"]["id"])
            gateway.call("POST", "/v2.1/os-server-groups", GROUP, user=user)
            kept = {"keypair": {"name": "kept", "public_key": KEY}}
            gateway.call("POST", "/v2.1/os-keypairs", kept, user=user)
        yield world
