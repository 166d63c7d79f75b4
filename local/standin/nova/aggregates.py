"""Nova's aggregates: hosts under a name, with metadata, of which the zone is one."""

from __future__ import annotations

from local.standin.clock import precise_time
from local.standin.ids import named_uuid
from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router

_ZONE = "availability_zone"


class AggregatesApi:
    """All routes are for admins only."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-aggregates", self.list)
        router.add("POST", "/os-aggregates", self.create)
        router.add("GET", "/os-aggregates/{aggregate_id}", self.show)
        router.add("PUT", "/os-aggregates/{aggregate_id}", self.update)
        router.add("DELETE", "/os-aggregates/{aggregate_id}", self.delete)
        router.add("POST", "/os-aggregates/{aggregate_id}/action", self.act)
        router.add("POST", "/os-aggregates/{aggregate_id}/images", self.images)

    def list(self, call: NovaCall) -> Reply:
        call.needs_admin("os-aggregates:index")
        return Reply(200, {"aggregates": [_shown(one, call) for one in self._state.aggregates.values()]})

    def create(self, call: NovaCall) -> Reply:
        call.needs_admin("os-aggregates:create")
        order = _object(call, "aggregate")
        if not isinstance(order.get("name"), str) or not order["name"].strip():
            raise Fault(400, "Invalid input for field/attribute name.")
        if not isinstance(order.get(_ZONE), str | None):
            raise Fault(400, f"Invalid input for field/attribute {_ZONE}.")
        self._refuse_taken(order["name"])
        self._state.aggregate_count += 1
        number, zone = self._state.aggregate_count, order.get(_ZONE)
        made: Json = {
            "id": number,
            "uuid": named_uuid(f"aggregate:{id(self._state)}:{number}"),
            "name": order["name"],
            "hosts": [],
            "metadata": {_ZONE: zone} if zone else {},
            "created_at": precise_time(self._state.clock.now()),
            "updated_at": None,
            "deleted_at": None,
            "deleted": False,
        }
        self._state.aggregates[number] = made
        shown = _shown(made, call)
        return Reply(200, {"aggregate": {k: v for k, v in shown.items() if k not in ("hosts", "metadata")}})

    def show(self, call: NovaCall) -> Reply:
        call.needs_admin("os-aggregates:show")
        return Reply(200, {"aggregate": _shown(self._named(call), call)})

    def update(self, call: NovaCall) -> Reply:
        call.needs_admin("os-aggregates:update")
        changes, found = _object(call, "aggregate"), self._named(call)
        if changes.get("name", found["name"]) != found["name"]:
            self._refuse_taken(changes["name"])
            found["name"] = changes["name"]
        if _ZONE in changes:
            self._set(found, {_ZONE: changes[_ZONE]})
        return Reply(200, {"aggregate": _shown(found, call)})

    def delete(self, call: NovaCall) -> Reply:
        call.needs_admin("os-aggregates:delete")
        found = self._named(call)
        if found["hosts"]:
            raise Fault(400, f"Cannot perform action 'delete' on aggregate {found['id']}. Reason: not empty.")
        del self._state.aggregates[found["id"]]
        return Reply(200)

    def act(self, call: NovaCall) -> Reply:
        action = call.request.json()
        verb = next(iter(action), "")
        call.needs_admin(f"os-aggregates:{verb}")
        if verb not in ("add_host", "remove_host", "set_metadata"):
            raise Fault(400, f"There is no such action: {verb}")
        found = self._named(call)
        if verb == "set_metadata":
            self._set(found, action[verb]["metadata"])
        else:
            self._move(found, verb, action[verb]["host"])
        return Reply(200, {"aggregate": _shown(found, call)})

    def images(self, call: NovaCall) -> Reply:
        call.needs_admin("os-aggregates:images")
        if call.minor < 81:
            raise Fault(404, "The resource could not be found.")
        self._named(call)["cached"] = [each["id"] for each in call.request.json()["cache"]]
        return Reply(202)

    def _move(self, found: Json, verb: str, host: str) -> None:
        if "@" in host:
            raise Fault(400, f"Invalid input for field/attribute host. Value: {host}.")
        if self._state.host_named(host) is None:
            raise Fault(404, f"Compute host {host} could not be found.")
        if verb == "add_host":
            if host in found["hosts"]:
                raise Fault(409, f"Aggregate {found['id']} already has host {host}.")
            found["hosts"].append(host)
        elif host in found["hosts"]:
            found["hosts"].remove(host)
        else:
            raise Fault(404, f"Cannot remove host {host} in aggregate {found['id']}")

    def _set(self, found: Json, changes: Json) -> None:
        merged = {**found["metadata"], **changes}
        found["metadata"] = {key: value for key, value in merged.items() if value is not None}

    def _refuse_taken(self, name: str) -> None:
        if any(one["name"] == name for one in self._state.aggregates.values()):
            raise Fault(409, f"Aggregate {name} already exists.")

    def _named(self, call: NovaCall) -> Json:
        text = call.vars["aggregate_id"]
        if not text.isdecimal():
            raise Fault(400, "Invalid input received: id must be an integer")
        if int(text) not in self._state.aggregates:
            raise Fault(404, f"Aggregate {text} could not be found.")
        return self._state.aggregates[int(text)]


def _object(call: NovaCall, key: str) -> Json:
    order = call.request.json().get(key)
    if not isinstance(order, dict):
        raise Fault(400, f"Invalid input for field/attribute {key}.")
    return order


def _shown(found: Json, call: NovaCall) -> Json:
    hidden = ("cached",) if call.minor >= 41 else ("cached", "uuid")
    shown = {key: value for key, value in found.items() if key not in hidden}
    return {**shown, _ZONE: found["metadata"].get(_ZONE)}
