"""``python -m docs.mutants``: the scores of the last ``make mutants`` by room, as mutation.md has them."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

MUTATED = Path("mutants/chalicelib")
# mutmut's own statuses, by the exit code of pytest or of its worker.
_SURVIVED, _NO_TESTS = (0,), (5, 33)
_KILLED, _TIMED_OUT = (1, 3), (36, 24, -24, 152, 255)
_COLUMNS = ("killed", "timed out", "survived", "no test runs it")


def main() -> int:
    """Print the table; the exit status is 1 when nothing was judged yet."""
    counts = counted(MUTATED.rglob("*.meta"))
    sys.stdout.write(table(counts))
    return 0 if counts else 1


def counted(files: Iterable[Path]) -> Mapping[str, Counter[str]]:
    """How the judged mutants of each room ended; those that weren't tried yet don't count."""
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for file in files:
        codes = json.loads(file.read_text())["exit_code_by_key"].values()
        ended = Counter(_outcome(code) for code in codes if code is not None)
        if ended:
            rooms[_room(file)] += ended
    return rooms


def table(rooms: Mapping[str, Counter[str]]) -> str:
    """Rooms by name, with the share of their mutants that didn't live, and a last line for all."""
    everything = sum(rooms.values(), Counter[str]())
    lines = [f"| room | mutants | {' | '.join(_COLUMNS)} | score |", "|---|---|---|---|---|---|---|"]
    for name, ended in [*sorted(rooms.items()), ("all", everything)]:
        judged = sum(ended.values())
        dead = ended["killed"] + ended["timed out"]
        numbers = " | ".join(str(ended[column]) for column in _COLUMNS)
        lines.append(f"| {name} | {judged} | {numbers} | {dead / max(1, judged):.1%} |")
    return "\n".join(lines) + "\n"


def _outcome(code: int) -> str:
    for name, codes in zip(_COLUMNS, (_KILLED, _TIMED_OUT, _SURVIVED, _NO_TESTS), strict=True):
        if code in codes:
            return name
    return "killed"  # by a signal, or by the type checker


def _room(file: Path) -> str:
    """The folder: a room of ``service/``, or ``scheduler/`` and what is below it."""
    return "/".join(file.parts[file.parts.index("chalicelib") + 1 : -1])


if __name__ == "__main__":
    sys.exit(main())
