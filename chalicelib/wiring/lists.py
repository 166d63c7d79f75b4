"""Lists: what answers them from several pods, on given adapters."""

from __future__ import annotations

from chalicelib.service.asking.dates import Dates
from chalicelib.service.kinds.locating import Locating
from chalicelib.service.kinds.lost_markers import LostMarkers
from chalicelib.service.kinds.markers import Markers
from chalicelib.service.kinds.merged import Merged
from chalicelib.service.kinds.merged_by_id import MergedById
from chalicelib.service.kinds.merged_held import MergedHeld
from chalicelib.service.kinds.merged_in_order import MergedInOrder
from chalicelib.service.kinds.pod_rows import PodRows
from chalicelib.service.kinds.used_pods import UsedPods
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.shared import Shared


def merged(outside: Adapters, chosen: Settings, shared: Shared) -> Merged:
    """What merges the pods' lists."""
    seconds = chosen.list_timeout_seconds
    lost = LostMarkers(shared.located, shared.client, shared.fan_out, seconds)
    in_order = MergedInOrder(
        locations=outside.locations,
        locating=Locating(outside.locations, outside.clock),
        located=shared.located,
        markers=Markers(shared.roster, outside.locations, shared.located, shared.client, lost, seconds),
        rows=PodRows(shared.client, Dates(), seconds),
        fan_out=shared.fan_out,
        deadline_seconds=seconds,
    )
    by_id = MergedById(shared.roster, shared.client, shared.fan_out, seconds)
    held = MergedHeld(used(shared), shared.client, shared.fan_out, seconds)
    return Merged(in_order, by_id, held)


def used(shared: Shared) -> UsedPods:
    """The pods that a project uses."""
    return UsedPods(shared.located, shared.home_pods)
