"""Flavor: does the pod offer the flavor to this project, in the same size?"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from chalicelib.model.flavor import written_size
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Filter, HoldsFor, Rejection, Scope

# Flavor.size, read by one call in C: each create asks every pod.
_size = attrgetter("vcpus", "ram_mb", "root_gb", "ephemeral_gb", "swap_mb")


@dataclass(frozen=True)
class FlavorFilter(Filter):
    """Reject a pod that can't boot the flavor asked for.

    A pod whose flavors were never read passes: its own Nova has the last word.
    """

    name: ClassVar[str] = "flavor"
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
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
        if offered.size == asked.size:
            return None
        numbers = (asked.flavor_id, written_size(offered.size), written_size(asked.size))
        return Rejection(self.name, Scope.REQUEST, "other_size", numbers)
