"""Lives of all things that are made and changed, and the microversions at which each is tried."""

from __future__ import annotations

from tests.openstack.api_ref.ask import ADMIN, MEMBER, VERSIONS, Ask
from tests.openstack.api_ref.life import by, life
from tests.openstack.api_ref.server_lives import ACTIONS, SERVER

OLD = ("2.1", "2.26")  # versions in which Nova still passes on to Neutron, Cinder and Glance
FEW = ("2.1", "2.53", "latest")  # where each takes a minute

KEYPAIR = life(
    by(
        MEMBER,
        ("POST", "/os-keypairs", {"keypair": {"name": "ref-{side}", "public_key": "{public_key}"}}),
        ("GET", "/os-keypairs/ref-{side}"),
        ("DELETE", "/os-keypairs/ref-{side}"),
        ("GET", "/os-keypairs/ref-{side}"),
        ("POST", "/os-keypairs", {"keypair": {"name": "ref-{side}"}}),
        ("DELETE", "/os-keypairs/ref-{side}"),
    )
)

SERVER_GROUP = life(
    by(
        MEMBER,
        (
            "POST",
            "/os-server-groups",
            {"server_group": {"name": "ref", "policies": ["affinity"]}},
            {"group": "server_group.id"},
        ),
        (
            "POST",
            "/os-server-groups",
            {"server_group": {"name": "ref", "policy": "affinity"}},
            {"group": "server_group.id"},
        ),
        ("GET", "/os-server-groups/{group}"),
        ("DELETE", "/os-server-groups/{group}"),
        ("GET", "/os-server-groups/{group}"),
    )
)

_SPECS = "/flavors/ref-{side}/os-extra_specs"
_FLAVOR = {"name": "ref-{side}", "id": "ref-{side}", "ram": 64, "vcpus": 1, "disk": 1}
FLAVOR = life(
    by(
        ADMIN,
        ("POST", "/flavors", {"flavor": {**_FLAVOR, "os-flavor-access:is_public": False}}),
        ("PUT", "/flavors/ref-{side}", {"flavor": {"description": "for a comparison"}}),
        ("POST", _SPECS, {"extra_specs": {"hw:cpu_policy": "shared", "hw:numa_nodes": "1"}}),
        ("PUT", f"{_SPECS}/hw:numa_nodes", {"hw:numa_nodes": "2"}),
        ("GET", _SPECS),
        ("DELETE", f"{_SPECS}/hw:numa_nodes"),
        ("POST", "/flavors/ref-{side}/action", {"addTenantAccess": {"tenant": "{project}"}}),
        ("GET", "/flavors/ref-{side}/os-flavor-access"),
        ("POST", "/flavors/ref-{side}/action", {"removeTenantAccess": {"tenant": "{project}"}}),
        ("GET", "/flavors/ref-{side}"),
        ("DELETE", "/flavors/ref-{side}"),
    )
)

_AGGREGATE = "/os-aggregates/{new_aggregate}"
AGGREGATE = life(
    by(
        ADMIN,
        ("POST", "/os-aggregates", {"aggregate": {"name": "ref-{side}"}}, {"new_aggregate": "aggregate.id"}),
        ("PUT", _AGGREGATE, {"aggregate": {"name": "ref-{side}-2"}}),
        ("POST", f"{_AGGREGATE}/action", {"set_metadata": {"metadata": {"k": "v"}}}),
        ("POST", f"{_AGGREGATE}/action", {"add_host": {"host": "{host}"}}),
        ("GET", _AGGREGATE),
        ("POST", f"{_AGGREGATE}/images", {"cache": [{"id": "{image}"}]}),
        ("POST", f"{_AGGREGATE}/action", {"remove_host": {"host": "{host}"}}),
        ("DELETE", _AGGREGATE),
    )
)

QUOTAS = life(
    by(
        ADMIN,
        ("PUT", "/os-quota-sets/{project}", {"quota_set": {"cores": 33, "force": True}}),
        ("GET", "/os-quota-sets/{project}"),
        ("PUT", "/os-quota-sets/{project}?user_id={user}", {"quota_set": {"instances": 7, "force": True}}),
        ("GET", "/os-quota-sets/{project}?user_id={user}"),
        ("DELETE", "/os-quota-sets/{project}?user_id={user}"),
        ("DELETE", "/os-quota-sets/{project}"),
        ("GET", "/os-quota-sets/{project}"),
        ("PUT", "/os-quota-class-sets/default", {"quota_class_set": {"cores": 20}}),
    )
)

