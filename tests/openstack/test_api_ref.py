"""Nova's API reference: a pod's Nova and a gateway with this pod alone answer every request alike."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.openstack import in_all_pods
from tests.openstack.admin_api import AdminApi
from tests.openstack.api_ref import samples, waits
from tests.openstack.api_ref.ask import ADMIN, MEMBER, VERSIONS, Ask
from tests.openstack.api_ref.comparing import differing
from tests.openstack.api_ref.lives import LIVES
from tests.openstack.api_ref.reads import READS
from tests.openstack.api_ref.refusals import REFUSALS
from tests.openstack.api_ref.samples import Pod
from tests.openstack.api_ref.side import Side
from tests.openstack.cloud import Cloud
from tests.openstack.conftest import CREDENTIAL_REF
from tests.openstack.gateway_process import Gateway
from tests.openstack.site import Site
from tests.openstack.waiting import until

MOST_TRIES = 5
ZONE = "zone-in-our-words"  # found in no other word, so that it can be replaced in a text


@dataclass(frozen=True)
class Both:
    """A pod's Nova and the gateway, who are asked the same, and the pod behind both."""

    direct: Side
    ours: Side
    pod: Pod

    def differing(self, ask: Ask) -> list[str]:
        """What differs between both answers, each with the users and versions that see it."""
        found: dict[str, list[str]] = {}
        for version in VERSIONS:
            for who in ask.who:
                for line in self._differing(ask, who, version):
                    found.setdefault(line, []).append(f"{who} {version}")
        return [f"{line} ({', '.join(seen)})" for line, seen in found.items()]

    def _differing(self, ask: Ask, who: str, version: str) -> list[str]:
        """What differs while the pod stands still: a heartbeat of a service, say, changes its own answer."""
        for _ in range(MOST_TRIES):
            direct, ours = (side.send(ask, who, version) for side in (self.direct, self.ours))
            found = differing(str(ask), direct, ours)
            if not found or not differing(str(ask), direct, self.direct.send(ask, who, version)):
                return found
        return [f"the pod never answers twice alike; at last: {line}" for line in found]


@pytest.fixture(scope="module")
def both(
    ground: Site, start_gateway: Callable[[], Gateway], undo: ExitStack, alpha: Cloud, admin: Cloud
) -> Both:
    region = ground.regions[0]
    gateway = start_gateway()
    users = {
        MEMBER: Cloud(alpha.name, ground.clouds, ground.clouds, gateway.url),
        ADMIN: Cloud(admin.name, ground.clouds, ground.clouds, gateway.url),
    }
    pod = Pod(region, users[MEMBER], users[ADMIN], undo)
    operator = AdminApi(users[ADMIN], replace(ground, zones={region: ZONE}))
    values = _values(ground, pod)
    operator.register(region, CREDENTIAL_REF)
    operator.refresh(region)
    until("the gateway serves the pod", lambda: users[ADMIN].ask("GET", "/v2.1/servers").status_code == 200)

    own = str(admin.session.get_endpoint(service_type="compute", region_name=region, interface="public"))
    own = own.partition("/v2.1")[0]
    zones = pod.call(users[MEMBER], "GET", "/os-availability-zone")["availabilityZoneInfo"]
    words = {gateway.url: own, ZONE: zones[0]["zoneName"], "ref-ours": "ref-direct", f"@{region}": ""}
    _make_server(pod, values)
    return Both(
        Side(f"{own}/v2.1", users, {}, {**values, "side": "direct", "own_volume": pod.volume()}),
        Side(f"{gateway.url}/v2.1", users, words, {**values, "side": "ours", "own_volume": pod.volume()}),
        pod,
    )


