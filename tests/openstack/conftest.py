"""Fixtures of the integration suite: the site, a gateway that the suite starts on it, and users of both."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.openstack import gateway_process, site
from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud, config_of
from tests.openstack.gateway_process import Gateway
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.through_catalogue import clouds_file
from tests.openstack.waiting import until

CREDENTIAL_REF = "suite"
_PASSWORD_KEYS = ("username", "password", "project_name", "user_domain_name", "project_domain_name")
_APPLICATION_KEYS = ("application_credential_id", "application_credential_secret")
_LOGS: list[Path] = []

collect_ignore_glob = [] if site.is_given(os.environ) else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say if the suite was left out; after a failure, print the end of the gateway's log."""
    if collect_ignore_glob:
        terminalreporter.write_line(f"tests/openstack was not run, as it needs real pods: {site.USAGE}")
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        for log in _LOGS:
            terminalreporter.section(f"the end of {log}")
            terminalreporter.write_line(gateway_process.tail(log))


@pytest.fixture(scope="session")
def ground() -> Site:
    """The site that the variables describe."""
    return site.read(os.environ)


@pytest.fixture(scope="session")
def gateway(ground: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateway with an empty database and no pods."""
    folder = tmp_path_factory.mktemp("gateway")
    _LOGS.append(folder / "gateway.log")
    with gateway_process.running(folder, _environment(ground)) as running:
        yield running


def _environment(ground: Site) -> dict[str, str]:
    given = config_of(ground.clouds, ground.admin).config["auth"]
    keys = _APPLICATION_KEYS if _APPLICATION_KEYS[0] in given else _PASSWORD_KEYS
    missing = [key for key in keys if key not in given]
    if missing:
        raise pytest.UsageError(f"cloud {ground.admin} needs {', '.join(missing)} in its auth")
    auth_url = given["auth_url"].rstrip("/").removesuffix("/v3") + "/v3"
    credential = {"auth_url": auth_url, **{key: given[key] for key in keys}}
    return {
        "TRIO2O_AUTH_URL": auth_url,
        "TRIO2O_ALLOW_HTTP": "true" if auth_url.startswith("http:") else "false",
        f"TRIO2O_CREDENTIAL_{CREDENTIAL_REF.upper()}": json.dumps(credential),
    }


@pytest.fixture(scope="session")
def through(
    ground: Site, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Cloud]]:
    """Makes users by the names of their clouds."""
    with clouds_file(ground, gateway.url, tmp_path_factory.mktemp("clouds")) as ours:
        yield lambda name: Cloud(name, ground.clouds, ours, gateway.url)


@pytest.fixture(scope="session")
def admin(ground: Site, through: Callable[[str], Cloud]) -> Cloud:
    return through(ground.admin)


@pytest.fixture(scope="session")
def alpha(ground: Site, through: Callable[[str], Cloud]) -> Cloud:
    return through(ground.tenants[0])


@pytest.fixture(scope="session")
def beta(ground: Site, through: Callable[[str], Cloud]) -> Cloud:
    return through(ground.tenants[1])


@pytest.fixture(scope="session")
def reader(ground: Site, through: Callable[[str], Cloud]) -> Cloud:
    if not ground.reader:
        pytest.skip("READER names no cloud")
    return through(ground.reader)


@pytest.fixture(scope="session")
def operator(ground: Site, admin: Cloud) -> AdminApi:
    """The operator, with every pod of the site registered and refreshed."""
    operator = AdminApi(admin, ground)
    for region in ground.regions:
        warnings = operator.register(region, CREDENTIAL_REF).get("warnings")
        assert not warnings, f"{region} was registered with {warnings}"
        operator.refresh(region)
    # Lists and versions use the roster, which is read again only every few seconds.
    until("the gateway serves its pods", lambda: admin.ask("GET", "/v2.1/servers").status_code == 200)
    return operator


@pytest.fixture(scope="session")
def servers(ground: Site, admin: Cloud, operator: AdminApi) -> Iterator[Servers]:
    """The servers of this run; those that are left are deleted at its end."""
    flavor, image = _smallest_flavor(ground, admin), _shared_image(ground, admin)
    servers = Servers(admin, ground.regions, flavor, image)
    yield servers
    servers.clear()


def _shared(rows: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Those of the first pod's rows whose ids all other pods have too."""
    ids = set.intersection(*({row["id"] for row in each} for each in rows))
    return [row for row in rows[0] if row["id"] in ids]


def _smallest_flavor(ground: Site, admin: Cloud) -> dict[str, Any]:
    shared = _shared([admin.ask_pod(r, "GET", "/flavors/detail").json()["flavors"] for r in ground.regions])
    assert shared, f"no flavor has the same id in {', '.join(ground.regions)}"
    return min(shared, key=lambda flavor: (flavor["ram"], flavor["vcpus"], flavor["disk"]))


def _shared_image(ground: Site, admin: Cloud) -> dict[str, Any]:
    shared = _shared([admin.images_in(region) for region in ground.regions])
    assert shared, f"no public image has the same id in {', '.join(ground.regions)}"
    return shared[0]


@pytest.fixture(scope="module")
def fresh(servers: Servers, operator: AdminApi, alpha: Cloud, beta: Cloud) -> Iterator[Servers]:
    """A scenario's servers: nobody is bound when it begins, and nothing is left when it ends."""
    for tenant in (alpha, beta):
        operator.unbind(tenant.project_id)
    yield servers
    servers.clear()


@pytest.fixture(scope="module")
def undo() -> Iterator[ExitStack]:
    """A stack of calls that undo a scenario's changes when it ends, also when it fails."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def needs(ground: Site) -> Callable[..., None]:
    """A function that skips the test if the site lacks one of these commands."""

    def check(*commands: str) -> None:
        missing = [command for command in commands if command not in ground.commands]
        if missing:
            pytest.skip(f"{' and '.join(missing)} not given")

    return check
