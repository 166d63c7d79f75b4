"""Refusals: writes to servers that Nova refuses, by a body that is no good or an id that isn't there."""

from __future__ import annotations

from typing import Any

from tests.openstack.api_ref.ask import Ask

NEW_SERVER = {
    "name": "ref",
    "flavorRef": "{flavor}",
    "imageRef": "{image}",
    "networks": [{"uuid": "{network}"}],
}

# What a create of a server may be refused for.
NO_SERVERS: tuple[Any, ...] = (
    {},
    [],
    {"server": {}},
    {"server": []},
    *(
        {"server": {**NEW_SERVER, **wrong}}
        for wrong in (
            {"name": ""},
            {"name": "n" * 256},
            {"flavorRef": "no-such-flavor"},
            {"imageRef": "{unknown}"},
            {"imageRef": "no-uuid"},
            {"networks": [{"uuid": "{unknown}"}]},
            {"networks": [{"uuid": "no-uuid"}]},
            {"networks": [{"port": "{unknown}"}]},
            {"networks": "nonsense"},
            {"key_name": "no-such-keypair"},
            {"metadata": {"k" * 256: "v"}},
            {"metadata": "nonsense"},
            {"min_count": 0},
            {"min_count": 3, "max_count": 2},
            {"min_count": 999},
            {"user_data": "not base64!"},
            {"security_groups": [{"name": "no-such-group"}]},
            {"personality": "nonsense"},
            {"tags": ["a", "a,b"]},
            {"accessIPv4": "nonsense"},
            {"availability_zone": "no-such-zone"},
            {"block_device_mapping_v2": [{"boot_index": 0, "uuid": "{unknown}", "source_type": "volume"}]},
            {"block_device_mapping_v2": "nonsense"},
            {"nonsense": 1},
        )
    ),
    {"server": NEW_SERVER, "os:scheduler_hints": {"group": "no-uuid"}},
    {"server": NEW_SERVER, "os:scheduler_hints": {"group": "{unknown}"}},
)

# Every action; what a server in the state ACTIVE refuses is sent to one, the others to none.
_WRONG_STATE = {
    "os-start": None,
    "unpause": None,
    "resume": None,
    "unrescue": None,
    "unshelve": None,
    "restore": None,
    "confirmResize": None,
    "revertResize": None,
    "shelveOffload": None,
}
_WRONG_BODY: dict[str, Any] = {
    "reboot": {"type": "nonsense"},
    "rebuild": {"imageRef": "no-uuid"},
    "resize": {"flavorRef": "no-such-flavor"},
    "createImage": {"name": ""},
    "createBackup": {"name": "b"},
    "changePassword": {"adminPass": 1},
    "rescue": {"nonsense": 1},
    "addSecurityGroup": {"name": ""},
    "removeSecurityGroup": {"name": "no-such-group"},
    "addFixedIp": {"networkId": 1},
    "removeFixedIp": {"address": "nonsense"},
    "addFloatingIp": {"address": "nonsense"},
    "removeFloatingIp": {"address": "10.1.2.3"},
    "os-getConsoleOutput": {"length": "x"},
    "os-getVNCConsole": {"type": "nonsense"},
    "os-getSPICEConsole": {"type": "nonsense"},
    "os-getRDPConsole": {"type": "rdp-html5"},
    "os-getSerialConsole": {"type": "nonsense"},
    "os-resetState": {"state": "nonsense"},
    "os-migrateLive": {"host": 1},
    "evacuate": {"host": 1},
    "nonsense": {},
}
_ONLY_UNKNOWN = (
    *("os-stop", "pause", "suspend", "shelve", "lock", "unlock", "migrate", "forceDelete", "resetNetwork"),
    *("injectNetworkInfo", "trigger_crash_dump"),
)

