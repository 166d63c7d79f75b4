"""``python -m bench [module ...]``: run the benchmarks, print a table, write ``bench/results.json``."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from bench.figure import Figure

MODULES = (
    "bench.decision_vs_nova",
    "bench.snapshot",
    "bench.create",
    "bench.show",
    "bench.lists",
    "bench.herd",
)  # each has measure() -> list[Figure]
RESULTS = Path(__file__).with_name("results.json")


def main(names: Sequence[str]) -> int:
    """Run the benchmarks. The exit status: 0 when every one ran, 1 when one doesn't exist."""
    missing = [name for name in names if find_spec(name) is None]
    figures: list[Figure] = []
    for name in names:
        if name not in missing:
            figures += _shown(importlib.import_module(name).measure())
    results = {f.name: {"value": f.value, "unit": f.unit, "of": f.of} for f in figures}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    for name in missing:
        print(f"not run: {name} doesn't exist", file=sys.stderr)
    return 1 if missing else 0


def _shown(figures: list[Figure]) -> list[Figure]:
    for figure in figures:
        print(f"{figure.name:24} {figure.value:8.1f} {figure.unit}   {figure.details}", flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or MODULES))
