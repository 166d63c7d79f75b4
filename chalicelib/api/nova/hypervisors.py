"""Hypervisors of all pods: their ids are whole numbers up to microversion 2.52, then UUIDs."""

from __future__ import annotations

from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operator_pages import page
from chalicelib.api.nova.operators import by_number, gather, host_in_path, shown, version_of
from chalicelib.model.errors import NotFound
from chalicelib.model.microversion import Microversion
from chalicelib.service.kinds.all_pods import Wanted

PAGES, UUIDS = Microversion(2, 33), Microversion(2, 53)
_ALL = Wanted("hypervisors", "id")
_PATTERN = "hypervisor_hostname_pattern"


def list_hypervisors(call: Call) -> Reply:
    """All of them, with details where the path says so. Nova has no pages of what a pattern selects."""
    version = version_of(call)
    if version >= PAGES and not (version >= UUIDS and _PATTERN in call.query):
        return page(call, _ALL, "marker [{}] not found")
    found = gather(call, _ALL._replace(whole=True), host_keys=(_PATTERN,))
    return shown({"hypervisors": found.rows("hypervisors")}, found.partial)


def search_hypervisors(call: Call) -> Reply:
    """Those whose names match the path's pattern, with their servers where the path says so."""
    found = host_in_path(call, _ALL)
    return shown({"hypervisors": found.rows("hypervisors")}, found.partial)


def show_hypervisor(call: Call) -> Reply:
    """One hypervisor, or its uptime."""
    if version_of(call) < UUIDS:
        return by_number(
            call, "hypervisor", NotFound("Hypervisor with ID", f"'{call.path['hypervisor_id']}'")
        )
    return shown(gather(call, Wanted("hypervisor")).told[0].document)


def sum_hypervisors(call: Call) -> Reply:
    """The statistics of all pods, added up."""
    found = gather(call, Wanted("hypervisor_statistics"))
    told = [document["hypervisor_statistics"] for _, document in found.told]
    total = {key: sum(each.get(key) or 0 for each in told) for key in told[0]}
    return shown({"hypervisor_statistics": total}, found.partial)
