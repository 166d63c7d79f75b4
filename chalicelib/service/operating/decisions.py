"""Decisions: why a project went where it went, and where it would go now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.model.affinity import affinity_group
from chalicelib.model.errors import InvalidField
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import Profile
from chalicelib.service.asking.roster import serves
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.ports import (
    BindingStore,
    Clock,
    DecisionStore,
    Ids,
    Page,
    PodStore,
    ProfilesInForce,
)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A create to decide about without making it.

    ``flavor_id`` names a flavor of the pods; ``flavor`` is a size that need not exist anywhere.
    ``profile`` None is the one in force. An empty ``az_name`` asks for no zone.
    """

    project_id: str
    flavor_id: str = ""
    flavor: Flavor | None = None
    az_name: str = ""
    count: int = 1
    boots_from_volume: bool = False
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """Kept decisions, and dry runs, which keep nothing."""

    decisions: DecisionStore
    pods: PodStore
    bindings: BindingStore
    profiles: ProfilesInForce
    troubles: Troubles
    clock: Clock
    ids: Ids
    default_az_name: str = ""

    def list(self, project_id: str = "", page: Page = Page(limit=50)) -> list[Decision]:
        """Newest first; of all projects when none is named. Raises InvalidField for an unknown marker."""
        return self.decisions.list(project_id, page)

    def get(self, decision_id: str) -> Decision:
        """Raises NotFound, also when it expired."""
        return self.decisions.get(decision_id)

    def dry_run(self, what_if: WhatIf, request_id: str = "") -> Decision:
        """The decision that a create would get now; nothing is written.

        Raises InvalidField when no pod offers the flavor to the project.
        """
        flavor, pods = _resolved(what_if, self.pods.list())
        spec = RequestSpec(
            project_id=what_if.project_id,
            flavor=flavor,
            need=flavor.need(what_if.boots_from_volume).times(what_if.count),
            requested_at=self.clock(),
            az_name=what_if.az_name or self.default_az_name or None,
            count=what_if.count,
            request_id=request_id,
            bindings=tuple(
                self.bindings.of_project(what_if.project_id, affinity_group(flavor.affinity_tags))
            ),
        )
        spec = self.troubles.noted_in(spec, pods)
        return decide(snapshot_of(pods), spec, what_if.profile or self.profiles.get(spec.az_name), self.ids())


def _resolved(what_if: WhatIf, pods: Sequence[Pod]) -> tuple[Flavor, Sequence[Pod]]:
    """The flavor and the pods as the create would see them; the oldest pod's size counts."""
    if what_if.flavor is not None:
        return what_if.flavor, [_offering(pod, what_if.flavor) for pod in pods]
    for pod in pods:
        flavor = (pod.catalogue or {}).get(what_if.flavor_id)
        if flavor is None or not serves(pod, what_if.project_id):
            continue
        if flavor.offered_to(what_if.project_id):
            return flavor, pods
    raise InvalidField(
        "flavor_id", f"no pod's catalogue offers the flavor {what_if.flavor_id} to {what_if.project_id}"
    )


def _offering(pod: Pod, flavor: Flavor) -> Pod:
    # A size that exists nowhere is judged as if every pod had it.
    if pod.catalogue is None:
        return pod
    return replace(pod, catalogue={**pod.catalogue, flavor.flavor_id: flavor})
