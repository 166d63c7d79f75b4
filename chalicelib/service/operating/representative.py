"""Representative: the create that a binding stands for, when it is moved without one."""

from __future__ import annotations

from urllib.parse import unquote

from chalicelib.model.affinity import GENERAL, SCOPE, affinity_group
from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import Binding
from chalicelib.model.flavor import Flavor
from chalicelib.model.page import Page
from chalicelib.model.pod import Pod
from chalicelib.service.ports import DecisionStore

LOOKED_THROUGH = 10
NOMINAL = "nominal"  # the id of a flavor that exists nowhere


def representative(binding: Binding, pod: Pod, decisions: DecisionStore) -> tuple[Flavor, Amounts]:
    """One server as the project's next create will most likely ask for it, and what it takes.

    It is that of the project's last kept create in this zone and group; else the pod's smallest flavor that
    leads to this group; else 1 vCPU and 1 GiB, a flavor that exists nowhere (``NOMINAL``).
    """
    for decision in decisions.list(binding.key.project_id, Page(limit=LOOKED_THROUGH)):
        spec = decision.spec
        where = decision.selected.pod.az_name if decision.selected else spec.az_name
        if where == binding.key.az_name and spec.affinity_group == binding.key.affinity_group:
            return spec.flavor, Amounts(*(amount // spec.count for amount in spec.need))
    offered = [flavor for flavor in (pod.catalogue or {}).values() if _leads_to(flavor, binding)]
    flavor = min(offered, key=lambda f: (f.vcpus, f.ram_mb, f.root_gb, f.flavor_id), default=None)
    flavor = flavor or _nominal(binding.key.affinity_group)
    return flavor, flavor.need()


def _leads_to(flavor: Flavor, binding: Binding) -> bool:
    group = affinity_group(flavor.affinity_tags)
    return group == binding.key.affinity_group and flavor.offered_to(binding.key.project_id)


def _nominal(group: str) -> Flavor:
    tags = [] if group == GENERAL else [tag.partition("=") for tag in group.split(",")]
    asks = {SCOPE + unquote(key): unquote(value) for key, _, value in tags}
    return Flavor(NOMINAL, NOMINAL, vcpus=1, ram_mb=1024, root_gb=0, extra_specs=asks)
