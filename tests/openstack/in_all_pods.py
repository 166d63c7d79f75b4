"""In all pods: the images and flavors that a server may name wherever it goes."""

from __future__ import annotations

from typing import Any

from tests.openstack.cloud import Cloud
from tests.openstack.site import Site

Row = dict[str, Any]


def flavors(ground: Site, admin: Cloud) -> list[Row]:
    """The flavors whose ids all pods have, the smallest first."""
    shared = _shared([admin.ask_pod(r, "GET", "/flavors/detail").json()["flavors"] for r in ground.regions])
    assert shared, f"no flavor has the same id in {', '.join(ground.regions)}"
    return sorted(shared, key=lambda flavor: (flavor["ram"], flavor["vcpus"], flavor["disk"]))


def images(ground: Site, admin: Cloud) -> list[Row]:
    """The public images whose ids all pods have."""
    shared = _shared([admin.images_in(region) for region in ground.regions])
    assert shared, f"no public image has the same id in {', '.join(ground.regions)}"
    return shared


def _shared(rows: list[list[Row]]) -> list[Row]:
    """Those of the first pod's rows whose ids all other pods have too."""
    ids = set.intersection(*({row["id"] for row in each} for each in rows))
    return [row for row in rows[0] if row["id"] in ids]
