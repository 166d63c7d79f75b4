"""Comparison: several outcomes of one workload side by side, as a table and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from simulation.run import Outcome


class Row(NamedTuple):
    """One scenario in numbers.

    ``rejected`` counts the creates that got no server, ``moved`` the updates of bindings by creates, and
    ``elsewhere`` the bindings that are to another pod at the end than in the first scenario. Fills are
    fractions: the mean over all samples and pods, and the highest of any pod; 0.0 without any sample.
    """

    scenario: str
    created: int
    rejected: int
    bound: int
    moved: int
    diverted: int
    elsewhere: int
    mean_fill: float
    peak_fill: float
    why_rejected: str


def rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """A row for each outcome, in the order given; the others are compared with the first."""
    return [_row(outcome, outcomes[0]) for outcome in outcomes]


def table(outcomes: Sequence[Outcome]) -> str:
    """The rows, and then how full each pod was on average, as text for a terminal."""
    header = [name.replace("_", " ") for name in Row._fields]
    summary = [header, *([_shown(value) for value in row] for row in rows(outcomes))]
    pods = sorted({sample.pod for outcome in outcomes for sample in outcome.samples})
    fills = [["mean fill of", *pods]]
    for outcome in outcomes:
        means = (_mean(outcome, pod) for pod in pods)
        fills.append([outcome.scenario.name, *("-" if mean is None else _shown(mean) for mean in means)])
    return f"{_aligned(summary)}\n\n{_aligned(fills)}"


def write_summary(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write the rows as CSV."""
    with path.open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(Row._fields)
        for row in rows(outcomes):
            lines.writerow([f"{value:.4f}" if isinstance(value, float) else value for value in row])


def write_fills(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write every sample as CSV; ``time`` is in seconds since the workload began."""
    with path.open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["scenario", "time", "pod", "fill"])
        for outcome in outcomes:
            for at, pod, fill in outcome.samples:
                lines.writerow([outcome.scenario.name, f"{at:.0f}", pod, f"{fill:.4f}"])


def _row(outcome: Outcome, first: Outcome) -> Row:
    fills = [sample.fill for sample in outcome.samples]
    both = outcome.bound.keys() & first.bound.keys()
    refused = sorted(outcome.refused.items())
    return Row(
        scenario=outcome.scenario.name,
        created=outcome.actions.total(),
        rejected=outcome.refused.total(),
        bound=outcome.actions["create"],
        moved=outcome.actions["update"],
        diverted=outcome.actions["divert"],
        elsewhere=sum(outcome.bound[key] != first.bound[key] for key in both),
        mean_fill=sum(fills) / len(fills) if fills else 0.0,
        peak_fill=max(fills, default=0.0),
        why_rejected="; ".join(f"{number} {why}" for why, number in refused),
    )


def _mean(outcome: Outcome, pod: str) -> float | None:
    fills = [sample.fill for sample in outcome.samples if sample.pod == pod]
    return sum(fills) / len(fills) if fills else None


def _shown(value: object) -> str:
    return f"{value:.0%}" if isinstance(value, float) else str(value)


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = (
        "  ".join(
            cell.ljust(width) if index in (0, len(widths)) else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
    return "\n".join(line.rstrip() for line in shown)
