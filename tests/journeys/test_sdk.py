"""openstacksdk takes a third of a second to load: tenants' requests go without it, the refresh uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# In a process of its own, as this one may have loaded anything.
WORK = """
import sys
from chalicelib import wiring
from tests.journeys.conftest import registered

with registered() as gateway:
    created = gateway.create(availability_zone="az1")
    assert created.status == 202, created
    server = "/v2.1/servers/" + created.body["server"]["id"]
    lists = "/v2.1/servers", "/v2.1/servers/detail", "/v2.1/flavors", "/v2.1/os-availability-zone"
    for path in (*lists, server, "/v2.1/"):
        assert gateway.call("GET", path).status == 200, path
    assert gateway.call("DELETE", server).status == 204
    assert "keystoneauth1" in sys.modules
    assert "openstack" not in sys.modules, "a tenant's request loaded the SDK"

    assert wiring.services().capacity_refresh.refresh_all().failed == ()
    assert "openstack" in sys.modules, "the refresh went without the SDK"
"""


def test_tenants_requests_go_without_the_sdk_and_a_refresh_uses_it() -> None:
    done = subprocess.run([sys.executable, "-c", WORK], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
