"""The demo: five pods in three zones, their flavors and images, and who may log in."""

from __future__ import annotations

from dataclasses import dataclass

from local.standin.hosts import HostSize
from local.standin.nova.flavor import Flavor
from local.standin.plan import DemoPod

BIG = HostSize(vcpus=16, ram_mb=32768, disk_gb=500)

PODS = (
    DemoPod("Pod1", "az1", (BIG, BIG), dc_name="dc1"),
    DemoPod("Pod2", "az1", (BIG, BIG), dc_name="dc1"),
    DemoPod("Pod3", "az2", (HostSize(vcpus=8, ram_mb=32768, disk_gb=500, cpu_ratio=4.0),), dc_name="dc2"),
    DemoPod("Pod4", "az2", (BIG,), dc_name="dc2", affinity_tags={"resource": "CAD Modeling"}),
    DemoPod("Pod5", "az3", (HostSize(vcpus=4, ram_mb=8192, disk_gb=100),), dc_name="dc3"),
)

FLAVORS = (
    Flavor("42", "m1.nano", vcpus=1, ram_mb=128, disk_gb=1),
    Flavor("1", "m1.tiny", vcpus=1, ram_mb=512, disk_gb=1),
    Flavor("2", "m1.small", vcpus=1, ram_mb=2048, disk_gb=20),
    Flavor("3", "m1.medium", vcpus=2, ram_mb=4096, disk_gb=40),
    Flavor("4", "m1.large", vcpus=4, ram_mb=8192, disk_gb=80),
    Flavor(
        "cad", "cad.large", vcpus=4, ram_mb=8192, disk_gb=80, extra_specs={"pod:resource": "CAD Modeling"}
    ),
)

IMAGES = ("cirros", "cirros-alt")


@dataclass(frozen=True)
class Login:
    """A user, its password, and its roles in one project."""

    user: str
    password: str
    project: str
    roles: tuple[str, ...]


LOGINS = (
    Login("admin", "admin-pass", "admin", ("admin",)),
    Login("alpha", "alpha-pass", "alpha", ("member",)),
    Login("alpha-reader", "alpha-reader-pass", "alpha", ("reader",)),
    Login("beta", "beta-pass", "beta", ("member",)),
    Login("trio2o", "trio2o-pass", "service", ("admin", "service")),
)
