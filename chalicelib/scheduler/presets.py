"""Presets: the profiles that come with the product, as documents; what one doesn't say is the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Volumes, networks and snapshots don't follow a binding. So the bound pod weighs more than all else together
# can weigh for another one (2.1 and the tie margin), but for failed builds: it is left when it refuses.
SPREAD_WEIGHERS: Mapping[str, float] = {
    "idle_capacity": 1.0,
    "creation_time": 0.0,
    "current_binding": 2.5,
    "static_weight": 1.0,
    "build_failure": 10.0,
    "freshness": 0.1,
}
_SPREAD: Mapping[str, Any] = {"weighers": SPREAD_WEIGHERS, "tie_margin": 0.05, "tie_break": "hash"}
DOCUMENTS: Mapping[str, Mapping[str, Any]] = {
    "spread": _SPREAD,
    "first_fit": {
        "weighers": {
            **SPREAD_WEIGHERS,
            "idle_capacity": 0.0,
            "creation_time": 1.0,
            "current_binding": 2.0,
        },
        "tie_margin": 0.0,
        "tie_break": "created_at",
    },
    "pack": {
        "weighers": {**SPREAD_WEIGHERS, "idle_capacity": -1.0},
        "tie_margin": 0.0,
        "tie_break": "hash",
    },
    # The binding follows the best pod, at each create.
    "follow_best": {**_SPREAD, "weighers": {**SPREAD_WEIGHERS, "current_binding": 0.0}},
}
