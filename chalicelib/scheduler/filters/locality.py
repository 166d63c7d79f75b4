"""Locality: is all that the request names in this pod?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import About, Filter, Rejection, Scope


@dataclass(frozen=True)
class LocalityFilter(Filter):
    """Reject a pod that lacks a volume, network, image, host or the like that the request names.

    A server can't use them from another pod, and they don't move with a binding.
    """

    name: ClassVar[str] = "locality"
    reason: ClassVar[str] = "doesn't hold what the request names"
    about: ClassVar[About] = About.NAMED
    sentences: ClassVar[dict[str, str]] = {"elsewhere": "doesn't hold the {0} that the request names"}

    def applies(self, spec: RequestSpec) -> bool:
        """Only when the request names something that exists somewhere."""
        return bool(spec.pinned_pod_ids)

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """The first that isn't there, in the request's order, is the one told."""
        for resource, pod_ids in spec.pinned_pod_ids.items():
            if pod.pod_id not in pod_ids:
                return Rejection(self.name, Scope.REQUEST, "elsewhere", (resource,))
        return None
