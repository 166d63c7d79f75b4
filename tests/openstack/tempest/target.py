"""Target: finds in a site what Tempest needs of it."""

from __future__ import annotations

import pytest

from tests.openstack import in_all_pods
from tests.openstack.cloud import Cloud, config_of
from tests.openstack.site import Site
from tests.openstack.tempest.configuration import Target

NEEDED = ("auth_url", "username", "password", "project_name", "user_domain_name")
EXTERNAL = "/v2.0/networks?router:external=true"


def found(ground: Site, admin: Cloud, region: str) -> Target:
    """The target for a region of the catalogue, with images, flavors and networks of the first pod.

    Skips the test where the admin's cloud has no password, or where the gateway is in no region.
    """
    auth = config_of(ground.clouds, admin.name).config["auth"]
    if any(key not in auth for key in NEEDED):
        pytest.skip(f"Tempest makes users and projects, so cloud {admin.name} needs {', '.join(NEEDED)}")
    images = [image["id"] for image in in_all_pods.images(ground, admin)]
    flavors = [flavor["id"] for flavor in in_all_pods.flavors(ground, admin)]
    external = admin.ask_pod(ground.regions[0], "GET", EXTERNAL, service="network").json()["networks"]
    assert min(len(images), len(flavors)) > 1, "Tempest needs two images and two flavors"
    assert external, f"Tempest needs an external network in {ground.regions[0]}"
    return Target(region, auth, (images[0], images[1]), (flavors[0], flavors[1]), external[0])
