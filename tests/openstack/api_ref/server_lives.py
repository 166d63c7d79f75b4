"""Lives of servers, with every action that a pod with Nova's fake driver can do."""

from __future__ import annotations

from tests.openstack.api_ref.ask import ADMIN, MEMBER
from tests.openstack.api_ref.life import act, by, life
from tests.openstack.api_ref.server_refusals import NEW_SERVER

_CREATE = (
    "POST",
    "/servers",
    {"server": NEW_SERVER},
    {"new": "server.id", "password": "server.adminPass"},
    "ACTIVE",
)
_DELETE = ("DELETE", "/servers/{new}", None, {}, "gone")

SERVER = life(
    by(
        MEMBER,
        _CREATE,
        ("GET", "/servers/{new}"),
        ("PUT", "/servers/{new}", {"server": {"name": "ref-renamed", "accessIPv4": "192.0.2.1"}}),
        ("POST", "/servers/{new}/metadata", {"metadata": {"a": "1", "b": "2"}}),
        ("PUT", "/servers/{new}/metadata/a", {"meta": {"a": "3"}}),
        ("DELETE", "/servers/{new}/metadata/b"),
        ("PUT", "/servers/{new}/metadata", {"metadata": {"c": "4"}}),
        ("PUT", "/servers/{new}/tags/one"),
        ("PUT", "/servers/{new}/tags", {"tags": ["two", "three"]}),
        ("DELETE", "/servers/{new}/tags/two"),
        ("DELETE", "/servers/{new}/tags"),
        ("DELETE", "/servers/{new}/os-server-password"),
        ("POST", "/servers/{new}/remote-consoles", {"remote_console": {"protocol": "vnc", "type": "novnc"}}),
        ("GET", "/servers/{new}/os-security-groups"),
        act("os-getConsoleOutput", {"length": 5}),
        act("os-getVNCConsole", {"type": "novnc"}),
        act("lock"),
        act("unlock"),
        act("reboot", {"type": "SOFT"}),
        act("os-stop", until="SHUTOFF"),
        act("os-start"),
        act("pause", until="PAUSED"),
        act("unpause"),
        act("rebuild", {"imageRef": "{image_alt}"}),
        act("createImage", {"name": "ref-image"}),
    ),
    by(
        ADMIN,
        ("GET", "/servers/{new}/diagnostics"),
        act("os-resetState", {"state": "active"}),
        act("migrate"),
    ),
    by(MEMBER, _DELETE),
)

ACTIONS = life(
    by(
        MEMBER,
        _CREATE,
        act("suspend", until="SUSPENDED"),
        act("resume"),
        act("resize", {"flavorRef": "{flavor_alt}"}, "VERIFY_RESIZE"),
        act("revertResize"),
        act("resize", {"flavorRef": "{flavor_alt}"}, "VERIFY_RESIZE"),
        act("confirmResize"),
        act("rescue", {}, "RESCUE"),
        act("unrescue"),
        act("shelve", until="SHELVED_OFFLOADED"),
        act("unshelve"),
        act("removeSecurityGroup", {"name": "default"}),
        act("addSecurityGroup", {"name": "default"}),
        (
            "POST",
            "/servers/{new}/os-interface",
            {"interfaceAttachment": {}},
            {"new_port": "interfaceAttachment.port_id"},
        ),
        ("GET", "/servers/{new}/os-interface/{new_port}"),
        ("DELETE", "/servers/{new}/os-interface/{new_port}"),
        (
            "POST",
            "/servers/{new}/os-volume_attachments",
            {"volumeAttachment": {"volumeId": "{own_volume}"}},
            {},
            "in-use",
        ),
        ("GET", "/servers/{new}/os-volume_attachments/{own_volume}", None),
        ("DELETE", "/servers/{new}/os-volume_attachments/{own_volume}", None, {}, "available"),
        ("GET", "/servers/{new}/os-instance-actions"),
        _DELETE,
    ),
)
