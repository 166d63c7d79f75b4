"""Resource affinity: does the pod carry the tags that the flavor asks for?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import About, Filter, HoldsFor, Rejection, Scope


@dataclass(frozen=True)
class ResourceAffinityFilter(Filter):
    """Reject a pod that lacks a tag asked for; a tagged pod takes no request without tags.

    Tags that a pod carries beyond those asked for don't matter.
    """

    name: ClassVar[str] = "resource_affinity"
    about: ClassVar[About] = About.TAGS
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = "doesn't fit the flavor's affinity"
    sentences: ClassVar[dict[str, str]] = {
        "tag_missing": "lacks the tag {0}={1} that the flavor asks for",
        "tagged": "is kept for flavors that ask for {0}",
    }

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """The first missing tag, in the order of their names, is the one told."""
        asked, carried = spec.affinity_tags, pod.affinity_tags
        if not asked:
            if not carried:
                return None
            return Rejection(self.name, Scope.POD, "tagged", (_written(carried),))
        for key in sorted(asked):
            if carried.get(key) != asked[key]:
                return Rejection(self.name, Scope.POD, "tag_missing", (key, asked[key]))
        return None


def _written(tags: Mapping[str, str]) -> str:
    """The first few: rejections are kept in numbers."""
    few = sorted(tags)[:3]
    return ", ".join(f"{key}={tags[key]}" for key in few) + (", ..." if len(tags) > len(few) else "")
