"""Decision versus Nova: how many times faster a decision is than Nova's pass over as many hosts.

Both run in turns, some warm decisions and one warm pass, so that a busy machine slows both; what is
compared are the medians of all, in CPU time.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench import decision
from bench.figure import Figure

REPETITIONS = {10: 200, 100: 60, 1000: 25, 10_000: 7}
WARM_UP = 2
OURS_A_TURN = 5  # as many short ones; every single one counts, so that both medians mean the same


def measure() -> list[Figure]:
    """One figure a size. Raises FileNotFoundError where Nova's virtualenv is missing."""
    with _nova() as nova:
        return [_compare(count, nova) for count in decision.SIZES]


def _compare(count: int, nova: subprocess.Popen[str]) -> Figure:
    pods, spec = decision.pods(count), decision.spec()
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(WARM_UP + REPETITIONS[count]):
        took = [decision.seconds(pods, spec) for _ in range(OURS_A_TURN)]
        nova_took = _ask(nova, count)
        if turn >= WARM_UP:
            ours += took
            theirs.append(nova_took)
    ratio = median(theirs) / median(ours)
    details = f"{median(ours) * 1e3:9.3f} ms against {median(theirs) * 1e3:9.2f} ms"
    of = f"Nova 34's filter and weigher pass over {count} hosts over our decision over {count} pods"
    return Figure(f"decision_vs_nova_{count}", round(ratio, 1), "ratio", of, details)


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
