"""Stubs: what we remember of the resources of a pod that doesn't answer, in its place in a list."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile

from chalicelib.model.pod import Pod
from chalicelib.model.resource import ResourceRow
from chalicelib.service.asking.pages import Listed
from chalicelib.service.kinds.walk import Walk
from chalicelib.service.ports import LocationStore


def stubs_of(pod: Pod, walk: Walk, locations: LocationStore) -> list[Listed]:
    """Rows made of locations, from the marker's row on if the pod has it, else those that stand behind it.

    Only what the list surely has is among them, and only at a place that the stub itself shows.
    """
    rows = {row["id"]: Listed(pod, row) for row in _selected(pod, walk, locations)}
    start = walk.start_in(pod)
    if start is not None:
        rows[start.row["id"]] = start
    in_order = sorted(rows.values(), key=lambda listed: walk.order.position_in_pod(listed.row))
    if start is not None:
        return list(dropwhile(lambda listed: listed is not start, in_order))
    return [listed for listed in in_order if walk.is_behind(listed)]


def _selected(pod: Pod, walk: Walk, locations: LocationStore) -> Iterator[ResourceRow]:
    stubs, identity = walk.resource.stubs, walk.caller.identity
    if stubs is None:
        return
    if walk.everywhere:
        known = locations.of_pod(pod.pod_id)
    else:
        known = locations.of_project(identity.project_id, pod.pod_id)
    for location in known:
        if stubs.is_selected(location, walk.query.filters, identity.is_admin, walk.everywhere):
            row = stubs.row(location)
            if walk.order.is_shown_by(row):
                yield row
