"""Cloud: a user who can call the real pods directly, and the gateway."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from openstack.config import OpenStackConfig
from openstack.config.cloud_region import CloudRegion
from openstack.connection import Connection

NEWEST = "2.90"  # old enough for any Nova since 2021
OPENSTACK = Path(sys.executable).with_name("openstack")
CLI_SECONDS = 120.0
HTTP_SECONDS = 60.0


def config_of(clouds: Path, name: str) -> CloudRegion:
    """The cloud with this name in a clouds.yaml, whatever OS_* variables are set."""
    region: CloudRegion = OpenStackConfig(config_files=[str(clouds)], load_envvars=False).get_one(name)
    return region


class Cloud:
    """One user.

    ``clouds`` is the operator's own clouds.yaml, for calling pods and Keystone directly. ``through`` is
    another one, in which the compute endpoint of the same cloud is the gateway at ``url``.
    """

    def __init__(self, name: str, clouds: Path, through: Path, url: str) -> None:
        self.name, self.url = name, url
        self._through = through
        self.session = config_of(clouds, name).get_session()

    @property
    def token(self) -> str:
        return str(self.session.get_token())

    @property
    def project_id(self) -> str:
        return str(self.session.get_project_id())

    def ask(
        self, method: str, path: str, body: Any = None, version: str = NEWEST, **headers: str
    ) -> requests.Response:
        """Call the gateway by plain HTTP. If ``version`` is empty, no microversion is asked for."""
        sent = {"X-Auth-Token": self.token, **headers}
        if version:
            sent["OpenStack-API-Version"] = f"compute {version}"
        return requests.request(method, self.url + path, json=body, headers=sent, timeout=HTTP_SECONDS)

    def ask_pod(
        self,
        region: str,
        method: str,
        path: str,
        body: Any = None,
        service: str = "compute",
        version: str = NEWEST,
    ) -> requests.Response:
        """Call a pod directly, without the gateway; ``version`` is the microversion of its compute API."""
        more = {} if body is None else {"json": body}
        reply: requests.Response = self.session.request(
            path,
            method,
            endpoint_filter={"service_type": service, "region_name": region, "interface": "public"},
            headers={"OpenStack-API-Version": f"compute {version}"}
            if version and service == "compute"
            else {},
            raise_exc=False,
            **more,
        )
        return reply

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the real ``openstack`` command against the gateway."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith("OS_")}
        return subprocess.run(
            [str(OPENSTACK), *words],
            env={**plain, "OS_CLIENT_CONFIG_FILE": str(self._through), "OS_CLOUD": self.name},
            capture_output=True,
            text=True,
            timeout=CLI_SECONDS,
            check=False,
        )

    def cli(self, *words: str) -> Any:
        """Run the command; returns the JSON that it printed, or None. Fails the test when it fails."""
        done = self.command(*words)
        assert done.returncode == 0, f"openstack {' '.join(words)}:\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def images_in(self, region: str) -> list[dict[str, Any]]:
        """The active public images of a pod's own image service."""
        where = {"service_type": "image", "region_name": region, "interface": "public", "version": "2"}
        reply = self.session.get("/images?status=active&visibility=public", endpoint_filter=where)
        found: list[dict[str, Any]] = reply.json()["images"]
        return found

    def sdk(self, **chosen: Any) -> Connection:
        """A fresh openstacksdk connection whose compute is the gateway."""
        config = OpenStackConfig(config_files=[str(self._through)], load_envvars=False)
        return Connection(config=config.get_one(self.name, **chosen))
