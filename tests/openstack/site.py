"""Site: the real clouds that the suite runs on, as its variables describe them."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
NEEDED = ("CLOUDS", "PODS", "ADMIN", "TENANTS")
COMMANDS = ("POD_FILL", "POD_RESTORE", "POD_KILL", "POD_START")
USAGE = (
    "make test-openstack CLOUDS=clouds.yaml PODS=Pod1,Pod2 ADMIN=admin-cloud TENANTS=one-cloud,other-cloud "
    "(and HYBRID=other-clouds.yaml, of a second OpenStack)"
)
COMMAND_SECONDS = 240.0


class SiteError(Exception):
    """The variables don't describe a site; the message says which one and why."""


@dataclass(frozen=True)
class Site:
    """Names of clouds in the file ``clouds``, the pods' regions with their zones, and commands.

    ``commands`` do to a pod what no API can (fill, restore, kill, start); each may be missing. ``hybrid`` is
    the clouds.yaml of a second OpenStack with a Keystone of its own, whose clouds have the names of ours; it
    may be missing.
    """

    clouds: Path
    zones: Mapping[str, str]
    admin: str
    tenants: tuple[str, ...]
    reader: str
    commands: Mapping[str, str]
    hybrid: Path | None = None

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(self.zones)

    def run(self, command: str, region: str) -> None:
        """Run one of COMMANDS with the region as its argument. A failure fails the test, with the output."""
        words = [*shlex.split(self.commands[command]), region]
        done = subprocess.run(
            words, cwd=ROOT, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )
        if done.returncode:
            raise AssertionError(
                f"{command} {region} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )


def is_given(environ: Mapping[str, str]) -> bool:
    """Whether any variable that describes a site is set."""
    return any(environ.get(name) for name in NEEDED)


def read(environ: Mapping[str, str]) -> Site:
    """The site that an environment describes. Raises SiteError."""
    missing = [name for name in NEEDED if not environ.get(name)]
    if missing:
        raise SiteError(f"{', '.join(missing)} must be given: {USAGE}")
    clouds = ROOT / environ["CLOUDS"]
    regions, tenants = _names(environ["PODS"]), _names(environ["TENANTS"])
    zones = _names(environ.get("ZONES", "")) or ("az1",) * len(regions)
    reader = environ.get("READER", "")
    if len(set(regions)) < 2:
        raise SiteError("PODS must name at least two regions: PODS=Pod1,Pod2")
    if len(set(tenants)) < 2:
        raise SiteError("TENANTS must name at least two clouds of different projects")
    if len(zones) != len(regions) or zones[0] != zones[1]:
        raise SiteError("ZONES must name a zone for each of PODS, the same one for the first two")
    _refuse_unknown(clouds, (environ["ADMIN"], *tenants, *filter(None, [reader])))
    given = {name: environ[name] for name in COMMANDS if environ.get(name)}
    pods = dict(zip(regions, zones, strict=True))
    hybrid = ROOT / environ["HYBRID"] if environ.get("HYBRID") else None
    if hybrid:
        _refuse_unknown(hybrid, (environ["ADMIN"], *tenants))
    return Site(clouds, pods, environ["ADMIN"], tenants, reader, given, hybrid)


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _refuse_unknown(clouds: Path, names: tuple[str, ...]) -> None:
    try:
        known = yaml.safe_load(clouds.read_text())["clouds"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise SiteError(f"{clouds} is no readable clouds.yaml: {error}") from error
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SiteError(f"{clouds} has no cloud {', '.join(unknown)}; it has {', '.join(known)}")
