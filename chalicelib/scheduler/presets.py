"""Presets: the profiles that come with the product, as documents; what one doesn't say is the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SPREAD_WEIGHERS: Mapping[str, float] = {
    "idle_capacity": 1.0,
    "creation_time": 0.0,
    "current_binding": 0.5,
    "static_weight": 1.0,
    "build_failure": 10.0,
    "freshness": 0.1,
}
DOCUMENTS: Mapping[str, Mapping[str, Any]] = {
    "spread": {"weighers": SPREAD_WEIGHERS, "tie_margin": 0.05, "tie_break": "hash"},
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
}
