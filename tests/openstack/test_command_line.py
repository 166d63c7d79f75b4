"""The ``openstack`` command: a session of what tenants and operators type."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.openstack import in_all_pods
from tests.openstack.admin_api import AdminApi
from tests.openstack.api_ref.samples import PUBLIC_KEY
from tests.openstack.cli.session import FAREWELL, OPERATOR, TENANT, Line
from tests.openstack.cli.shell import Shell, fits
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

SESSION = [
    *(pytest.param("alpha", line, id=f"tenant: {line}") for line in TENANT),
    *(pytest.param("admin", line, id=f"operator: {line}") for line in OPERATOR),
    *(pytest.param("alpha", line, id=f"tenant: {line}, at last") for line in FAREWELL),
]


@pytest.fixture(scope="module")
def known(
    fresh: Servers, ground: Site, admin: Cloud, alpha: Cloud, operator: AdminApi, tmp_path_factory: Any
) -> dict[str, str]:
    """What the lines may name; alpha is bound to the pod whose images, networks and volumes it sees."""
    region = ground.regions[0]
    operator.bind(alpha.project_id, region)
    flavors = in_all_pods.flavors(ground, admin)
    networks = alpha.ask_pod(region, "GET", "/v2.0/networks", service="network").json()["networks"]
    key_file = tmp_path_factory.mktemp("keys") / "key.pub"
    key_file.write_text(PUBLIC_KEY)
    return {
        "name": fresh.name(),
        "zone": ground.zones[region],
        "flavor": flavors[0]["name"],
        "flavor_alt": flavors[1]["name"],
        "image": fresh.image["name"],
        "network": next(network["id"] for network in networks if not network["router:external"]),
        "key_file": str(key_file),
        "project": alpha.project_id,
        "region": region,
    }


@pytest.mark.parametrize(("who", "line"), SESSION)
def test_what_is_typed_works(
    who: str, line: Line, known: dict[str, str], alpha: Cloud, admin: Cloud, our_clouds: Path, tmp_path: Path
) -> None:
    words = shlex.split(line.typed.format(**known))
    wants_json = line.shows or line.keep
    shell = Shell(our_clouds, (alpha if who == "alpha" else admin).name, tmp_path)

    printed = shell.run([*words, "-f", "json"] if wants_json else words)

    expected = _filled(line.shows, known)
    assert not wants_json or fits(printed, expected), f"{expected} is not in {printed}"
    for name, field in line.keep.items():
        shown = json.loads(printed)
        known[name] = str((shown[-1] if isinstance(shown, list) else shown)[field])
    if line.until:
        _wait(alpha, known, line.until)


def _filled(shows: Any, known: dict[str, str]) -> Any:
    if isinstance(shows, str):
        return shows.format(**known)
    if isinstance(shows, list):
        return [_filled(item, known) for item in shows]
    return {key: _filled(value, known) for key, value in shows.items()} if isinstance(shows, dict) else shows


def _wait(alpha: Cloud, known: dict[str, str], state: str) -> None:
    def of_server() -> bool:
        server = alpha.ask("GET", f"/v2.1/servers/{known['server']}").json()["server"]
        assert server["status"] != "ERROR", server.get("fault")
        return server["status"] == state and server["OS-EXT-STS:task_state"] is None

    def of_volume() -> bool:
        path = f"/volumes/{known['volume']}"
        shown = alpha.ask_pod(known["region"], "GET", path, service="block-storage").json()["volume"]
        return f"volume {shown['status']}" == state

    until(f"it is {state}", of_volume if state.startswith("volume") else of_server)
