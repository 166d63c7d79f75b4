"""A flavor's extra specs and the projects that may use a private one."""

from __future__ import annotations

from local.standin.message import Fault, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.flavor import Flavor
from local.standin.nova.state import NovaState
from local.standin.router import Router


class FlavorAccessApi:
    """Those who see a flavor may read its extra specs; the rest is for admins."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        specs = "/flavors/{flavor_id}/os-extra_specs"
        router.add("GET", specs, self.specs)
        router.add("POST", specs, self.add_specs)
        router.add("GET", specs + "/{key}", self.spec)
        router.add("PUT", specs + "/{key}", self.put_spec)
        router.add("DELETE", specs + "/{key}", self.delete_spec)
        router.add("GET", "/flavors/{flavor_id}/os-flavor-access", self.access)
        router.add("POST", "/flavors/{flavor_id}/action", self.act)

    def specs(self, call: NovaCall) -> Reply:
        return Reply(200, {"extra_specs": dict(self._flavor(call).extra_specs)})

    def add_specs(self, call: NovaCall) -> Reply:
        call.needs_admin("os-flavor-extra-specs:create")
        asked = {key: str(text) for key, text in call.request.json().get("extra_specs", {}).items()}
        self._flavor(call).extra_specs.update(asked)
        return Reply(200, {"extra_specs": asked})

    def spec(self, call: NovaCall) -> Reply:
        specs, key = self._flavor(call).extra_specs, call.vars["key"]
        if key not in specs:
            raise self._no_spec(call)
        return Reply(200, {key: specs[key]})

    def put_spec(self, call: NovaCall) -> Reply:
        call.needs_admin("os-flavor-extra-specs:update")
        asked, key = call.request.json(), call.vars["key"]
        if list(asked) != [key]:
            raise Fault(400, "Request body and URI mismatch")
        self._flavor(call).extra_specs[key] = str(asked[key])
        return Reply(200, asked)

    def delete_spec(self, call: NovaCall) -> Reply:
        call.needs_admin("os-flavor-extra-specs:delete")
        if self._flavor(call).extra_specs.pop(call.vars["key"], None) is None:
            raise self._no_spec(call)
        return Reply(200)

    def access(self, call: NovaCall) -> Reply:
        call.needs_admin("os-flavor-access")
        flavor = self._flavor(call)
        if flavor.is_public:
            raise Fault(404, "Access list not available for public flavors.")
        return _access_list(flavor)

    def act(self, call: NovaCall) -> Reply:
        call.needs_admin("os-flavor-access:add_tenant_access")
        flavor, asked = self._flavor(call), call.request.json()
        if "addTenantAccess" in asked:
            project_id = asked["addTenantAccess"]["tenant"]
            if flavor.is_public and call.minor >= 7:
                raise Fault(409, "Can not add access to a public flavor.")
            if project_id in flavor.access:
                pair = f"{flavor.id} / {project_id}"
                raise Fault(409, f"Flavor access already exists for {pair} combination.")
            flavor.access.add(project_id)
        elif "removeTenantAccess" in asked:
            project_id = asked["removeTenantAccess"]["tenant"]
            if project_id not in flavor.access:
                pair = f"{flavor.id} / {project_id}"
                raise Fault(404, f"Flavor access not found for {pair} combination.")
            flavor.access.remove(project_id)
        else:
            raise Fault(400, f"There is no such action: {', '.join(asked)}.")
        return _access_list(flavor)

    def _flavor(self, call: NovaCall) -> Flavor:
        return self._state.flavor_for(call.vars["flavor_id"], call.project_id, call.caller.is_admin)

    def _no_spec(self, call: NovaCall) -> Fault:
        return Fault(404, f"Flavor {call.vars['flavor_id']} has no extra specs with key {call.vars['key']}.")


def _access_list(flavor: Flavor) -> Reply:
    pairs = [{"flavor_id": flavor.id, "tenant_id": project_id} for project_id in sorted(flavor.access)]
    return Reply(200, {"flavor_access": pairs})
