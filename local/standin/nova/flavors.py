"""Nova's flavors: lists, show, create, update and delete."""

from __future__ import annotations

from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.flavor import Flavor, write_flavor
from local.standin.nova.state import NovaState
from local.standin.router import Router


class FlavorsApi:
    """Everybody may read flavors, and admins may write them."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/flavors", self.names)
        router.add("GET", "/flavors/detail", self.details)
        router.add("POST", "/flavors", self.create)
        router.add("GET", "/flavors/{flavor_id}", self.show)
        router.add("PUT", "/flavors/{flavor_id}", self.update)
        router.add("DELETE", "/flavors/{flavor_id}", self.delete)

    def names(self, call: NovaCall) -> Reply:
        chosen, links = self._page(call, "/flavors")
        short: list[Json] = []
        for flavor in chosen:
            entry: Json = {"id": flavor.id, "name": flavor.name, "links": call.links("flavors", flavor.id)}
            if call.minor >= 55:
                entry["description"] = flavor.description
            short.append(entry)
        return Reply(200, {"flavors": short, **links})

    def details(self, call: NovaCall) -> Reply:
        chosen, links = self._page(call, "/flavors/detail")
        return Reply(200, {"flavors": [_write(flavor, call) for flavor in chosen], **links})

    def show(self, call: NovaCall) -> Reply:
        return Reply(200, {"flavor": _write(self._one(call), call)})

    def create(self, call: NovaCall) -> Reply:
        call.needs_admin("os-flavor-manage:create")
        asked = call.request.json().get("flavor")
        if not isinstance(asked, dict):
            raise Fault(400, "Invalid input for field/attribute flavor.")
        for key in ("name", "ram", "vcpus", "disk"):
            if key not in asked:
                raise Fault(400, f"Invalid input for field/attribute flavor. '{key}' is a required property")
        flavor = Flavor(
            id=str(asked.get("id") or self._state.ids.uuid()),
            name=str(asked["name"]),
            vcpus=int(asked["vcpus"]),
            ram_mb=int(asked["ram"]),
            disk_gb=int(asked["disk"]),
            ephemeral_gb=int(asked.get("OS-FLV-EXT-DATA:ephemeral") or 0),
            swap_mb=int(asked.get("swap") or 0),
            is_public=asked.get("os-flavor-access:is_public", True) in (True, "true", "True", "1"),
            description=asked.get("description"),
        )
        for known in self._state.flavors.values():
            if known.id == flavor.id:
                raise Fault(409, f"Flavor with ID {flavor.id} already exists.")
            if known.name == flavor.name:
                raise Fault(409, f"Flavor with name {flavor.name} already exists.")
        self._state.flavors[flavor.id] = flavor
        return Reply(200, {"flavor": _write(flavor, call)})

    def update(self, call: NovaCall) -> Reply:
        call.needs_admin("os-flavor-manage:update")
        if call.minor < 55:
            raise Fault(404, "The resource could not be found.")
        flavor = self._one(call)
        flavor.description = call.request.json().get("flavor", {}).get("description")
        return Reply(200, {"flavor": _write(flavor, call)})

    def delete(self, call: NovaCall) -> Reply:
        call.needs_admin("os-flavor-manage:delete")
        del self._state.flavors[self._one(call).id]
        return Reply(202)

    def _one(self, call: NovaCall) -> Flavor:
        return self._state.flavor_for(call.vars["flavor_id"], call.project_id, call.caller.is_admin)

    def _page(self, call: NovaCall, path: str) -> tuple[list[Flavor], Json]:
        flavors = sorted(self._seen(call), key=lambda flavor: flavor.id)
        if call.request.first("sort_dir") == "desc":
            flavors.reverse()
        least_ram, least_disk = call.request.first("minRam", "0"), call.request.first("minDisk", "0")
        if not f"{least_ram}{least_disk}".isdigit():
            raise Fault(400, "Invalid minRam or minDisk filter")
        flavors = [
            f for f in flavors if f.ram_mb >= int(least_ram or 0) and f.disk_gb >= int(least_disk or 0)
        ]
        marker, limit_text = call.request.first("marker"), call.request.first("limit")
        if marker:
            known = [flavor.id for flavor in flavors]
            if marker not in known:
                raise Fault(400, f"marker [{marker}] not found")
            flavors = flavors[known.index(marker) + 1 :]
        if limit_text is None:
            return flavors, {}
        if not limit_text.isdigit():
            raise Fault(400, f"Invalid input for query parameters limit. Value: {limit_text}.")
        limit = int(limit_text) or 1000
        if not flavors or len(flavors) < limit:
            return flavors, {}
        href = f"{call.url(path)}?limit={limit}&marker={flavors[limit - 1].id}"
        return flavors[:limit], {"flavors_links": [{"rel": "next", "href": href}]}

    def _seen(self, call: NovaCall) -> list[Flavor]:
        """Admins choose by ``is_public``; others see public flavors and those they have access to."""
        flavors = list(self._state.flavors.values())
        asked = (call.request.first("is_public") or "true").lower()
        if call.caller.is_admin and asked == "none":
            return flavors
        if call.caller.is_admin and asked in ("false", "0", "f", "no"):
            return [flavor for flavor in flavors if not flavor.is_public]
        return [flavor for flavor in flavors if flavor.seen_by(call.project_id)]


def _write(flavor: Flavor, call: NovaCall) -> Json:
    return write_flavor(flavor, call.links("flavors", flavor.id), call.minor)
