"""Nova's limits and quota sets."""

from __future__ import annotations

from local.standin.message import Json, Reply
from local.standin.nova.call import NovaCall, refused
from local.standin.nova.state import NovaState
from local.standin.router import Router


class QuotasApi:
    """Every project has the same quota."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/limits", self.limits)
        router.add("GET", "/os-quota-sets/{project}", self.show)
        router.add("GET", "/os-quota-sets/{project}/defaults", self.show)
        router.add("GET", "/os-quota-sets/{project}/detail", self.details)

    def limits(self, call: NovaCall) -> Reply:
        asked = call.request.first("tenant_id")
        project_id = asked if asked and call.caller.is_admin else call.project_id
        quota, used = self._state.quota, self._used(project_id)
        absolute: Json = {
            "maxTotalInstances": quota.instances,
            "maxTotalCores": quota.cores,
            "maxTotalRAMSize": quota.ram_mb,
            "maxTotalKeypairs": 100,
            "maxServerMeta": 128,
            "maxServerGroups": 10,
            "maxServerGroupMembers": 10,
            "totalInstancesUsed": used["instances"],
            "totalCoresUsed": used["cores"],
            "totalRAMUsed": used["ram"],
            "totalServerGroupsUsed": len(self._state.server_groups),
        }
        if call.minor < 57:
            absolute.update({"maxPersonality": 5, "maxPersonalitySize": 10240, "maxImageMeta": 128})
        return Reply(200, {"limits": {"rate": [], "absolute": absolute}})

    def show(self, call: NovaCall) -> Reply:
        return Reply(200, {"quota_set": {"id": self._project(call), **self._limits()}})

    def details(self, call: NovaCall) -> Reply:
        project_id = self._project(call)
        used = self._used(project_id)
        detailed: Json = {
            name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0}
            for name, limit in self._limits().items()
        }
        return Reply(200, {"quota_set": {"id": project_id, **detailed}})

    def _project(self, call: NovaCall) -> str:
        if call.vars["project"] != call.project_id and not call.caller.is_admin:
            raise refused("os-quota-sets:show")
        return call.vars["project"]

    def _limits(self) -> dict[str, int]:
        quota = self._state.quota
        return {
            "instances": quota.instances,
            "cores": quota.cores,
            "ram": quota.ram_mb,
            "key_pairs": 100,
            "metadata_items": 128,
            "server_groups": 10,
            "server_group_members": 10,
        }

    def _used(self, project_id: str) -> dict[str, int]:
        mine = self._state.servers_of(project_id)
        return {
            "instances": len(mine),
            "cores": sum(server.flavor.vcpus for server in mine),
            "ram": sum(server.flavor.ram_mb for server in mine),
        }
