"""Inspection: refuses a package with files that don't belong in it, or one that wouldn't start.

``python -m deployment.inspection build/package`` is the last step of ``make package``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from deployment import Json
from deployment.functions import FUNCTIONS, log_group

OURS = frozenset({"app.py", "__pycache__", "chalicelib"})
BESIDE = frozenset({"local", "bench", "simulation", "tests", "deployment", "docs", ".chalice"})
MOST_UNPACKED_BYTES = 250 * 1024 * 1024  # Lambda's own limit
MOST_TEMPLATE_BYTES = 1_000_000  # CloudFormation's
# Loads what a function loads, in a refresh too, from nothing but the zip and the standard library.
START = """
import sys
sys.path.insert(0, sys.argv[1])
import app, keystoneauth1.identity.v3, keystoneauth1.session
from openstack.connection import Connection
Connection(name="this reads data files of the SDK", session=keystoneauth1.session.Session())
import openstack.compute.v2.flavor, openstack.compute.v2.hypervisor, openstack.compute.v2.server
import openstack.compute.v2._proxy, openstack.exceptions, openstack.placement.v1._proxy
from botocore.session import get_session
for service in ("dynamodb", "lambda", "secretsmanager", "sqs"):
    get_session().create_client(service, region_name="us-east-1")
strangers = [m.__file__ for m in sys.modules.values() if "site-packages" in (getattr(m, "__file__", 0) or "")]
sys.exit(f"not from the zip: {strangers}" if strangers else 0)
"""


class BadPackage(Exception):
    """The package must not be deployed; the message says why."""


def inspect(package: Path) -> str:
    """Inspect a package and return its sizes, in words. Raises BadPackage."""
    template = (package / "sam.json").read_bytes()
    problems = list(template_problems(json.loads(template)))
    if len(template) > MOST_TEMPLATE_BYTES:
        problems.append(f"a template of {len(template)} bytes is more than CloudFormation takes")
    with ZipFile(package / "deployment.zip") as archive:
        problems += zip_problems(archive.namelist())
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED_BYTES:
            problems.append(f"{unpacked} bytes unpacked are more than Lambda takes")
        if not problems:
            problems += start_problems(archive)
    if problems:
        raise BadPackage("; ".join(problems))
    packed = (package / "deployment.zip").stat().st_size
    return f"{packed / 1e6:.1f} MB packed, {unpacked / 1e6:.1f} MB unpacked"


def zip_problems(names: Iterable[str]) -> Iterator[str]:
    """Folders that must not be in the zip, and those that are missing."""
    tops = {name.split("/")[0] for name in names}
    yield from (f"{top} is packaged" for top in sorted(tops & BESIDE))
    yield from (f"{ours} is missing" for ours in sorted(OURS - tops))


def template_problems(template: Json) -> Iterator[str]:
    """Functions that only ``app.py`` or only ``deployment/functions.py`` has, and those without logs."""
    resources = template["Resources"]
    found = {name for name, body in resources.items() if body.get("Type") == "AWS::Serverless::Function"}
    yield from (f"{name} is not in deployment/functions.py" for name in sorted(found - set(FUNCTIONS)))
    yield from (f"{name} is not in app.py" for name in sorted(set(FUNCTIONS) - found))
    yield from (f"{name} has no log group" for name in sorted(found) if log_group(name) not in resources)


def start_problems(archive: ZipFile) -> Iterator[str]:
    """Unpack the zip and load the app as Lambda does, without this virtualenv."""
    with TemporaryDirectory() as folder:
        archive.extractall(folder)
        done = subprocess.run(  # noqa: S603 - this Python, on our own package
            [sys.executable, "-I", "-S", "-B", "-c", START, folder],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        yield f"the app doesn't start from the zip: {done.stderr.strip()[-2000:]}"


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{sys.argv[1]}: {inspect(Path(sys.argv[1]))}\n")
    except BadPackage as bad:
        sys.exit(f"make package: {bad}")
