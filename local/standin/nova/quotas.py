"""Nova's limits, quota sets and quota class sets."""

from __future__ import annotations

from collections.abc import Mapping

from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall, refused
from local.standin.nova.state import NovaState
from local.standin.router import Router

# Nova's resources that aren't of networks; those of files are shown up to 2.56.
FIXED: Mapping[str, int] = {
    "key_pairs": 100,
    "metadata_items": 128,
    "server_groups": 10,
    "server_group_members": 10,
}
FILES: Mapping[str, int] = {
    "injected_files": 5,
    "injected_file_content_bytes": 10240,
    "injected_file_path_bytes": 255,
}
NETWORKS = ("fixed_ips", "floating_ips", "security_groups", "security_group_rules")  # shown up to 2.35


class QuotasApi:
    """Every project has the pod's quota, unless an admin has written limits for it."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/limits", self.limits)
        router.add("GET", "/os-quota-sets/{project}", self.show)
        router.add("PUT", "/os-quota-sets/{project}", self.update)
        router.add("DELETE", "/os-quota-sets/{project}", self.delete)
        router.add("GET", "/os-quota-sets/{project}/defaults", self.defaults)
        router.add("GET", "/os-quota-sets/{project}/detail", self.details)
        router.add("GET", "/os-quota-class-sets/{name}", self.show_class)
        router.add("PUT", "/os-quota-class-sets/{name}", self.update_class)

    def limits(self, call: NovaCall) -> Reply:
        asked = call.request.first("tenant_id")
        if asked and not call.caller.is_admin:
            raise refused("limits:other_project")
        project_id = asked or call.project_id
        limits, used = self._limits(project_id), self._used(project_id)
        absolute: Json = {
            "maxTotalInstances": limits["instances"],
            "maxTotalCores": limits["cores"],
            "maxTotalRAMSize": limits["ram"],
            "maxTotalKeypairs": limits["key_pairs"],
            "maxServerMeta": limits["metadata_items"],
            "maxServerGroups": limits["server_groups"],
            "maxServerGroupMembers": limits["server_group_members"],
            "totalInstancesUsed": used["instances"],
            "totalCoresUsed": used["cores"],
            "totalRAMUsed": used["ram"],
            "totalServerGroupsUsed": len(self._state.server_groups),
        }
        if call.minor < 57:
            absolute.update({"maxPersonality": 5, "maxPersonalitySize": 10240, "maxImageMeta": 128})
        return Reply(200, {"limits": {"rate": [], "absolute": absolute}})

    def show(self, call: NovaCall) -> Reply:
        project_id, user_id = self._project(call), call.request.first("user_id") or ""
        return Reply(200, {"quota_set": {"id": project_id, **self._shown(call, project_id, user_id)}})

    def defaults(self, call: NovaCall) -> Reply:
        return Reply(200, {"quota_set": {"id": self._project(call), **self._shown(call, "")}})

    def details(self, call: NovaCall) -> Reply:
        project_id, user_id = self._project(call), call.request.first("user_id") or ""
        used = self._used(project_id, user_id)
        detailed: Json = {
            name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0}
            for name, limit in self._shown(call, project_id, user_id).items()
        }
        return Reply(200, {"quota_set": {"id": project_id, **detailed}})

    def update(self, call: NovaCall) -> Reply:
        call.needs_admin("os-quota-sets:update")
        key = (call.vars["project"], call.request.first("user_id") or "")
        asked = {name: value for name, value in call.request.json()["quota_set"].items() if name != "force"}
        if unknown := set(asked) - {*self._limits(""), *NETWORKS}:
            raise Fault(400, f"Additional properties are not allowed ({unknown} were unexpected)")
        self._state.limits.setdefault(key, {}).update({name: int(value) for name, value in asked.items()})
        return Reply(200, {"quota_set": self._shown(call, *key)})

    def delete(self, call: NovaCall) -> Reply:
        call.needs_admin("os-quota-sets:delete")
        user_id = call.request.first("user_id") or ""
        for project, user in list(self._state.limits):
            if project == call.vars["project"] and user_id in ("", user):
                del self._state.limits[project, user]
        return Reply(202)

    def show_class(self, call: NovaCall) -> Reply:
        call.needs_admin("os-quota-class-sets:show")
        return Reply(200, {"quota_class_set": {"id": call.vars["name"], **self._shown(call, "")}})

    def update_class(self, call: NovaCall) -> Reply:
        call.needs_admin("os-quota-class-sets:update")
        asked = call.request.json()["quota_class_set"]
        self._state.limits.setdefault(("", ""), {}).update({name: int(asked[name]) for name in asked})
        return Reply(200, {"quota_class_set": self._shown(call, "")})

    def _project(self, call: NovaCall) -> str:
        if call.vars["project"] != call.project_id and not call.caller.is_admin:
            raise refused("os-quota-sets:show")
        return call.vars["project"]

    def _shown(self, call: NovaCall, project_id: str, user_id: str = "") -> dict[str, int]:
        hidden = (*FILES, *NETWORKS) if call.minor >= 57 else NETWORKS if call.minor >= 36 else ()
        limits = self._limits(project_id, user_id)
        return {name: limit for name, limit in sorted(limits.items()) if name not in hidden}

    def _limits(self, project_id: str, user_id: str = "") -> dict[str, int]:
        quota, written = self._state.quota, self._state.limits
        return {
            "instances": quota.instances,
            "cores": quota.cores,
            "ram": quota.ram_mb,
            **FIXED,
            **FILES,
            **dict.fromkeys(NETWORKS, -1),
            **written.get(("", ""), {}),
            **written.get((project_id, ""), {}),
            **written.get((project_id, user_id), {}),
        }

    def _used(self, project_id: str, user_id: str = "") -> dict[str, int]:
        # Nova counts a server once it has chosen a host for it, or found none.
        counted = [x for x in self._state.servers_of(project_id) if x.task_state != "scheduling"]
        mine = [server for server in counted if user_id in ("", server.user_id)]
        return {
            "instances": len(mine),
            "cores": sum(server.flavor.vcpus for server in mine),
            "ram": sum(server.flavor.ram_mb for server in mine),
            "server_groups": len(self._state.server_groups),
        }
