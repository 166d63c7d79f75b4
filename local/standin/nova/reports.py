"""What Nova tells operators of the past: migrations, and whether its hosts told their usage."""

from __future__ import annotations

from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router

_PERIOD: Json = {"period_beginning": "2025-05-01 00:00:00", "period_ending": "2025-06-01 00:00:00"}
_FROM_59 = ("uuid",)
_FROM_80 = ("user_id", "project_id")


class ReportsApi:
    """All routes are for admins only. Nothing migrates by itself here: a test writes ``migrations``."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-migrations", self.migrations)
        router.add("GET", "/servers/{server_id}/migrations", self.of_server)
        router.add("GET", "/servers/{server_id}/migrations/{migration_id}", self.one_of_server)
        router.add("GET", "/os-instance_usage_audit_log", self.usage)
        router.add("GET", "/os-instance_usage_audit_log/{before}", self.usage_before)

    def migrations(self, call: NovaCall) -> Reply:
        """From 2.59 on sorted, the newest first, and in pages."""
        call.needs_admin("os-migrations:index")
        rows = list(self._state.migrations)
        host = call.request.first("host")
        if host is not None:
            rows = [row for row in rows if host in (row["source_compute"], row["dest_compute"])]
        hidden = (*(() if call.minor >= 59 else _FROM_59), *(() if call.minor >= 80 else _FROM_80))
        body: Json = {"migrations": rows}
        if call.minor >= 59:
            body = self._page(sorted(rows, key=lambda row: str(row["created_at"]), reverse=True), call)
        shown = [{key: row[key] for key in row if key not in hidden} for row in body["migrations"]]
        return Reply(200, {**body, "migrations": shown})

    def _page(self, rows: list[Json], call: NovaCall) -> Json:
        marker, limit = call.request.first("marker"), int(call.request.first("limit") or 1000)
        if marker:
            uuids = [row["uuid"] for row in rows]
            if marker not in uuids:
                raise Fault(400, f"Marker {marker} could not be found.")
            rows = rows[uuids.index(marker) + 1 :]
        links = {"migrations_links": [{"rel": "next"}]} if len(rows) >= limit > 0 else {}
        return {"migrations": rows[:limit], **links}

    def of_server(self, call: NovaCall) -> Reply:
        """Those that are under way; here that is all of them."""
        call.needs_admin("servers:migrations:index")
        return Reply(200, {"migrations": self._of_server(call)})

    def one_of_server(self, call: NovaCall) -> Reply:
        call.needs_admin("servers:migrations:show")
        number, server_id = call.vars["migration_id"], call.vars["server_id"]
        for row in self._of_server(call):
            if str(row["id"]) == number:
                return Reply(200, {"migration": row})
        raise Fault(404, f"In-progress live migration {number} is not found for server {server_id}.")

    def _of_server(self, call: NovaCall) -> list[Json]:
        return [row for row in self._state.migrations if row["instance_uuid"] == call.vars["server_id"]]

    def usage(self, call: NovaCall) -> Reply:
        call.needs_admin("os-instance-usage-audit-log:list")
        return Reply(200, {"instance_usage_audit_logs": self._log()})

    def usage_before(self, call: NovaCall) -> Reply:
        call.needs_admin("os-instance-usage-audit-log:show")
        if ":" not in call.vars["before"]:
            raise Fault(400, f"Invalid timestamp for date {call.vars['before']}")
        return Reply(200, {"instance_usage_audit_log": self._log()})

    def _log(self) -> Json:
        """The first host has told its usage, the others haven't."""
        first, *others = [host.name for host in self._state.hosts]
        count = len(self._state.hosts)
        return {
            **_PERIOD,
            "num_hosts": count,
            "num_hosts_done": 1,
            "num_hosts_running": 0,
            "num_hosts_not_run": len(others),
            "hosts_not_run": others,
            "total_instances": 2,
            "total_errors": 0,
            "overall_status": f"{'ALL' if count == 1 else f'1 of {count}'} hosts done. 0 errors.",
            "log": {first: {"state": "DONE", "instances": 2, "errors": 0, "message": ""}},
        }
