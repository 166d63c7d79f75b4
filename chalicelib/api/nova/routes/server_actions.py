"""Actions of a server: the one key of the body of ``POST /servers/{server_id}/action``, as Nova 34 has them.

The pod's Nova carries them out and judges them; here they tell which policy a caller breaks who may not act.
"""

from __future__ import annotations

from chalicelib.api.openstack.table import Action

_LAST_PROXY = "2.43"  # the last that passes floating and fixed IPs on to Neutron
_LAST_CONSOLE = "2.5"  # from 2.6 on it is POST /servers/{server_id}/remote-consoles


def _action(name: str, policy: str, since: str = "", until: str = "") -> Action:
    return Action(name, f"os_compute_api:{policy}", since, until)


SERVER_ACTIONS = (
    _action("addFixedIp", "os-multinic:add", until=_LAST_PROXY),
    _action("addFloatingIp", "os-floating-ips:add", until=_LAST_PROXY),
    _action("addSecurityGroup", "os-security-groups:add"),
    _action("changePassword", "os-admin-password"),
    _action("confirmResize", "servers:confirm_resize"),
    _action("createBackup", "os-create-backup"),
    _action("createImage", "servers:create_image"),
    _action("evacuate", "os-evacuate"),
    _action("forceDelete", "os-deferred-delete:force"),
    _action("injectNetworkInfo", "os-admin-actions:inject_network_info"),
    _action("lock", "os-lock-server:lock"),
    _action("migrate", "os-migrate-server:migrate"),
    _action("os-getConsoleOutput", "os-console-output"),
    _action("os-getSPICEConsole", "os-remote-consoles", until=_LAST_CONSOLE),
    _action("os-getSerialConsole", "os-remote-consoles", until=_LAST_CONSOLE),
    _action("os-getVNCConsole", "os-remote-consoles", until=_LAST_CONSOLE),
    _action("os-migrateLive", "os-migrate-server:migrate_live"),
    _action("os-resetState", "os-admin-actions:reset_state"),
    _action("os-start", "servers:start"),
    _action("os-stop", "servers:stop"),
    _action("pause", "os-pause-server:pause"),
    _action("reboot", "servers:reboot"),
    _action("rebuild", "servers:rebuild"),
    _action("removeFixedIp", "os-multinic:remove", until=_LAST_PROXY),
    _action("removeFloatingIp", "os-floating-ips:remove", until=_LAST_PROXY),
    _action("removeSecurityGroup", "os-security-groups:remove"),
    _action("rescue", "os-rescue"),
    _action("resize", "servers:resize"),
    _action("restore", "os-deferred-delete:restore"),
    _action("resume", "os-suspend-server:resume"),
    _action("revertResize", "servers:revert_resize"),
    _action("shelve", "os-shelve:shelve"),
    _action("shelveOffload", "os-shelve:shelve_offload"),
    _action("suspend", "os-suspend-server:suspend"),
    _action("trigger_crash_dump", "servers:trigger_crash_dump", since="2.17"),
    _action("unlock", "os-lock-server:unlock"),
    _action("unpause", "os-pause-server:unpause"),
    _action("unrescue", "os-unrescue"),
    _action("unshelve", "os-shelve:unshelve"),
)
