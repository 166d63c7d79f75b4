"""Creation time: prefer the pod that has been there longest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Bounds

_HALF_SECONDS = 365 * 86_400.0


@dataclass(frozen=True)
class CreationTimeWeigher:
    """Weigh a pod by its age: age / (age + 365 days).

    Higher is older, from 0.0 (just created) towards 1.0; a year gives 0.5. The age is the pod's own
    and no rank, so that other pods coming and going change nothing.
    """

    name: ClassVar[str] = "creation_time"
    bounds: ClassVar[Bounds | None] = Bounds(0.0, 1.0)

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """A pod from the future, by a clock that is off, counts as just created."""
        age_seconds = max(0.0, (spec.requested_at - pod.created_at).total_seconds())
        return age_seconds / (age_seconds + _HALF_SECONDS)
