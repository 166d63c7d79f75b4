"""Flavors: reads a pod's catalogue, with extra specs, and with the projects that may use a private flavor."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.openstack.client import segment
from chalicelib.adapters.openstack.sdk import each, listed
from chalicelib.adapters.openstack.trusted import MOST, MOST_VCPUS, mapping, rows, text, whole
from chalicelib.model.affinity import MOST_GROUP_LETTERS, affinity_group, tags_asked
from chalicelib.model.capacity import Catalogue
from chalicelib.model.errors import UntrustedReport
from chalicelib.model.flavor import Flavor

if TYPE_CHECKING:
    from openstack.connection import Connection

MOST_FLAVORS = 5000
MOST_EXTRA_SPECS = 128
_MOST_LETTERS = 255  # Nova's own bound of an extra spec's key and of its value
MICROVERSION = "2.61"  # the first that lists extra specs; all pods we refresh speak it


def read_catalogue(connection: Connection) -> Catalogue:
    """All flavors by id. It takes a call for each page and one for each private flavor."""
    from openstack.compute.v2.flavor import Flavor as FlavorResource

    pages = listed(FlavorResource, connection.compute, microversion=MICROVERSION)
    shown = list(islice(pages, MOST_FLAVORS + 1))
    if len(shown) > MOST_FLAVORS:
        raise UntrustedReport(f"the pod has more than {MOST_FLAVORS} flavors")
    private = [text(row.get("id"), "flavor id") for row in shown if not _is_public(row)]
    granted = each(lambda flavor_id: _projects(connection, flavor_id), private)
    access = dict(zip(private, granted, strict=True))
    flavors = (read_flavor(row, access.get(str(row.get("id")))) for row in shown)
    return {flavor.flavor_id: flavor for flavor in flavors}


def _is_public(row: Mapping[str, Any]) -> bool:
    return row.get("os-flavor-access:is_public") is True


def _projects(connection: Connection, flavor_id: str) -> frozenset[str]:
    """The projects that may use a private flavor; none when it was deleted meanwhile.

    This doesn't use the SDK's own method, which doesn't quote the id and reads an answer without a list as
    an empty list.
    """
    path = f"/flavors/{segment(flavor_id)}/os-flavor-access"
    answer = connection.compute.get(path, microversion=MICROVERSION)
    if answer.status_code == 404:
        return frozenset()
    granted = rows(answer.json().get("flavor_access"), "flavor_access")
    return frozenset(text(row.get("tenant_id"), "tenant_id") for row in granted)


def read_flavor(row: Mapping[str, Any], project_ids: frozenset[str] | None) -> Flavor:
    """Read a flavor as Nova shows it. Raises UntrustedReport."""
    extra_specs = mapping(row.get("extra_specs") or {}, "extra_specs")
    if len(extra_specs) > MOST_EXTRA_SPECS:
        raise UntrustedReport(f"a flavor has {len(extra_specs)} extra specs, limit {MOST_EXTRA_SPECS}")
    specs = dict(_extra_spec(key, value) for key, value in extra_specs.items())
    if len(affinity_group(tags_asked(specs))) > MOST_GROUP_LETTERS:
        raise UntrustedReport(f"a flavor's affinity tags are over {MOST_GROUP_LETTERS} letters together")
    return Flavor(
        flavor_id=text(row.get("id"), "flavor id"),
        name=text(row.get("name"), "flavor name"),
        vcpus=whole(row.get("vcpus"), "vcpus", MOST_VCPUS),
        ram_mb=whole(row.get("ram"), "ram", MOST),
        root_gb=whole(row.get("disk"), "disk", MOST),
        ephemeral_gb=whole(row.get("OS-FLV-EXT-DATA:ephemeral", 0), "ephemeral", MOST),
        swap_mb=whole(row.get("swap") or 0, "swap", MOST),  # Nova says "" for none
        extra_specs=specs,
        project_ids=project_ids,
    )


def _extra_spec(key: object, value: object) -> tuple[str, str]:
    name, held = text(key, "extra spec"), str(value)
    if max(len(name), len(held)) > _MOST_LETTERS:
        raise UntrustedReport(f"the extra spec {name[:40]} is over {_MOST_LETTERS} letters")
    return name, held
