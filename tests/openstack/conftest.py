"""Fixtures of the integration suite: the site, a gateway that the suite starts on it, and users of both."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.openstack import gateway_process, in_all_pods, site
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
def start_gateway(ground: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Gateway]]:
    """Starts gateways, each with an empty database and no pods, which end with the suite.

    They get the variables that they are started with, too.
    """
    with ExitStack() as stack:

        def start(**more: str) -> Gateway:
            folder = tmp_path_factory.mktemp("gateway")
            _LOGS.append(folder / "gateway.log")
            environment = {**environment_of(ground), **more}
            return stack.enter_context(gateway_process.running(folder, environment))

        yield start


@pytest.fixture(scope="session")
def gateway(start_gateway: Callable[[], Gateway]) -> Gateway:
    """The gateway of nearly all tests."""
    return start_gateway()


def environment_of(ground: Site) -> dict[str, str]:
    """The variables with which a gateway serves the site."""
    credential = credential_of(ground.clouds, ground.admin)
    return {
        "TRIO2O_AUTH_URL": credential["auth_url"],
        "TRIO2O_ALLOW_HTTP": "true" if credential["auth_url"].startswith("http:") else "false",
        "TRIO2O_ALLOW_PRIVATE": "true",
        f"TRIO2O_CREDENTIAL_{CREDENTIAL_REF.upper()}": json.dumps(credential),
    }


def credential_of(clouds: Path, name: str) -> dict[str, str]:
    """A cloud's user as a credential of the gateway's."""
    given = config_of(clouds, name).config["auth"]
    keys = _APPLICATION_KEYS if _APPLICATION_KEYS[0] in given else _PASSWORD_KEYS
    missing = [key for key in keys if key not in given]
    if missing:
        raise pytest.UsageError(f"cloud {name} needs {', '.join(missing)} in its auth")
    auth_url = given["auth_url"].rstrip("/").removesuffix("/v3") + "/v3"
    return {"auth_url": auth_url, **{key: given[key] for key in keys}}


@pytest.fixture(scope="session")
def our_clouds(ground: Site, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clouds.yaml in which the compute endpoint of each cloud is the gateway."""
    with clouds_file(ground, gateway.url, tmp_path_factory.mktemp("clouds")) as path:
        yield path


@pytest.fixture(scope="session")
def through(ground: Site, gateway: Gateway, our_clouds: Path) -> Callable[[str], Cloud]:
    """Makes users by the names of their clouds."""
    return lambda name: Cloud(name, ground.clouds, our_clouds, gateway.url)


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
    flavor, image = in_all_pods.flavors(ground, admin)[0], in_all_pods.images(ground, admin)[0]
    servers = Servers(admin, ground.regions, flavor, image)
    yield servers
    servers.clear()


@pytest.fixture(scope="module")
def fresh(servers: Servers, operator: AdminApi, alpha: Cloud, beta: Cloud) -> Iterator[Servers]:
    """A scenario's servers: pods have room and nobody is bound at first, and nothing is left at the end."""
    operator.see_room()
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
