"""Refusals: writes that Nova refuses, each by a body that is no good and by an id that isn't there."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.openstack.api_ref.ask import EVERYBODY, Ask
from tests.openstack.api_ref.server_refusals import SERVER_REFUSALS

_GROUP = {"name": "ref", "policies": ["affinity"]}
_RULE = {"parent_group_id": "{unknown}", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
_EVENT = {"server_uuid": "{unknown}", "name": "network-changed"}
_ASSISTED = {
    "volume_id": "{unknown}",
    "create_info": {"snapshot_id": "{unknown}", "type": "qcow2", "new_file": "f"},
}

_OTHERS = (
    Ask("POST", "/flavors", {"flavor": {}}),
    Ask("POST", "/flavors", {"flavor": {"name": "ref", "ram": 0, "vcpus": 1, "disk": 1}}),
    Ask("POST", "/flavors", {"flavor": {"name": "ref", "id": "{flavor}", "ram": 64, "vcpus": 1, "disk": 1}}),
    Ask("PUT", "/flavors/no-such-flavor", {"flavor": {"description": "d"}}),
    Ask("DELETE", "/flavors/no-such-flavor"),
    Ask("POST", "/flavors/{private_flavor}/action", {"addTenantAccess": {"tenant": "{project}"}}),
    Ask("POST", "/flavors/{private_flavor}/action", {"removeTenantAccess": {"tenant": "{unknown_project}"}}),
    Ask("POST", "/flavors/{private_flavor}/action", {"nonsense": {}}),
    Ask("POST", "/flavors/{flavor}/os-extra_specs", {"extra_specs": {"a key": []}}),
    Ask("POST", "/flavors/no-such-flavor/os-extra_specs", {"extra_specs": {"hw:cpu_policy": "shared"}}),
    Ask("PUT", "/flavors/{flavor}/os-extra_specs/a", {"b": "v"}),
    Ask("DELETE", "/flavors/{flavor}/os-extra_specs/no-such-key"),
    Ask("DELETE", "/images/{unknown}"),
    Ask("POST", "/images/{unknown}/metadata", {"metadata": {"k": "v"}}),
    Ask("PUT", "/images/{unknown}/metadata", {"metadata": {"k": "v"}}),
    Ask("PUT", "/images/{image}/metadata/a", {"meta": {"b": "v"}}),
    Ask("PUT", "/images/{unknown}/metadata/k", {"meta": {"k": "v"}}),
    Ask("DELETE", "/images/{unknown}/metadata/k"),
    Ask("POST", "/os-keypairs", {}),
    Ask("POST", "/os-keypairs", {"keypair": {"name": ""}}),
    Ask("POST", "/os-keypairs", {"keypair": {"name": "bad!\u00e9", "public_key": "ssh-rsa AAAA"}}),
    Ask("POST", "/os-keypairs", {"keypair": {"name": "ref-bad", "public_key": "nonsense"}}),
    Ask("POST", "/os-keypairs", {"keypair": {"name": "ref-bad", "type": "nonsense"}}),
    Ask("POST", "/os-keypairs", {"keypair": {"name": "{keypair}", "public_key": "{public_key}"}}),
    Ask("DELETE", "/os-keypairs/no-such-keypair"),
    Ask("DELETE", "/os-keypairs/no-such-keypair?user_id={unknown_project}"),
    Ask("POST", "/os-server-groups", {"server_group": {}}),
    Ask("POST", "/os-server-groups", {"server_group": {**_GROUP, "policies": ["nonsense"]}}),
    Ask("POST", "/os-server-groups", {"server_group": {"name": "ref", "policy": "nonsense"}}),
    Ask("DELETE", "/os-server-groups/{unknown}"),
    Ask("PUT", "/os-quota-sets/{project}", {}),
    Ask("PUT", "/os-quota-sets/{project}", {"quota_set": {"cores": "x"}}),
    Ask("PUT", "/os-quota-sets/{project}", {"quota_set": {"nonsense": 1}}),
    Ask("PUT", "/os-quota-sets/{project}", {"quota_set": {"cores": -2}}),
    Ask("DELETE", "/os-quota-sets/{unknown_project}"),
    Ask("PUT", "/os-quota-class-sets/default", {}),
    Ask("PUT", "/os-quota-class-sets/default", {"quota_class_set": {"nonsense": 1}}),
    Ask("POST", "/os-aggregates", {"aggregate": {}}),
    Ask("POST", "/os-aggregates", {"aggregate": {"name": "{aggregate_name}"}}),
    Ask("PUT", "/os-aggregates/999999", {"aggregate": {"name": "ref-none"}}),
    Ask("PUT", "/os-aggregates/{aggregate}", {"aggregate": {}}),
    Ask("DELETE", "/os-aggregates/999999"),
    Ask("POST", "/os-aggregates/{aggregate}/action", {"add_host": {"host": "no-such-host"}}),
    Ask("POST", "/os-aggregates/{aggregate}/action", {"remove_host": {"host": "no-such-host"}}),
    Ask("POST", "/os-aggregates/999999/action", {"set_metadata": {"metadata": {"k": "v"}}}),
    Ask("POST", "/os-aggregates/{aggregate}/action", {"nonsense": {}}),
    Ask("POST", "/os-aggregates/999999/images", {"cache": [{"id": "{image}"}]}),
    Ask("POST", "/os-aggregates/{aggregate}/images", {"cache": []}),
    Ask("PUT", "/os-hosts/no-such-host", {"status": "enable"}),
    Ask("PUT", "/os-hosts/{host}", {"status": "nonsense"}),
    Ask("PUT", "/os-hosts/{host}", {}),
    Ask("PUT", "/os-services/nonsense", {}),
    Ask("PUT", "/os-services/enable", {"host": "no-such-host", "binary": "nova-compute"}),
    Ask("PUT", "/os-services/{unknown}", {"status": "enabled"}),
    Ask("DELETE", "/os-services/{unknown}"),
    Ask("DELETE", "/os-services/999999"),
    Ask("POST", "/os-server-external-events", {"events": []}),
    Ask("POST", "/os-server-external-events", {"events": [_EVENT]}),
    Ask("POST", "/os-server-external-events", {"events": [{**_EVENT, "name": "nonsense"}]}),
    Ask("POST", "/os-assisted-volume-snapshots", {"snapshot": {}}),
    Ask("POST", "/os-assisted-volume-snapshots", {"snapshot": _ASSISTED}),
    Ask("DELETE", "/os-assisted-volume-snapshots/{unknown}"),
    Ask(
        "DELETE", "/os-assisted-volume-snapshots/{unknown}?delete_info=%7B%22volume_id%22:%22{unknown}%22%7D"
    ),
    Ask("POST", "/os-security-groups", {"security_group": {"name": ""}}),
    Ask("PUT", "/os-security-groups/{unknown}", {"security_group": {"name": "n", "description": "d"}}),
    Ask("DELETE", "/os-security-groups/{unknown}"),
    Ask("POST", "/os-security-group-rules", {}),
    Ask("POST", "/os-security-group-rules", {"security_group_rule": _RULE}),
    Ask("DELETE", "/os-security-group-rules/{unknown}"),
    Ask("POST", "/os-floating-ips", {"pool": "no-such-pool"}),
    Ask("DELETE", "/os-floating-ips/{unknown}"),
    Ask("POST", "/os-volumes", {"volume": {"size": "x"}}),
    Ask("DELETE", "/os-volumes/{unknown}"),
    Ask("POST", "/os-snapshots", {"snapshot": {"volume_id": "{unknown}"}}),
    Ask("DELETE", "/os-snapshots/{unknown}"),
)

# Verbs that a path once had, or never had.
_NEVER = (
    *(
        Ask("POST", path, {})
        for path in ("/os-agents", "/os-cells", "/os-cells/sync_instances", "/os-certificates")
    ),
    *(
        Ask("POST", path, {})
        for path in ("/os-cloudpipe", "/os-floating-ips-bulk", "/os-networks", "/os-networks/add")
    ),
    *(Ask("POST", path, {}) for path in ("/os-tenant-networks", "/os-security-group-default-rules")),
    Ask("POST", "/os-fixed-ips/10.0.0.1/action", {"reserve": None}),
    Ask("POST", "/os-networks/1/action", {"disassociate": None}),
    *(Ask("POST", path, {}) for path in ("/os-baremetal-nodes", "/os-baremetal-nodes/1/action")),
    *(
        Ask("PUT", path, {})
        for path in ("/os-agents/1", "/os-cells/1", "/os-cloudpipe/1", "/os-floating-ip-dns/d")
    ),
    *(Ask("PUT", path, {}) for path in ("/os-floating-ip-dns/d/entries/n", "/os-floating-ips-bulk/h")),
    *(
        Ask("DELETE", path)
        for path in ("/os-agents/1", "/os-cells/1", "/os-floating-ip-dns/d", "/os-networks/1")
    ),
    *(Ask("DELETE", path) for path in ("/os-floating-ip-dns/d/entries/n", "/os-tenant-networks/1")),
    *(Ask("DELETE", path) for path in ("/os-security-group-default-rules/1", "/os-baremetal-nodes/1")),
    *(Ask(verb, "/servers") for verb in ("PUT", "DELETE", "PATCH")),
    *(Ask(verb, "/flavors/detail") for verb in ("POST", "PATCH")),
    Ask("POST", "/no-such-path", {}),
)

_OPERATORS = re.compile(
    r"/(flavors|os-(quota|aggregates|hosts|services|server-external|assisted|keypairs/.*user_id))"
)

REFUSALS = (
    *SERVER_REFUSALS,
    *(replace(ask, who=EVERYBODY if _OPERATORS.match(ask.path) else ask.who) for ask in _OTHERS),
    *_NEVER,
)
