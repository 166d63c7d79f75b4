"""Configuration: what Tempest must know of a site: its users, its images, and what its pods can do."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Section = Mapping[str, Any]
BUILD_SECONDS = {"build_timeout": 200, "build_interval": 1}

# What pods with Nova's fake driver can do, as those have that the suite is run on.
FEATURES = {
    "resize": True,
    "live_migration": False,
    "cold_migration": False,
    "vnc_console": True,
    "console_output": True,
    "snapshot": True,
    "interface_attach": True,
    "rescue": True,
    "shelve": True,
    "change_password": False,
    "personality": False,
}


@dataclass(frozen=True)
class Target:
    """The cloud that Tempest is to test: one region of Keystone's catalogue.

    ``auth`` holds the admin's keys as a clouds.yaml has them. Images and flavors are ids, the network is
    one that routers have as their gateway.
    """

    region: str
    auth: Mapping[str, str]
    images: tuple[str, str]
    flavors: tuple[str, str]
    public_network: Mapping[str, str]


def write(folder: Path, target: Target) -> Path:
    """Write a tempest.conf, with folders for locks and logs beside it; returns its path."""
    for name in ("locks", "logs"):
        (folder / name).mkdir()
    parser = configparser.RawConfigParser()
    for name, section in _sections(folder, target).items():
        parser[name] = {key: str(value) for key, value in section.items()}
    path = folder / "tempest.conf"
    path.touch(mode=0o600)  # it holds a password
    with path.open("w") as file:
        parser.write(file)
    return path


def _sections(folder: Path, target: Target) -> dict[str, Section]:
    auth, network, region = target.auth, target.public_network, {"region": target.region}
    return {
        "DEFAULT": {"log_dir": folder / "logs", "log_file": "tempest.log", "use_stderr": False},
        "oslo_concurrency": {"lock_path": folder / "locks"},
        "auth": {
            "admin_username": auth["username"],
            "admin_password": auth["password"],
            "admin_project_name": auth["project_name"],
            "admin_domain_name": auth["user_domain_name"],
            "default_credentials_domain_name": auth["user_domain_name"],
        },
        "identity": {**region, "uri_v3": auth["auth_url"], "v3_endpoint_type": "public"},
        "service_available": {"cinder": True, "neutron": True, "glance": True, "swift": False},
        "compute": {
            **region,
            **BUILD_SECONDS,
            "image_ref": target.images[0],
            "image_ref_alt": target.images[1],
            "flavor_ref": target.flavors[0],
            "flavor_ref_alt": target.flavors[1],
            "max_microversion": "latest",
            "ready_wait": 0,
        },
        "compute-feature-enabled": FEATURES,
        "network": {
            **region,
            "public_network_id": network["id"],
            "floating_network_name": network["name"],
        },
        "image": region,
        "volume": {**region, **BUILD_SECONDS, "catalog_type": "volumev3", "storage_protocol": "fake"},
        "volume-feature-enabled": {"backup": False},
        "placement": region,
        "validation": {"run_validation": False},
    }
