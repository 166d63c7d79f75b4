"""Through the service catalogue: a clouds.yaml in which each cloud's compute endpoint is the gateway."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from openstack import exceptions
from openstack.connection import Connection

from tests.openstack.cloud import config_of
from tests.openstack.site import Site

COMPUTE = "compute"


@contextmanager
def clouds_file(site: Site, url: str, folder: Path) -> Iterator[Path]:
    """The site's clouds with the gateway's endpoint.

    The gateway is a region in the service catalogue, which is removed afterwards. Where the admin may not
    write the service catalogue, the clients get an endpoint override instead.
    """
    keystone = Connection(config=config_of(site.clouds, site.admin))
    region = f"Gateway-{secrets.token_hex(4)}"
    try:
        try:
            _create(keystone, region, site.regions[0], url)
            change = {"region_name": region}
        except exceptions.ForbiddenException:
            change = {"region_name": site.regions[0], "compute_endpoint_override": f"{url}/v2.1"}
        yield _written(site.clouds, folder, change)
    finally:
        _remove(keystone, region)


def _create(keystone: Connection, region: str, model: str, url: str) -> None:
    """Create a region with the endpoints of the region ``model``, but with the gateway as compute."""
    compute = {service.id for service in keystone.identity.services(type=COMPUTE)}
    keystone.identity.create_region(id=region, description="The gateway, while it is tested")
    for endpoint in keystone.identity.endpoints(region_id=model):
        keystone.identity.create_endpoint(
            region_id=region,
            service_id=endpoint.service_id,
            interface=endpoint.interface,
            url=f"{url}/v2.1" if endpoint.service_id in compute else endpoint.url,
        )


def _remove(keystone: Connection, region: str) -> None:
    if region not in {known.id for known in keystone.identity.regions()}:
        return
    for endpoint in list(keystone.identity.endpoints(region_id=region)):
        keystone.identity.delete_endpoint(endpoint)
    keystone.identity.delete_region(region)


def _written(clouds: Path, folder: Path, change: dict[str, Any]) -> Path:
    document = copy.deepcopy(yaml.safe_load(clouds.read_text()))
    for cloud in document["clouds"].values():
        cloud.pop("regions", None)
        cloud.update(change)
    target = folder / "clouds.yaml"
    target.touch(mode=0o600)  # it holds passwords
    target.write_text(yaml.safe_dump({"clouds": document["clouds"]}))
    return target
