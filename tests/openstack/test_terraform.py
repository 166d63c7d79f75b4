"""Terraform: the requests of its OpenStack provider, at its versions, and the codes that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.openstack import in_all_pods
from tests.openstack.admin_api import AdminApi
from tests.openstack.api_ref.ask import filled
from tests.openstack.api_ref.samples import PUBLIC_KEY
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until


@dataclass(frozen=True)
class Sent:
    """A request of the provider, the codes it takes, and what it reads of the answer.

    ``who`` sends it. ``keep`` names what later requests need. ``until`` is the state that the provider waits
    for next, which it asks for at the path ``/servers/{server}``.
    """

    method: str
    path: str
    body: Any
    version: str
    codes: tuple[int, ...]
    keep: Mapping[str, str] = field(default_factory=dict)
    until: str = ""
    who: str = "tenant"

    def __str__(self) -> str:
        return f"{self.method} {self.path} {next(iter(self.body or {}), '')} {self.version}"


READ, MADE, CHANGED, ACTED, DELETED = (200,), (200, 201, 202), (200, 201, 202), (202,), (202, 204)
ON_SERVER = "/servers/{server}"
ORDER = {
    "name": "{name}",
    "flavorRef": "{flavor}",
    "imageRef": "{image}",
    "networks": [{"uuid": "{network}"}],
    "key_name": "{name}",
    "config_drive": False,
    "user_data": "IyEvYmluL3NoCg==",
    "security_groups": [{"name": "default"}],
    "availability_zone": "{zone}",
    "tags": ["terraform"],
}
FLAVOR = {
    "name": "{name}",
    "id": "{name}",
    "ram": 64,
    "vcpus": 1,
    "disk": 1,
    "os-flavor-access:is_public": False,
}


def _act(name: str, body: Any = None, until: str = "", version: str = "2.1") -> Sent:
    return Sent("POST", f"{ON_SERVER}/action", {name: body}, version, (201, 202, 204), {}, until)


APPLY = (
    Sent("GET", "/", None, "", READ),
    Sent("GET", "/os-availability-zone", None, "2.1", READ),
    Sent("GET", "/flavors/detail?minRam=64", None, "2.61", READ),
    Sent("GET", "/flavors/{flavor}/os-extra_specs", None, "2.1", READ),
    Sent("POST", "/os-keypairs", {"keypair": {"name": "{name}", "public_key": PUBLIC_KEY}}, "2.10", MADE),
    Sent("GET", "/os-keypairs/{name}", None, "2.10", READ),
    Sent(
        *("POST", "/os-server-groups", {"server_group": {"name": "{name}", "policy": "soft-affinity"}}),
        *("2.64", READ, {"group": "server_group.id"}),
    ),
    Sent("GET", "/os-server-groups/{group}", None, "2.64", READ),
    Sent(
        *("POST", "/servers", {"server": ORDER, "os:scheduler_hints": {"group": "{group}"}}),
        *("2.52", ACTED, {"server": "server.id"}, "ACTIVE"),
    ),
    Sent("GET", f"{ON_SERVER}/os-interface", None, "2.1", READ),
    Sent("GET", f"{ON_SERVER}/tags", None, "2.52", READ),
    Sent("GET", ON_SERVER, None, "2.52", READ),
    Sent("GET", "/servers/detail?name={name}", None, "2.1", READ),
)

CHANGE = (
    Sent("PUT", ON_SERVER, {"server": {"name": "{name}-2"}}, "2.1", READ),
    Sent("POST", f"{ON_SERVER}/metadata", {"metadata": {"colour": "blue"}}, "2.1", READ),
    Sent("DELETE", f"{ON_SERVER}/metadata/colour", None, "2.1", (204,)),
    Sent("PUT", f"{ON_SERVER}/tags", {"tags": ["one", "two"]}, "2.52", READ),
    _act("removeSecurityGroup", {"name": "default"}),
    _act("addSecurityGroup", {"name": "default"}),
    _act("os-stop", until="SHUTOFF"),
    _act("os-start", until="ACTIVE"),
    _act("resize", {"flavorRef": "{flavor_alt}"}, until="VERIFY_RESIZE"),
    _act("confirmResize", until="ACTIVE"),
    _act("rebuild", {"imageRef": "{image}", "name": "{name}"}, until="ACTIVE"),
    _act("shelve", until="SHELVED_OFFLOADED"),
    _act("unshelve", until="ACTIVE"),
    Sent(
        *("POST", f"{ON_SERVER}/os-interface", {"interfaceAttachment": {"net_id": "{network}"}}),
        *("2.49", READ, {"port": "interfaceAttachment.port_id"}),
    ),
    Sent("GET", f"{ON_SERVER}/os-interface/{{port}}", None, "2.1", READ),
    Sent("DELETE", f"{ON_SERVER}/os-interface/{{port}}", None, "2.1", ACTED),
    Sent(
        *("POST", f"{ON_SERVER}/os-volume_attachments", {"volumeAttachment": {"volumeId": "{volume}"}}),
        *("2.60", READ, {}, "in-use"),
    ),
    Sent("GET", f"{ON_SERVER}/os-volume_attachments/{{volume}}", None, "2.60", READ),
    Sent("DELETE", f"{ON_SERVER}/os-volume_attachments/{{volume}}", None, "2.60", DELETED, {}, "available"),
)

OPERATE = (
    Sent("POST", "/flavors", {"flavor": {**FLAVOR, "description": "d"}}, "2.55", READ, who="operator"),
    Sent(
        "POST",
        "/flavors/{name}/os-extra_specs",
        {"extra_specs": {"hw:cpu_policy": "shared"}},
        "2.1",
        READ,
        who="operator",
    ),
    Sent(
        "POST",
        "/flavors/{name}/action",
        {"addTenantAccess": {"tenant": "{project}"}},
        "2.1",
        READ,
        who="operator",
    ),
    Sent("GET", "/flavors/{name}/os-flavor-access", None, "2.1", READ, who="operator"),
    Sent("DELETE", "/flavors/{name}", None, "2.1", DELETED, who="operator"),
    Sent("PUT", "/os-quota-sets/{project}", {"quota_set": {"instances": 9}}, "2.1", READ, who="operator"),
    Sent("GET", "/os-quota-sets/{project}", None, "2.1", READ, who="operator"),
    Sent("DELETE", "/os-quota-sets/{project}", None, "2.1", (200, 202), who="operator"),
    Sent("GET", "/os-hypervisors/detail", None, "2.1", READ, who="operator"),
    Sent("GET", "/os-aggregates", None, "2.1", READ, who="operator"),
    Sent("GET", "/servers/detail?all_tenants=true", None, "2.74", READ, who="operator"),
)

DESTROY = (
    Sent("DELETE", ON_SERVER, None, "2.1", (204,), {}, "gone"),
    Sent("DELETE", "/os-server-groups/{group}", None, "2.1", DELETED),
    Sent("DELETE", "/os-keypairs/{name}", None, "2.10", DELETED),
    Sent("GET", "/os-keypairs/{name}", None, "2.10", (404,)),
    Sent("GET", "/os-server-groups/{group}", None, "2.64", (404,)),
)


@pytest.fixture(scope="module")
def known(
    fresh: Servers, ground: Site, admin: Cloud, alpha: Cloud, operator: AdminApi, undo: Any
) -> dict[str, str]:
    """What the requests name; the tenant is bound to the pod whose volumes and networks it sees."""
    region = ground.regions[0]
    operator.bind(alpha.project_id, region)
    networks = alpha.ask_pod(region, "GET", "/v2.0/networks", service="network").json()["networks"]
    order = {"volume": {"size": 1, "name": fresh.name()}}
    volume = alpha.ask_pod(region, "POST", "/volumes", order, "block-storage").json()["volume"]["id"]
    undo.callback(alpha.ask_pod, region, "DELETE", f"/volumes/{volume}", None, "block-storage")
    known = {
        "name": fresh.name(),
        "flavor": fresh.flavor["id"],
        "flavor_alt": in_all_pods.flavors(ground, admin)[1]["id"],
        "image": fresh.image["id"],
        "network": next(network["id"] for network in networks if not network["router:external"]),
        "zone": ground.zones[region],
        "project": alpha.project_id,
        "volume": volume,
        "region": region,
    }
    _wait(alpha, known, "available")
    return known


@pytest.mark.parametrize("sent", [*APPLY, *CHANGE, *OPERATE, *DESTROY], ids=str)
def test_the_provider_takes_the_answer(
    sent: Sent, known: dict[str, str], alpha: Cloud, admin: Cloud, fresh: Servers
) -> None:
    user = admin if sent.who == "operator" else alpha

    path = "/v2.1" + filled(sent.path, known)
    reply = user.ask(sent.method, path, filled(sent.body, known), version=sent.version)

    assert reply.status_code in sent.codes, reply.text
    for name, place in sent.keep.items():
        noun, key = place.split(".")
        known[name] = reply.json()[noun][key]
    if "server" in sent.keep:
        fresh.know(alpha, known["server"])
    if sent.until:
        _wait(alpha, known, sent.until)


def _wait(alpha: Cloud, known: Mapping[str, str], state: str) -> None:
    def of_server() -> bool:
        reply = alpha.ask("GET", f"/v2.1/servers/{known['server']}", version="2.52")
        if reply.status_code == 404:
            return state == "gone"
        server = reply.json()["server"]
        assert server["status"] != "ERROR", server.get("fault")
        return server["status"] == state and server["OS-EXT-STS:task_state"] is None

    def of_volume() -> bool:
        path = f"/volumes/{known['volume']}"
        shown = alpha.ask_pod(known["region"], "GET", path, service="block-storage").json()["volume"]
        return str(shown["status"]) == state

    until(f"it is {state}", of_volume if state in ("available", "in-use") else of_server)
