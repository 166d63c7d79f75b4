"""Pod fields: what an operator may say of a pod, and by what he may look for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from chalicelib.model.pod import DiskKind, Pod, PodState
from chalicelib.model.window import Window


class PodFields(TypedDict, total=False):
    """What an operator may say of a pod; ``model.pod.Pod`` has the meanings and units."""

    pod_name: str
    az_name: str
    pod_az_name: str
    dc_name: str
    endpoints: Mapping[str, str]
    state: PodState
    affinity_tags: Mapping[str, str]
    weight: float
    headroom: float
    bind_watermark: float | None
    keep_watermark: float | None
    max_instances: int | None
    disk: DiskKind
    allocation_ratios: Mapping[str, float]
    reserved: Mapping[str, int]
    allowed_project_ids: frozenset[str]
    denied_project_ids: frozenset[str]
    windows: tuple[Window, ...]
    credential_ref: str


@dataclass(frozen=True, slots=True)
class PodQuery:
    """Which pods to list; None matches all. An empty ``az_name`` is the top region."""

    az_name: str | None = None
    state: PodState | None = None
    pod_name: str | None = None

    def matches(self, pod: Pod) -> bool:
        """Whether a pod is asked for."""
        wanted = ((self.az_name, pod.az_name), (self.state, pod.state), (self.pod_name, pod.pod_name))
        return all(asked is None or asked == held for asked, held in wanted)
