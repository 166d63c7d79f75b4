"""Nova's server groups. They have no effect on where servers go."""

from __future__ import annotations

from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router

MOST_ROWS = 1000


class ServerGroupsApi:
    """Serves a project the server groups that it made."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-server-groups", self.groups)
        router.add("POST", "/os-server-groups", self.create)
        router.add("GET", "/os-server-groups/{group_id}", self.show)
        router.add("DELETE", "/os-server-groups/{group_id}", self.delete)

    def groups(self, call: NovaCall) -> Reply:
        every = call.caller.is_admin and "all_projects" in call.request.query
        seen = [g for g in self._state.server_groups.values() if every or g["project_id"] == call.project_id]
        offset, limit = (_whole(call, name) for name in ("offset", "limit"))
        page = seen[offset : offset + (limit or MOST_ROWS)]
        return Reply(200, {"server_groups": [_write(group, call) for group in page]})

    def create(self, call: NovaCall) -> Reply:
        call.needs_member("os-server-groups:create")
        asked = call.request.json().get("server_group") or {}
        policies = [asked["policy"]] if "policy" in asked else asked.get("policies")
        if not asked.get("name") or not policies:
            raise Fault(400, "Invalid input for field/attribute server_group.")
        group: Json = {
            "id": self._state.ids.uuid(),
            "name": asked["name"],
            "policies": policies,
            "rules": asked.get("rules", {}),
            "members": [],
            "metadata": {},
            "project_id": call.project_id,
            "user_id": call.caller.user_id,
        }
        self._state.server_groups[group["id"]] = group
        return Reply(200, {"server_group": _write(group, call)})

    def show(self, call: NovaCall) -> Reply:
        return Reply(200, {"server_group": _write(self._one(call), call)})

    def delete(self, call: NovaCall) -> Reply:
        call.needs_member("os-server-groups:delete")
        del self._state.server_groups[self._one(call)["id"]]
        return Reply(204)

    def _one(self, call: NovaCall) -> Json:
        group = self._state.server_groups.get(call.vars["group_id"])
        if group is None or not (call.caller.is_admin or group["project_id"] == call.project_id):
            raise Fault(404, f"Instance group {call.vars['group_id']} could not be found.")
        return group


def _whole(call: NovaCall, name: str) -> int:
    text = call.request.first(name) or "0"
    if not text.isdecimal():
        raise Fault(400, f"Invalid input for query parameters {name}. Value: {text}.")
    return int(text)


def _write(group: Json, call: NovaCall) -> Json:
    """A group at the request's microversion: from 2.64 on it has one policy and no metadata."""
    hidden = {"policies", "metadata"} if call.minor >= 64 else {"rules"}
    if call.minor < 13:
        hidden |= {"project_id", "user_id"}
    body = {key: value for key, value in group.items() if key not in hidden}
    return {**body, "policy": group["policies"][0]} if call.minor >= 64 else body
