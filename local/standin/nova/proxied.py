"""What Nova passes on to Neutron and Cinder, up to 2.35: a table of nouns that all behave alike."""

from __future__ import annotations

from dataclasses import dataclass

from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router

LAST_MINOR = 35
POOL = "public"


@dataclass(frozen=True)
class Noun:
    """A noun by its path, its keys in bodies, and what Nova says of one that isn't there.

    ``made_of`` are the field of a create that names another thing, that thing's noun, and the status by which
    Nova refuses one that isn't in its pod. ``done`` is the status of a delete.
    """

    path: str
    listed_as: str
    member: str
    absent: str
    done: int = 202
    made_of: tuple[str, str, int] | None = None
    details: bool = False


NOUNS = (
    Noun("os-security-groups", "security_groups", "security_group", "Security group {} does not exist"),
    Noun(
        "os-security-group-rules",
        "security_group_rules",
        "security_group_rule",
        "Security group rule {} does not exist",
        made_of=("parent_group_id", "os-security-groups", 404),
    ),
    Noun("os-floating-ips", "floating_ips", "floating_ip", "Floating IP not found for ID {}"),
    Noun("os-volumes", "volumes", "volume", "Volume {} could not be found.", details=True),
    Noun(
        "os-snapshots",
        "snapshots",
        "snapshot",
        "Snapshot {} could not be found.",
        made_of=("volume_id", "os-volumes", 500),
        details=True,
    ),
)


class ProxiedApi:
    """Serves a project what it made; an admin sees that of all projects."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-floating-ip-pools", self._pools)
        router.add("GET", "/os-baremetal-nodes", self._nodes)
        for path in ("os-networks", "os-tenant-networks"):
            router.add("GET", f"/{path}", self._networks)
            router.add("GET", f"/{path}/{{id}}", self._network)
        for noun in NOUNS:
            _NounApi(self._state, noun).add_to(router)

    def _pools(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        return Reply(200, {"floating_ip_pools": [{"name": POOL}]})

    def _nodes(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        call.needs_admin("os-baremetal-nodes:list")
        return Reply(200, {"nodes": []})

    def _networks(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        return Reply(200, {"networks": [self._one_network()]})

    def _network(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        if call.vars["id"] != self._one_network()["id"]:
            raise Fault(404, "Network not found")
        return Reply(200, {"network": self._one_network()})

    def _one_network(self) -> Json:
        return {"id": self._state.network.id, "label": self._state.network.name, "cidr": "None"}


@dataclass(frozen=True)
class _NounApi:
    state: NovaState
    noun: Noun

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", f"/{self.noun.path}", self._list)
        router.add("POST", f"/{self.noun.path}", self._create)
        router.add("GET", f"/{self.noun.path}/{{id}}", self._show)
        router.add("PUT", f"/{self.noun.path}/{{id}}", self._update)
        router.add("DELETE", f"/{self.noun.path}/{{id}}", self._delete)
        if self.noun.details:
            router.add("GET", f"/{self.noun.path}/detail", self._list)

    def _list(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        every = call.caller.is_admin and "all_tenants" in call.request.query
        rows = [row for row in self._rows().values() if every or row["tenant_id"] == call.project_id]
        span = {}
        for key in ("limit", "offset"):
            text = call.request.first(key) or "0"
            if not text.isdigit():
                raise Fault(400, f"Invalid input for query parameters {key}. Value: {text}.")
            span[key] = int(text)
        limit = min(span["limit"] or 1000, 1000)
        return Reply(200, {self.noun.listed_as: rows[span["offset"] : span["offset"] + limit]})

    def _create(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        order = call.request.json().get(self.noun.member) or {}
        if self.noun.made_of is not None:
            field, path, status = self.noun.made_of
            found = self.state.proxied.get(path, {}).get(str(order.get(field)))
            if found is None or not _sees(call, found):
                raise Fault(status, f"{order.get(field)} is not here.")
        row: Json = {"id": self.state.ids.uuid(), "tenant_id": call.project_id, **order}
        self._rows()[row["id"]] = row
        return Reply(200, {self.noun.member: row})

    def _show(self, call: NovaCall) -> Reply:
        return Reply(200, {self.noun.member: self._one(call)})

    def _update(self, call: NovaCall) -> Reply:
        row = self._one(call)
        row.update(call.request.json().get(self.noun.member) or {})
        return Reply(200, {self.noun.member: row})

    def _delete(self, call: NovaCall) -> Reply:
        del self._rows()[self._one(call)["id"]]
        return Reply(self.noun.done)

    def _one(self, call: NovaCall) -> Json:
        _until_2_36(call)
        row = self._rows().get(call.vars["id"])
        if row is None or not _sees(call, row):
            raise Fault(404, self.noun.absent.format(call.vars["id"]))
        return row

    def _rows(self) -> dict[str, Json]:
        return self.state.proxied.setdefault(self.noun.path, {})


def _sees(call: NovaCall, row: Json) -> bool:
    return bool(call.caller.is_admin or row["tenant_id"] == call.project_id)


def _until_2_36(call: NovaCall) -> None:
    if call.minor > LAST_MINOR:
        raise Fault(404, "The resource could not be found.")
