"""Sample bodies: one that is taken, or nearly, for each row that reads one; and all the ways to break it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.api.admin.table import TABLE as ADMIN
from chalicelib.api.nova.table import TABLE as NOVA
from chalicelib.api.openstack.kinds import GONE, SameAs
from chalicelib.api.openstack.table import Row
from tests.journeys.conftest import IMAGE

AN_ID = "0b5e1ce5-0000-4000-8000-00000000f00d"
_FLAVOR = {"name": "f", "ram": 512, "vcpus": 1, "disk": 1, "id": "f", "rxtx_factor": 1.0, "swap": 0}
_DEVICE = {
    "boot_index": 0,
    "source_type": "image",
    "destination_type": "local",
    "uuid": IMAGE,
    "volume_size": 1,
}
_SERVER = {
    "name": "vm",
    "flavorRef": "1",
    "imageRef": IMAGE,
    "availability_zone": "az1:host:node",
    "min_count": 1,
    "max_count": 1,
    "networks": [{"uuid": AN_ID, "port": AN_ID, "fixed_ip": "10.0.0.1", "tag": "t"}],
    "block_device_mapping_v2": [_DEVICE],
    "block_device_mapping": [{"volume_id": AN_ID, "snapshot_id": AN_ID, "device_name": "vda"}],
    "metadata": {"key": "value"},
    "personality": [{"path": "/etc/motd", "contents": "aGk="}],
    "user_data": "aGk=",
    "key_name": "key",
    "security_groups": [{"name": "default"}],
    "tags": ["tag"],
    "host": "host",
    "hypervisor_hostname": "node",
}
_POD = {
    "pod_name": "Pod9",
    "az_name": "az1",
    "affinity_tags": {"resource": "a"},
    "allowed_project_ids": [AN_ID],
    "denied_project_ids": [AN_ID],
    "weight": 1.0,
    "endpoints": {"compute": "https://nova.example/v2.1"},
    "maintenance_windows": [
        {"starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-01T01:00:00Z", "reason": "fans"}
    ],
}
_PROFILE = {"based_on": "spread", "filters": ["capacity"], "weighers": {"freshness": 1.0}, "tie_margin": 0.1}

# By row; in the compute API, for an admin.
SAMPLES: Mapping[str, Any] = {
    "POST /servers": {
        "server": _SERVER,
        "os:scheduler_hints": {"group": AN_ID, "different_host": [AN_ID]},
        "OS-SCH-HNT:scheduler_hints": {"group": [AN_ID]},
    },
    "PUT /servers/{server_id}": {"server": {"name": "vm", "accessIPv4": "10.0.0.1"}},
    "POST /servers/{server_id}/action": {
        "rebuild": {"imageRef": IMAGE, "key_name": "k", "metadata": {"a": "b"}}
    },
    "POST /servers/{server_id}/os-interface": {"interfaceAttachment": {"port_id": AN_ID, "net_id": AN_ID}},
    "POST /servers/{server_id}/os-volume_attachments": {"volumeAttachment": {"volumeId": AN_ID}},
    "PUT /servers/{server_id}/os-volume_attachments/{volume_id}": {"volumeAttachment": {"volumeId": AN_ID}},
    "POST /servers/{server_id}/migrations/{migration_id}/action": {"force_complete": None},
    "POST /flavors": {"flavor": _FLAVOR},
    "PUT /flavors/{flavor_id}": {"flavor": {"description": "d"}},
    "POST /flavors/{flavor_id}/action": {"addTenantAccess": {"tenant": AN_ID}},
    "POST /flavors/{flavor_id}/os-extra_specs": {"extra_specs": {"hw:cpu_policy": "shared"}},
    "PUT /flavors/{flavor_id}/os-extra_specs/{key}": {"x": "shared"},
    "POST /os-keypairs": {
        "keypair": {"name": "k", "public_key": "ssh-rsa AAAA k", "type": "ssh", "user_id": "u"}
    },
    "POST /os-server-groups": {"server_group": {"name": "g", "policies": ["affinity"], "policy": "affinity"}},
    "PUT /os-quota-sets/{tenant_id}": {"quota_set": {"instances": 5, "cores": "7", "force": True}},
    "PUT /os-quota-class-sets/{class_name}": {"quota_class_set": {"instances": 5}},
    "POST /os-aggregates": {"aggregate": {"name": "a", "availability_zone": "az1"}},
    "PUT /os-aggregates/{aggregate_id}": {"aggregate": {"name": "a", "availability_zone": "az1"}},
    "POST /os-aggregates/{aggregate_id}/action": {"add_host": {"host": "pod1-host1@Pod1"}},
    "POST /os-aggregates/{aggregate_id}/images": {"cache": [{"id": IMAGE}]},
    "PUT /os-services/{service_id}": {
        "host": "pod1-host1@Pod1",
        "binary": "nova-compute",
        "status": "enabled",
    },
    "PUT /os-hosts/{host_name}": {"status": "enable", "maintenance_mode": "disable"},
    "POST /os-server-external-events": {
        "events": [{"name": "network-changed", "server_uuid": AN_ID, "tag": AN_ID, "status": "completed"}]
    },
    "POST /os-assisted-volume-snapshots": {
        "snapshot": {
            "volume_id": AN_ID,
            "create_info": {"snapshot_id": AN_ID, "type": "qcow2", "new_file": "f"},
        }
    },
    "POST /os-floating-ips": {"pool": "public"},
    "POST /os-security-groups": {"security_group": {"name": "g", "description": "d"}},
    "PUT /os-security-groups/{security_group_id}": {"security_group": {"name": "g", "description": "d"}},
    "POST /os-security-group-rules": {"security_group_rule": {"parent_group_id": AN_ID, "from_port": 1}},
    "POST /os-volumes": {"volume": {"size": 1, "display_name": "v", "snapshot_id": AN_ID}},
    "POST /os-snapshots": {"snapshot": {"volume_id": AN_ID, "force": True}},
    "POST /pods": {"pod": _POD, "force": False, "reason": "new"},
    "PUT /pods/{pod_id}": {"pod": {**_POD, "generation": 1}, "force": False, "reason": "new"},
    "POST /pods/{pod_id}/drain": {"rate_per_minute": 60, "reason": "r", "by_job": True},
    "POST /bindings": {
        "pod_binding": {"tenant_id": AN_ID, "pod_id": AN_ID, "reason": "r", "affinity_tags": {"a": "b"}}
    },
    "POST /bindings/{binding_id}/rebind": {"pod_id": AN_ID, "reason": "r", "generation": 1},
    "POST /decisions/dry-run": {
        "decision": {
            "project_id": AN_ID,
            "flavor": {"vcpus": 1, "ram_mb": 1, "root_gb": 1},
            "az_name": "az1",
            "count": 1,
            "boots_from_volume": False,
            "profile": _PROFILE,
        }
    },
    "PUT /profiles/{profile_name}": {"profile": _PROFILE, "reason": "r", "generation": 1},
    "POST /profiles/dry-run": {"profile": _PROFILE, "name": "default", "limit": 10, "project_id": AN_ID},
    "POST /profiles/{profile_name}/restore": {"version": 1, "reason": "r"},
}
WRITING = [
    (prefix, row)
    for prefix, table in (("/v2.1", NOVA), ("/v1.0", ADMIN))
    for row in table
    if row.method in ("POST", "PUT") and row.kind is not GONE and not isinstance(row.kind, SameAs)
]


def sample_of(row: Row) -> Any:
    """The row's sample; of one that needs no body of a known form, or passes it on, one of any form."""
    return SAMPLES.get(str(row), {"reason": "r", "metadata": {"key": "value"}})


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [{"a": value}]
    return value


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**400,
    "",
    "\0\n \u202e\u0661\U0001f4a5",
    "x" * 5000,
    [None, 1, "a"],
    ["a"] * 1500,
    {"": None, "\0": {}},
    nested(45),
)


def broken(body: Any) -> Iterator[Any]:
    """The body with an odd value in place of each of its values, without each key, and with one more."""
    yield from ODD
    if isinstance(body, dict):
        yield {**body, "\U0001f4a5": 1}
        for key, value in body.items():
            yield {other: inside for other, inside in body.items() if other != key}
            yield from ({**body, key: worse} for worse in broken(value))
    if isinstance(body, list):
        for place, value in enumerate(body):
            yield from ([*body[:place], worse, *body[place + 1 :]] for worse in broken(value))
