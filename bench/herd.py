"""Herd: how evenly creates of new projects spread over equal pods between two refreshes."""

from __future__ import annotations

from bench.figure import Figure
from simulation import herd

CREATES, PODS = 2000, 100


def measure() -> list[Figure]:
    """Work out one figure. It is the same on every machine, since nothing is timed."""
    came = herd.run(CREATES, PODS)
    of = f"servers of the busiest of {PODS} equal pods over its fair share of {CREATES} new projects' creates"
    details = f"{max(came.servers.values())} servers against {came.fair_share:g}"
    return [Figure("herd_busiest_vs_fair", round(came.busiest_vs_fair, 2), "ratio", of, details)]
