"""The whole matrix, on all cores: ``python -m tests.crash`` (``make crash-matrix``)."""

from __future__ import annotations

import logging
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from os import cpu_count

from tests.crash.explorer import Found, Share, explore
from tests.crash.mutants import MUTANTS
from tests.crash.scenarios import SCENARIOS

PAIRS = 100  # one of so many pairs is run: all of them would take a day
PARTS = 12
MOST_SHOWN = 20


def main() -> int:
    """Explore, and hunt the mutants. Returns 0 when all is as it must be."""
    with ProcessPoolExecutor(cpu_count()) as workers:
        shares = [(number, part) for number in range(len(SCENARIOS)) for part in range(PARTS)]
        hunts = workers.map(_hunted, range(len(MUTANTS)))
        whole = Found()
        for (number, part), found in zip(shares, workers.map(_explored, shares), strict=True):
            whole.add(found)
            if part == PARTS - 1:
                _say(
                    f"{SCENARIOS[number].name}: {whole.runs} runs so far, {len(whole.violations)} violations"
                )
        caught = dict(zip((mutant.name for mutant in MUTANTS), hunts, strict=True))
    return _told(whole, caught)


def _explored(share: tuple[int, int]) -> Found:
    logging.disable(logging.CRITICAL)
    return explore(SCENARIOS[share[0]], Share(1, PAIRS, share[1], PARTS))


def _hunted(number: int) -> str:
    logging.disable(logging.CRITICAL)
    return MUTANTS[number].caught_by()


def _told(whole: Found, caught: dict[str, str]) -> int:
    for name, by in caught.items():
        _say(f"mutant {name}: {by or 'NOT CAUGHT'}")
    for violation in whole.violations[:MOST_SHOWN]:
        _say(f"VIOLATION {violation}")
    uncovered = whole.existing - whole.covered
    for role, name in sorted(uncovered):
        _say(f"NOT COVERED {role}: {name}")
    found = [by for by in chain(caught.values()) if by]
    _say(last_line(whole, len(found), len(caught)))
    return 0 if not (whole.violations or uncovered or len(found) < len(caught)) else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def last_line(whole: Found, caught: int, planted: int) -> str:
    """What the whole matrix comes to."""
    covered = f"covered={len(whole.covered)}/{len(whole.existing)}"
    violations = f"violations={len(whole.violations)}"
    return f"states={len(whole.states)} {covered} {violations} mutants={caught}/{planted}"


if __name__ == "__main__":
    sys.exit(main())
