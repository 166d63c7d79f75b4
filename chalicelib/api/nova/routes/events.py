"""Routes by which other services tell Nova what happened, and by which operators audit usage."""

from __future__ import annotations

from chalicelib.api.call import View
from chalicelib.api.nova.external_events import assist_snapshot, take_events
from chalicelib.api.nova.operators import passing_refusals
from chalicelib.api.nova.usage_audit_log import show_audit_log
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

_LOG = "os_compute_api:os-instance-usage-audit-log"
_SNAPSHOTS = "os_compute_api:os-assisted-volume-snapshots"
_EVENTS = "os_compute_api:os-server-external-events"


def _row(method: str, path: str, role: Role, policy: str, view: View) -> Row:
    return Row(method, path, OWN, role, view=passing_refusals(view), policy=policy)


ROWS = (
    _row("POST", "/os-server-external-events", Role.SERVICE, f"{_EVENTS}:create", take_events),
    _row("POST", "/os-assisted-volume-snapshots", Role.SERVICE, f"{_SNAPSHOTS}:create", assist_snapshot),
    _row(
        "DELETE",
        "/os-assisted-volume-snapshots/{snapshot_id}",
        Role.SERVICE,
        f"{_SNAPSHOTS}:delete",
        assist_snapshot,
    ),
    _row("GET", "/os-instance_usage_audit_log", Role.ADMIN, f"{_LOG}:list", show_audit_log),
    _row("GET", "/os-instance_usage_audit_log/{before}", Role.ADMIN, f"{_LOG}:show", show_audit_log),
)