SERVICE = life(
    by(
        ADMIN,
        (
            "PUT",
            "/os-services/disable-log-reason",
            {"host": "{host}", "binary": "nova-compute", "disabled_reason": "r"},
        ),
        ("PUT", "/os-services/disable", {"host": "{host}", "binary": "nova-compute"}),
        (
            "PUT",
            "/os-services/force-down",
            {"host": "{host}", "binary": "nova-compute", "forced_down": False},
        ),
        ("PUT", "/os-services/enable", {"host": "{host}", "binary": "nova-compute"}),
        ("PUT", "/os-services/{service}", {"status": "disabled", "disabled_reason": "r"}),
        ("PUT", "/os-services/{service}", {"status": "enabled"}),
        ("PUT", "/os-hosts/{host}", {"status": "enable"}),
        (
            "POST",
            "/os-server-external-events",
            {"events": [{"server_uuid": "{server}", "name": "network-changed"}]},
        ),
    )
)

_RULE = {
    "parent_group_id": "{new_group}",
    "ip_protocol": "tcp",
    "from_port": 22,
    "to_port": 22,
    "cidr": "10.0.0.0/8",
}
NETWORKS = life(
    by(
        MEMBER,
        (
            *("POST", "/os-security-groups", {"security_group": {"name": "ref", "description": "d"}}),
            {"new_group": "security_group.id"},
        ),
        ("PUT", "/os-security-groups/{new_group}", {"security_group": {"name": "ref-2", "description": "e"}}),
        (
            "POST",
            "/os-security-group-rules",
            {"security_group_rule": _RULE},
            {"new_rule": "security_group_rule.id"},
        ),
        ("GET", "/os-security-groups/{new_group}"),
        ("DELETE", "/os-security-group-rules/{new_rule}"),
        ("DELETE", "/os-security-groups/{new_group}"),
        (
            "POST",
            "/os-floating-ips",
            {"pool": "{public_network_name}"},
            {"new_ip": "floating_ip.id", "new_address": "floating_ip.ip"},
        ),
        ("GET", "/os-floating-ips/{new_ip}"),
        ("DELETE", "/os-floating-ips/{new_ip}"),
    )
)

VOLUMES = life(
    by(
        MEMBER,
        (
            "POST",
            "/os-volumes",
            {"volume": {"size": 1, "display_name": "ref"}},
            {"new_volume": "volume.id"},
            "volume",
        ),
        ("GET", "/os-volumes/{new_volume}"),
        (
            *("POST", "/os-snapshots", {"snapshot": {"volume_id": "{new_volume}", "display_name": "ref"}}),
            *({"new_snapshot": "snapshot.id"}, "snapshot"),
        ),
        ("GET", "/os-snapshots/{new_snapshot}"),
        ("DELETE", "/os-snapshots/{new_snapshot}", None, {}, "no snapshot"),
        ("DELETE", "/os-volumes/{new_volume}"),
    )
)

IMAGES = life(
    by(
        MEMBER,
        ("POST", "/images/{own_image}/metadata", {"metadata": {"a": "1"}}),
        ("PUT", "/images/{own_image}/metadata/b", {"meta": {"b": "2"}}),
        ("GET", "/images/{own_image}/metadata/b"),
        ("DELETE", "/images/{own_image}/metadata/b"),
        ("PUT", "/images/{own_image}/metadata", {"metadata": {"c": "3"}}),
        ("GET", "/images/{own_image}"),
        ("DELETE", "/images/{own_image}"),
    )
)

LIVES: dict[str, tuple[tuple[Ask, ...], tuple[str, ...]]] = {
    "server": (SERVER, FEW),
    "actions": (ACTIONS, FEW),
    "keypair": (KEYPAIR, VERSIONS),
    "server group": (SERVER_GROUP, VERSIONS),
    "flavor": (FLAVOR, VERSIONS),
    "aggregate": (AGGREGATE, VERSIONS),
    "quotas": (QUOTAS, VERSIONS),
    "service": (SERVICE, VERSIONS),
    "networks": (NETWORKS, OLD),
    "volumes": (VOLUMES, OLD),
    "images": (IMAGES, OLD),
}
