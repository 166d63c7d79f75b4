"""Pod query: what an operator may look for a pod by."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.pod import Pod, PodState


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
