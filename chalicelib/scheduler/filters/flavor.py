"""Flavor: does the pod offer the flavor to this project, in the same size?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Rejection, Scope


@dataclass(frozen=True)
class FlavorFilter:
    """Reject a pod that can't boot the flavor asked for.

    A pod whose flavors were never read passes: its own Nova has the last word.
    """

    name: ClassVar[str] = "flavor"
    reason: ClassVar[str] = "doesn't offer the flavor"
    sentences: ClassVar[dict[str, str]] = {
        "missing": "doesn't know the flavor {0}",
        "not_offered": "doesn't offer the flavor {0} to this project",
        "other_size": "has the flavor {0} in another size: {1}, and {2} was asked for",
    }

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """The flavor's extra specs may differ: only its size and access count."""
        if pod.catalogue is None:
            return None
        asked = spec.flavor
        offered = pod.catalogue.get(asked.flavor_id)
        if offered is None:
            return Rejection(self.name, Scope.REQUEST, "missing", (asked.flavor_id,))
        if offered.project_ids is not None and spec.project_id not in offered.project_ids:
            return Rejection(self.name, Scope.REQUEST, "not_offered", (asked.flavor_id,))
        if (  # ``size`` compared without building it: each create asks every pod
            offered.vcpus == asked.vcpus
            and offered.ram_mb == asked.ram_mb
            and offered.root_gb == asked.root_gb
            and offered.ephemeral_gb == asked.ephemeral_gb
            and offered.swap_mb == asked.swap_mb
        ):
            return None
        numbers = (asked.flavor_id, _written(offered.size), _written(asked.size))
        return Rejection(self.name, Scope.REQUEST, "other_size", numbers)


def _written(size: tuple[int, int, int, int, int]) -> str:
    vcpus, ram_mb, root_gb, ephemeral_gb, swap_mb = size
    disks = f"{root_gb}+{ephemeral_gb} GB" if ephemeral_gb else f"{root_gb} GB"
    swap = f", {swap_mb} MB swap" if swap_mb else ""
    return f"{vcpus} vcpus, {ram_mb} MB, {disks}{swap}"