ON_SERVERS = (
    *(Ask("POST", "/servers/{server}/action", {name: body}) for name, body in _WRONG_STATE.items()),
    *(Ask("POST", "/servers/{server}/action", {name: body}) for name, body in _WRONG_BODY.items()),
    *(
        Ask("POST", "/servers/{unknown}/action", {name: body})
        for name, body in {**_WRONG_STATE, **_WRONG_BODY, **dict.fromkeys(_ONLY_UNKNOWN)}.items()
    ),
    Ask("POST", "/servers/{server}/action", {}),
    Ask("POST", "/servers/{server}/action", {"os-start": None, "os-stop": None}),
    Ask("PUT", "/servers/{server}", {"server": {"name": ""}}),
    Ask("PUT", "/servers/{server}", {}),
    Ask("PUT", "/servers/{unknown}", {"server": {"name": "ref"}}),
    Ask("DELETE", "/servers/{unknown}"),
    Ask("DELETE", "/servers/detail"),
    Ask("POST", "/servers/{server}/metadata", {"metadata": {"": "v"}}),
    Ask("POST", "/servers/{unknown}/metadata", {"metadata": {"k": "v"}}),
    Ask("PUT", "/servers/{server}/metadata", {"metadata": []}),
    Ask("PUT", "/servers/{unknown}/metadata", {"metadata": {"k": "v"}}),
    Ask("PUT", "/servers/{server}/metadata/a", {"meta": {"b": "v"}}),
    Ask("PUT", "/servers/{unknown}/metadata/a", {"meta": {"a": "v"}}),
    Ask("DELETE", "/servers/{server}/metadata/no-such-key"),
    Ask("PUT", "/servers/{server}/tags", {"tags": "nonsense"}),
    Ask("PUT", "/servers/{unknown}/tags", {"tags": []}),
    Ask("PUT", "/servers/{server}/tags/a,b"),
    Ask("DELETE", "/servers/{server}/tags/no-such-tag"),
    Ask("DELETE", "/servers/{unknown}/tags"),
    Ask("POST", "/servers/{server}/os-interface", {"interfaceAttachment": {"port_id": "no-uuid"}}),
    Ask("POST", "/servers/{server}/os-interface", {"interfaceAttachment": {"port_id": "{unknown}"}}),
    Ask("POST", "/servers/{unknown}/os-interface", {"interfaceAttachment": {"net_id": "{network}"}}),
    Ask("DELETE", "/servers/{unknown}/os-interface/{port}"),
    Ask("POST", "/servers/{server}/os-volume_attachments", {"volumeAttachment": {"volumeId": "no-uuid"}}),
    Ask("POST", "/servers/{server}/os-volume_attachments", {"volumeAttachment": {"volumeId": "{unknown}"}}),
    Ask("POST", "/servers/{unknown}/os-volume_attachments", {"volumeAttachment": {"volumeId": "{volume}"}}),
    Ask("PUT", "/servers/{server}/os-volume_attachments/{volume}", {"volumeAttachment": {"volumeId": 1}}),
    Ask(
        "PUT",
        "/servers/{server}/os-volume_attachments/{unknown}",
        {"volumeAttachment": {"volumeId": "{volume}"}},
    ),
    Ask("DELETE", "/servers/{server}/os-volume_attachments/{unknown}"),
    Ask("DELETE", "/servers/{unknown}/os-server-password"),
    Ask("POST", "/servers/{server}/remote-consoles", {"remote_console": {"protocol": "x", "type": "novnc"}}),
    Ask(
        "POST", "/servers/{unknown}/remote-consoles", {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    ),
    Ask("POST", "/servers/{server}/shares", {"share": {}}),
    Ask("POST", "/servers/{server}/shares", {"share": {"share_id": "{unknown}"}}),
    Ask("DELETE", "/servers/{server}/shares/{unknown}"),
    Ask("POST", "/servers/{server}/migrations/1/action", {"force_complete": None}),
    Ask("DELETE", "/servers/{server}/migrations/1"),
    Ask("POST", "/servers/{server}/consoles", {}),
    Ask("DELETE", "/servers/{server}/consoles/1"),
    Ask("POST", "/os-volumes_boot", {"server": {}}),
    Ask("PUT", "/os-volumes_boot/{unknown}", {"server": {"name": "ref"}}),
    Ask("DELETE", "/os-volumes_boot/{unknown}"),
    Ask("POST", "/os-volumes_boot/{unknown}/action", {"os-start": None}),
)

SERVER_REFUSALS = (*(Ask("POST", "/servers", body) for body in NO_SERVERS), *ON_SERVERS)