def _values(ground: Site, pod: Pod) -> dict[str, str]:
    flavors, images = in_all_pods.flavors(ground, pod.admin), in_all_pods.images(ground, pod.admin)
    around = samples.surroundings(pod)
    return {
        **around,
        **samples.in_pod(pod, around),
        "flavor": flavors[0]["id"],
        "flavor_alt": flavors[1]["id"],
        "image": images[0]["id"],
        "image_alt": images[-1]["id"],
        "keypair": f"ref-{secrets.token_hex(3)}",
        "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "server_name": f"ref-{secrets.token_hex(3)}",
    }


def _make_server(pod: Pod, values: dict[str, str]) -> None:
    """Make a keypair and a server with a volume through the gateway."""

    def ask(method: str, path: str, body: Any = None) -> Any:
        reply = pod.alpha.ask(method, f"/v2.1{path}", body, samples.VERSION)
        assert reply.ok, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.text else {}

    order = {"name": values["keypair"], "public_key": samples.PUBLIC_KEY}
    ask("POST", "/os-keypairs", {"keypair": order})
    pod.undo.callback(ask, "DELETE", f"/os-keypairs/{values['keypair']}")
    values["server"] = server = ask("POST", "/servers", samples.server_order(values))["server"]["id"]
    pod.undo.callback(_delete, pod, server)
    _until(pod, server, "ACTIVE")
    ask(
        "POST",
        f"/servers/{server}/os-volume_attachments",
        {"volumeAttachment": {"volumeId": values["volume"]}},
    )
    pod.ready(f"/volumes/{values['volume']}", "in-use")
    ask("POST", f"/servers/{server}/action", {"resize": {"flavorRef": values["flavor_alt"]}})
    _until(pod, server, "VERIFY_RESIZE")
    ask("POST", f"/servers/{server}/action", {"confirmResize": None})
    _until(pod, server, "ACTIVE")
    values |= samples.of_server(pod, server)


def _until(pod: Pod, server: str, status: str) -> None:
    def look() -> bool:
        shown = pod.call(pod.admin, "GET", f"/servers/{server}")["server"]
        assert shown["status"] != "ERROR", shown.get("fault")
        return shown["status"] == status and shown["OS-EXT-STS:task_state"] is None

    until(f"server {server} is {status}", look)


def _delete(pod: Pod, server: str) -> None:
    path = f"/servers/{server}"
    pod.admin.ask("DELETE", f"/v2.1{path}")
    pod.admin.ask_pod(pod.region, "DELETE", path)
    until(f"{server} is gone", lambda: pod.admin.ask_pod(pod.region, "GET", path).status_code == 404)


@pytest.mark.parametrize("ask", READS, ids=str)
def test_a_read_is_answered_alike(ask: Ask, both: Both) -> None:
    _fail_if(both.differing(ask))


@pytest.mark.parametrize("ask", REFUSALS, ids=str)
def test_a_write_is_refused_alike(ask: Ask, both: Both) -> None:
    assert both.direct.send(ask, MEMBER, VERSIONS[-1]).status >= 400
    _fail_if(both.differing(ask))


@pytest.mark.parametrize(
    ("life", "version"), [(life, version) for life, (_, versions) in LIVES.items() for version in versions]
)
def test_writes_do_alike(life: str, version: str, both: Both) -> None:
    asks, _ = LIVES[life]
    sides = (both.direct, both.ours)
    for side in sides:
        side.values |= {"own_image": both.pod.image() if life == "images" else ""}
    found = []
    try:
        for ask in asks:
            (who,) = ask.who
            answers = [side.send(ask, who, version) for side in sides]
            found += [f"{ask}: {line}" for line in differing(str(ask), *answers, same_things=False)]
            for side, answer in zip(sides, answers, strict=True):
                if ask.until and answer.status < 300:
                    waits.settled(side, both.pod.alpha, both.pod.region, ask.until)
    finally:
        for side in sides:
            if "new" in side.values:
                _delete(both.pod, side.values.pop("new"))
            side.own.clear()

    _fail_if(found)


def _fail_if(differences: list[str]) -> None:
    if differences:
        pytest.fail("\n".join(differences), pytrace=False)
