"""Decisions: why a project went where it went, and where it would go now."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.affinity import affinity_group
from chalicelib.model.errors import InvalidField
from chalicelib.model.flavor import Flavor
from chalicelib.model.page import Page
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import Profile
from chalicelib.service.creating.flavors import in_catalogues, offering_everywhere
from chalicelib.service.creating.spec import Specs
from chalicelib.service.ports import BindingStore, Clock, DecisionStore, Ids, PodStore, ProfilesInForce


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
    specs: Specs
    clock: Clock
    ids: Ids

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
        zone, snapshot = self.specs.zone(what_if.az_name), snapshot_of(self.pods.list())
        if what_if.flavor is not None:
            flavor, snapshot = what_if.flavor, offering_everywhere(snapshot, what_if.flavor)
        else:
            flavor = _offered(what_if, snapshot)
        group = affinity_group(flavor.affinity_tags)
        spec = self.specs.spec_for(
            what_if.project_id,
            flavor,
            snapshot,
            self.clock(),
            az_name=zone,
            count=what_if.count,
            boots_from_volume=what_if.boots_from_volume,
            request_id=request_id,
            bindings=self.bindings.of_project(what_if.project_id, group),
        )
        return decide(snapshot, spec, what_if.profile or self.profiles.get(spec.az_name), self.ids())


def _offered(what_if: WhatIf, snapshot: Snapshot) -> Flavor:
    """The flavor as a create would find it in the pods' catalogues.

    Unlike a create, it asks no pod for a flavor that no catalogue shows, since that takes a tenant's token.
    """
    flavor = in_catalogues(snapshot, what_if.flavor_id, what_if.project_id)
    if flavor is None:
        raise InvalidField(
            "flavor_id",
            f"no pod's catalogue offers the flavor {what_if.flavor_id} to {what_if.project_id}",
        )
    return flavor
