"""Plot: how full each pod was over time, a panel for each scenario, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulation.run import Outcome

HOUR = 3600.0
PANEL_INCHES = (9.0, 2.6)
# The same outcomes give the same file: ids are hashed with this, and no date is written.
STEADY: Any = {"svg.hashsalt": "trio2o", "svg.fonttype": "none"}
NO_DATE = {"Date": None, "Creator": None}


def write_fills(path: Path, outcomes: Sequence[Outcome]) -> None:
    """One panel below the other, on the same axes; hours since the workload began, fill in percent."""
    # Imported late: it takes a second, and those who only want the table shouldn't wait.
    import matplotlib
    from matplotlib.figure import Figure

    pods = sorted({sample.pod for outcome in outcomes for sample in outcome.samples})
    width, height = PANEL_INCHES
    with matplotlib.rc_context(STEADY):
        figure = Figure(figsize=(width, 0.8 + height * len(outcomes)), layout="constrained")
        panels = figure.subplots(len(outcomes), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for panel, outcome in zip(panels, outcomes, strict=True):
            _draw(panel, outcome, pods)
        panels[-1].set_xlabel("hours since the workload began")
        lines, names = panels[0].get_legend_handles_labels()
        figure.legend(lines, names, loc="outside right upper", frameon=False)
        figure.suptitle("Fill of each pod")
        figure.savefig(path, format="svg", metadata=NO_DATE)


def _draw(panel: Any, outcome: Outcome, pods: Sequence[str]) -> None:
    import matplotlib

    palette: Any = matplotlib.colormaps["tab10" if len(pods) <= 10 else "tab20"]
    colours = palette.colors
    for place, pod in enumerate(pods):
        samples = [sample for sample in outcome.samples if sample.pod == pod]
        hours, fills = [s.at / HOUR for s in samples], [100 * s.fill for s in samples]
        panel.plot(hours, fills, label=pod, color=colours[place % len(colours)], linewidth=1.3)
    panel.set_title(outcome.scenario.name, loc="left", fontsize="medium")
    panel.set_ylabel("full")
    panel.set_ylim(0, 100)
    panel.yaxis.set_major_formatter("{x:.0f} %")
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)
