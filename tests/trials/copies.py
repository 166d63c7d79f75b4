"""Copies of this repository, in which a trial may change files and run what the change must pass."""

import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def copy_to(place: Path) -> None:
    """Copy all files that git tracks, or would track."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (REPOSITORY / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes((REPOSITORY / name).read_bytes())


def run(place: Path, *module: str) -> None:
    """Run a Python module in the copy; what it said is the message when it fails."""
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def run_together(place: Path, modules: Iterable[tuple[str, ...]]) -> None:
    """Run several Python modules in the copy at the same time."""
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(run, place, *module) for module in modules]:
            done.result()
