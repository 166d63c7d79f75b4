"""All pods: the filter that does nothing, for a profile that wants no rule at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Filter, HoldsFor, Rejection


@dataclass(frozen=True)
class AllPodsFilter(Filter):
    """Let every pod pass."""

    name: ClassVar[str] = "all_pods"
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = ""
    sentences: ClassVar[dict[str, str]] = {}

    def applies(self, spec: RequestSpec) -> bool:
        """Never: it rejects nobody."""
        return False

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        return None
