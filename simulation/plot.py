"""Plot: how full each pod was over time, a panel for each scenario, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite
from pathlib import Path
from typing import Any, NamedTuple

from simulation.run import Outcome

MINUTE, HOUR = 60.0, 3600.0
PANEL_INCHES = (9.0, 2.6)
NAMES_AN_INCH = 4  # in a column of the legend
STYLES = ("solid", "dashed", "dotted", "dashdot")  # the next one is taken when all colours are used up
# So that the same outcomes give the same file: ids in it follow from this salt, and no date is written.
STEADY: Any = {"svg.hashsalt": "trio2o", "svg.fonttype": "none"}
NO_DATE = {"Date": None, "Creator": None}


class _Axis(NamedTuple):
    """The axis of time: in minutes for a workload of up to two hours, else in hours."""

    seconds: float
    unit: str


def write_fills(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write an SVG with one panel below the other, all with the same axes: time, and fill in percent."""
    # Imported late, since it takes a second.
    import matplotlib
    from matplotlib.figure import Figure

    samples = [sample for outcome in outcomes for sample in outcome.samples]
    pods = sorted({sample.pod for sample in samples})
    lasts = max((sample.at for sample in samples), default=0.0)
    axis = _Axis(HOUR, "hours") if lasts > 2 * HOUR else _Axis(MINUTE, "minutes")
    width, height = PANEL_INCHES[0], 0.8 + PANEL_INCHES[1] * len(outcomes)
    columns = max(1, ceil(len(pods) / (height * NAMES_AN_INCH)))
    with matplotlib.rc_context(STEADY):
        figure = Figure(figsize=(width + columns - 1, height), layout="constrained")
        panels = figure.subplots(len(outcomes), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for panel, outcome in zip(panels, outcomes, strict=True):
            _draw(panel, outcome, pods, axis)
        fullest = max((100 * sample.fill for sample in samples if isfinite(sample.fill)), default=0.0)
        panels[0].set_ylim(0, max(100.0, 1.05 * fullest))
        panels[-1].set_xlabel(f"{axis.unit} since the workload began")
        names = [pod.replace("$", r"\$") for pod in pods]  # matplotlib takes $...$ for mathematics
        lines = panels[0].get_lines()
        figure.legend(lines, names, loc="outside right upper", frameon=False, ncols=columns)
        figure.suptitle("Fill of each pod")
        figure.savefig(path, format="svg", metadata=NO_DATE)


def _draw(panel: Any, outcome: Outcome, pods: Sequence[str], axis: _Axis) -> None:
    import matplotlib

    palette: Any = matplotlib.colormaps["tab10" if len(pods) <= 10 else "tab20"]
    colours = palette.colors
    for index, pod in enumerate(pods):
        samples = [sample for sample in outcome.samples if sample.pod == pod]
        times, fills = [s.at / axis.seconds for s in samples], [100 * s.fill for s in samples]
        panel.plot(
            times,
            fills,
            color=colours[index % len(colours)],
            linestyle=STYLES[index // len(colours) % len(STYLES)],
            linewidth=1.3,
        )
    panel.set_title(outcome.scenario.name, loc="left", fontsize="medium")
    panel.set_ylabel("full")
    panel.yaxis.set_major_formatter("{x:.0f} %")
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)
