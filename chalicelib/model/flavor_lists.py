"""Flavor lists: what Nova sorts flavors by, and which field of a row shows it."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.model.list_order import SortKey, folded

# Every key that Nova takes and a row shows. Not shown are created_at, updated_at, vcpu_weight, and id, the
# number of the flavor in the pod's own database.
SORT_KEYS: Mapping[str, SortKey] = {
    "flavorid": SortKey("id", folded),
    "name": SortKey("name", folded),
    "description": SortKey("description", folded),
    "memory_mb": SortKey("ram", is_sure=True),
    "vcpus": SortKey("vcpus", is_sure=True),
    "root_gb": SortKey("disk", is_sure=True),
    "ephemeral_gb": SortKey("OS-FLV-EXT-DATA:ephemeral", is_sure=True),
    "swap": SortKey("swap", lambda swap: swap or 0, is_sure=True),  # below 2.75 none is shown as ""
    "rxtx_factor": SortKey("rxtx_factor", is_sure=True),
    "is_public": SortKey("os-flavor-access:is_public", is_sure=True),
    "disabled": SortKey("OS-FLV-DISABLED:disabled", is_sure=True),
}
