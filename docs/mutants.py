"""``python -m docs.mutants``: how the mutants of ``make mutants`` ended, by room; it draws samples, too."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import sqrt
from pathlib import Path
from random import Random

MUTATED = Path("mutants/chalicelib")
# mutmut's own statuses, by the exit code of pytest or of its worker.
_SURVIVED, _NO_TESTS = (0,), (5, 33)
_KILLED, _TIMED_OUT = (1, 3), (36, 24, -24, 152, 255)
_ENDS = ("killed", "timed out", "survived", "no test runs it")
_COLUMNS = ("room", "mutants", "judged", *_ENDS, "score", "95 % interval")

# By room, the mutants' names and the exit codes of their tests; None for those that were not tried.
Mutants = Mapping[str, Mapping[str, int | None]]


def main() -> int:
    """Print the table, or names for mutmut; the table's exit status is 1 when nothing was judged yet."""
    parser = argparse.ArgumentParser(prog="python -m docs.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="only N mutants, drawn from all rooms")
    parser.add_argument("--seed", type=int, default=0, help="the same seed draws the same mutants")
    parser.add_argument("--names", action="store_true", help="names of those that were not tried yet")
    asked = parser.parse_args()
    everything = mutants(MUTATED.rglob("*.meta"))
    looked_at = everything if asked.sample is None else drawn(everything, asked.sample, asked.seed)
    if asked.names:
        sys.stdout.writelines(f"{name}\n" for name in untried(looked_at))
        return 0
    sys.stdout.write(table(everything, looked_at))
    return 0 if any(code is not None for room in looked_at.values() for code in room.values()) else 1


def mutants(files: Iterable[Path]) -> Mutants:
    """All mutants that there are, in a fixed order, as mutmut's files hold them."""
    rooms: dict[str, dict[str, int | None]] = defaultdict(dict)
    for file in sorted(files):
        rooms[_room(file)] |= json.loads(file.read_text())["exit_code_by_key"]
    return {room: rooms[room] for room in sorted(rooms) if rooms[room]}


def drawn(rooms: Mutants, size: int, seed: int) -> Mutants:
    """A random sample, each room by its share; a larger one of the same seed begins with the smaller."""
    total = sum(map(len, rooms.values()))
    size = min(size, total)
    shares = {room: size * len(names) // total for room, names in rooms.items()}
    by_remainder = sorted(rooms, key=lambda room: -(size * len(rooms[room]) % total))
    for room in by_remainder[: size - sum(shares.values())]:
        shares[room] += 1
    chance = Random(seed)  # noqa: S311 - a sample, not a secret
    return {
        room: {name: names[name] for name in chance.sample(list(names), len(names))[: shares[room]]}
        for room, names in rooms.items()
    }


def untried(rooms: Mutants) -> list[str]:
    return [name for names in rooms.values() for name, code in names.items() if code is None]


def table(everything: Mutants, looked_at: Mutants) -> str:
    """Rooms by name, with the share of the judged mutants that tests noticed, and a last line for all."""
    rule = "|".join("---" for _ in _COLUMNS)
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{rule}|"]
    total: Counter[str] = Counter()
    for room, names in looked_at.items():
        ended = Counter(_end(code) for code in names.values() if code is not None)
        total += ended
        lines.append(_line(room, len(everything[room]), ended))
    lines.append(_line("all", sum(map(len, everything.values())), total))
    return "\n".join(lines) + "\n"


def interval(noticed: int, judged: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was ``noticed`` out of ``judged`` in a random sample."""
    z = 1.96
    share, spread = noticed / judged, z * z / judged
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / judged + spread / (4 * judged)) / (1 + spread)
    return middle - half, middle + half


def _line(room: str, exist: int, ended: Counter[str]) -> str:
    judged = sum(ended.values())
    noticed = ended["killed"] + ended["timed out"]
    score, between = "", ""
    if judged:
        low, high = interval(noticed, judged)
        score, between = f"{noticed / judged:.1%}", f"{low:.1%} to {high:.1%}"
    cells = (room, exist, judged, *(ended[end] for end in _ENDS), score, between)
    return f"| {' | '.join(map(str, cells))} |"


def _end(code: int) -> str:
    for name, codes in zip(_ENDS, (_KILLED, _TIMED_OUT, _SURVIVED, _NO_TESTS), strict=True):
        if code in codes:
            return name
    return "killed"  # by a signal, or by the type checker


def _room(file: Path) -> str:
    """The folder: a room of ``service/``, or ``scheduler/`` and what is below it."""
    return "/".join(file.parts[file.parts.index("chalicelib") + 1 : -1])


if __name__ == "__main__":
    sys.exit(main())
