"""Decision versus Nova: how many times faster a decision over pods is than Nova's pass over as many hosts.

Both are warm and run in turns, five decisions and one pass, so that a busy machine slows both. The medians
of their CPU time are compared.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench import decision
from bench.figure import Figure
from chalicelib.model.snapshot import snapshot_of

REPETITIONS = {10: 200, 100: 60, 1000: 25, 10_000: 7}
WARM_UP = 2
OURS_A_TURN = 5  # decisions before each pass of Nova; each is timed by itself, as the pass is


def measure() -> list[Figure]:
    """Measure a figure for each size, and the growth. Raises FileNotFoundError without Nova's virtualenv."""
    with _nova() as nova:
        compared = [_compare(count, nova) for count in decision.SIZES]
    return [figure for figure, _ in compared] + [_growth(dict(took for _, took in compared))]


def _compare(count: int, nova: subprocess.Popen[str]) -> tuple[Figure, tuple[int, float]]:
    pods, numbers = snapshot_of(decision.pods(count)), itertools.count()
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(WARM_UP + REPETITIONS[count]):
        took = [decision.seconds(pods, decision.spec(next(numbers))) for _ in range(OURS_A_TURN)]
        nova_took = _ask(nova, count)
        if turn >= WARM_UP:
            ours += took
            theirs.append(nova_took)
    ratio = median(theirs) / median(ours)
    details = f"{median(ours) * 1e3:9.3f} ms against {median(theirs) * 1e3:9.2f} ms"
    of = f"Nova 34's filter and weigher pass over {count} hosts over our decision over {count} pods"
    figure = Figure(f"decision_vs_nova_{count}", round(ratio, 1), "ratio", of, details)
    return figure, (count, median(ours))


def _growth(seconds: Mapping[int, float]) -> Figure:
    ratio = seconds[10_000] / seconds[100]
    of = "a warm decision over 10,000 pods over one over 100 pods, each of another project at another moment"
    details = f"{seconds[10_000] * 1e3:9.3f} ms against {seconds[100] * 1e3:9.3f} ms"
    return Figure("decision_growth_100_to_10000", round(ratio, 2), "ratio", of, details)


def _ask(nova: subprocess.Popen[str], count: int) -> float:
    assert nova.stdin is not None
    assert nova.stdout is not None
    nova.stdin.write(f"{count}\n")
    nova.stdin.flush()
    answer = nova.stdout.readline()
    if not answer:
        raise RuntimeError("Nova's pass ended early; its message is above")
    return float(answer)


@contextmanager
def _nova() -> Iterator[subprocess.Popen[str]]:
    here = Path(__file__).parent
    python = Path(os.environ.get("NOVA_PYTHON", here.parent / ".venv-nova" / "bin" / "python"))
    if not python.exists():
        raise FileNotFoundError(f"{python} is missing: `make bench` installs Nova there, or set NOVA_PYTHON")
    command = [str(python), str(here / "nova_pass.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
