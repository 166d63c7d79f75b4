"""Session: what tenants and operators type, in the order in which they type it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Line:
    """A command without ``openstack``, with ``{name}`` for what is known by then.

    ``shows`` is what its JSON must hold; without it, the command prints what it likes. ``keep`` names a field
    of the JSON for later lines. ``until`` is the status that the server must reach before the next line.
    """

    typed: str
    shows: Mapping[str, Any] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    until: str = ""

    def __str__(self) -> str:
        return self.typed


NEW = "--os-compute-api-version 2.90"  # else the command speaks 2.1

TENANT = (
    Line("availability zone list --compute", {"Zone Name": "{zone}", "Zone Status": "available"}),
    Line("flavor list", {"Name": "{flavor}"}),
    Line("flavor show {flavor}", {"name": "{flavor}"}),
    Line("image list", {"Name": "{image}"}),
    Line("limits show --absolute", {"Name": "max_total_instances", "Value": 10}),
    Line("quota show", {"Resource": "instances", "Limit": 10}),
    Line("quota show --usage", {"Resource": "instances", "Limit": 10, "In Use": 0}),
    Line("usage show"),
    Line("extension list --compute"),
    Line("keypair create --public-key {key_file} {name}", {"name": "{name}", "type": "ssh"}),
    Line("keypair list", {"Name": "{name}"}),
    Line("keypair show {name}", {"name": "{name}"}),
    Line("keypair create {name}-made"),
    Line("keypair delete {name}-made"),
    Line(f"{NEW} server group create --policy anti-affinity {{name}}", {"name": "{name}"}, {"group": "id"}),
    Line("server group list", {"Name": "{name}"}),
    Line("server group show {group}", {"id": "{group}"}),
    Line(
        "server create --flavor {flavor} --image {image} --network {network} --key-name {name}"
        " --property colour=blue --hint group={group} --availability-zone {zone} --wait {name}",
        {"name": "{name}", "status": "ACTIVE", "key_name": "{name}"},
        {"server": "id"},
    ),
    Line("server list", {"ID": "{server}", "Name": "{name}", "Status": "ACTIVE"}),
    Line("server list --long --name {name} --status ACTIVE", {"ID": "{server}"}),
    Line(
        "server show {name}", {"id": "{server}", "status": "ACTIVE", "OS-EXT-AZ:availability_zone": "{zone}"}
    ),
    Line("quota show --usage", {"Resource": "instances", "In Use": 1}),
    Line("server set --property size=big {name}"),
    Line("server unset --property size {name}"),
    Line(f"{NEW} server set --tag red {{name}}"),
    Line(f"{NEW} server list --tags red", {"ID": "{server}"}),
    Line("server stop {name}", until="SHUTOFF"),
    Line("server start {name}", until="ACTIVE"),
    Line("server reboot --wait {name}"),
    Line("server pause {name}", until="PAUSED"),
    Line("server unpause {name}", until="ACTIVE"),
    Line("server suspend {name}", until="SUSPENDED"),
    Line("server resume {name}", until="ACTIVE"),
    Line("server lock {name}"),
    Line("server unlock {name}"),
    Line("server resize --flavor {flavor_alt} --wait {name}"),
    Line("server resize confirm {name}", until="ACTIVE"),
    Line("server rebuild --image {image} --wait {name}"),
    Line("server image create --name {name} --wait {name}", {"name": "{name}", "status": "active"}),
    Line("image delete {name}"),
    Line("server rescue {name}", until="RESCUE"),
    Line("server unrescue {name}", until="ACTIVE"),
    Line("server shelve {name}", until="SHELVED_OFFLOADED"),
    Line("server unshelve {name}", until="ACTIVE"),
    Line("volume create --size 1 {name}", keep={"volume": "id"}),
    Line("server add volume {name} {volume}", until="volume in-use"),
    Line("server volume list {name}", {"Volume ID": "{volume}"}),
    Line("server remove volume {name} {volume}", until="volume available"),
    Line("volume delete {volume}"),
    Line("server remove security group {name} default"),
    Line("server add security group {name} default"),
    Line("server event list {name}", {"Action": "create"}, {"request": "Request ID"}),
    Line("server event show {name} {request}"),
    Line("console log show {name}"),
    Line("console url show {name}", {"type": "novnc"}),
)

OPERATOR = (
    Line("availability zone list --compute --long", {"Zone Name": "{zone}"}),
    Line("hypervisor list", {"State": "up"}),
    Line("hypervisor list --long", {"State": "up"}, {"hypervisor": "Hypervisor Hostname"}),
    Line("hypervisor show {hypervisor}", {"hypervisor_hostname": "{hypervisor}"}),
    Line("hypervisor stats show"),
    Line("compute service list --service nova-compute --long", {"State": "up"}, {"host": "Host"}),
    Line("compute service set --disable --disable-reason maintenance {host} nova-compute"),
    Line("compute service list", {"Host": "{host}", "Status": "disabled"}),
    Line("compute service set --enable {host} nova-compute"),
    Line("host list", {"Host Name": "{host}"}),
    Line("host show {host}"),
    Line("aggregate create --property ssd=true {name}", {"name": "{name}"}),
    Line("aggregate add host {name} {host}", {"name": "{name}"}),
    Line("aggregate list --long", {"Name": "{name}"}),
    Line("aggregate set --property rack=7 {name}"),
    Line("aggregate show {name}", {"name": "{name}", "hosts": ["{host}"]}),
    Line("aggregate remove host {name} {host}"),
    Line("aggregate delete {name}"),
    Line(
        "flavor create --id {name} --ram 64 --disk 1 --vcpus 1 --private --project {project} {name}",
        {"id": "{name}", "ram": 64},
    ),
    Line("flavor set --property hw:cpu_policy=shared {name}"),
    Line("flavor show {name}", {"id": "{name}", "properties": {"hw:cpu_policy": "shared"}}),
    Line("flavor list --all", {"ID": "{name}"}),
    Line("flavor unset --property hw:cpu_policy {name}"),
    Line("flavor delete {name}"),
    Line("quota set --instances 9 {project}"),
    Line("quota show {project}", {"Resource": "instances", "Limit": 9}),
    Line("quota delete --compute {project}"),
    Line("quota show --default {project}", {"Resource": "instances", "Limit": 10}),
    Line("limits show --absolute --project {project}", {"Name": "max_total_instances", "Value": 10}),
    Line("server list --all-projects --long", {"ID": "{server}"}),
    Line("server list --project {project}", {"ID": "{server}"}),
    Line("server migration list", {"Server UUID": "{server}"}),
    Line("server set --state active --auto-approve {server}"),
    Line("server show --diagnostics {server}"),
    Line("usage list"),
)

FAREWELL = (
    Line("server delete --wait {name}"),
    Line("server group delete {group}"),
    Line("keypair delete {name}"),
    Line("quota show --usage", {"Resource": "instances", "In Use": 0}),
)
