"""Specs: what a create asks for, in the scheduler's words, put together in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import Binding
from chalicelib.model.flavor import Flavor
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.service.asking.troubles import Troubles


@dataclass(frozen=True, slots=True)
class Specs:
    """Makes the spec of a create, of its dry run, and of the create that stands for a binding.

    ``default_az_name`` is the zone of requests that ask for none; empty: any zone.
    """

    troubles: Troubles
    default_az_name: str = ""

    def zone(self, asked: str | None) -> str | None:
        """The zone that a request is for; None is any."""
        return asked or self.default_az_name or None

    def spec_for(
        self,
        project_id: str,
        flavor: Flavor,
        snapshot: Snapshot,
        requested_at: datetime,
        *,
        az_name: str | None = None,
        count: int = 1,
        boots_from_volume: bool = False,
        need_of_one: Amounts | None = None,
        request_id: str = "",
        bindings: Iterable[Binding] = (),
        pinned_pod_ids: Mapping[str, frozenset[str]] | None = None,
    ) -> RequestSpec:
        """The spec, with what is known of the troubles of the snapshot's pods.

        ``az_name`` is the request's ``zone``. ``need_of_one`` is what one server takes, where that
        doesn't follow from the flavor.
        """
        one = need_of_one or flavor.need(boots_from_volume)
        spec = RequestSpec(
            project_id=project_id,
            flavor=flavor,
            need=one.times(count),
            requested_at=requested_at,
            az_name=az_name,
            count=count,
            request_id=request_id,
            bindings=tuple(bindings),
            pinned_pod_ids=pinned_pod_ids or {},
        )
        return self.troubles.noted_in(spec, snapshot)
