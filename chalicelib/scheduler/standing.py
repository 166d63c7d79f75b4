"""Standing: may a project use a pod at all, whatever it asks for? The rules of a create answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from chalicelib.model.affinity import SCOPE
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.registry import filters_about
from chalicelib.scheduler.rule import About, Rejection
from chalicelib.scheduler.sieve import rejections_of

_ACCESS = filters_about(About.ACCESS)
_BINDING = filters_about(About.ACCESS, About.TAGS, About.PROOF)
_WHENEVER = datetime(1970, 1, 1, tzinfo=UTC)


def may_use(pod: Pod, project_id: str) -> bool:
    """Whether the pod is open to the project."""
    return not rejections_of(pod, _asking(project_id), _ACCESS)


def misfits(pod: Pod, project_id: str, tags: Mapping[str, str]) -> tuple[Rejection, ...]:
    """What speaks against a binding of the project to the pod, in the affinity group that the tags name."""
    return rejections_of(pod, _asking(project_id, tuple(tags.items())), _BINDING)


@lru_cache(maxsize=1024)
def _asking(project_id: str, tags: tuple[tuple[str, str], ...] = ()) -> RequestSpec:
    """A request for nothing but the tags."""
    nothing = Flavor("", "", 0, 0, 0, extra_specs={SCOPE + key: value for key, value in tags})
    return RequestSpec(project_id, nothing, nothing.need(), _WHENEVER)
