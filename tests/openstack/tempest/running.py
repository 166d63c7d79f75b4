"""Running: starts Tempest in its own virtualenv, and reads from its output how each test went."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.openstack.site import ROOT

COMMANDS = ROOT / ".venv-tempest" / "bin"
WORKERS = 2
RUN_SECONDS = 3600.0
# "{0} tempest.api.compute.test_x.ClassY.test_z[id-...] [0.03s] ... ok", or "{0} setUpClass (...ClassY) ..."
_TEST = re.compile(
    r"^\{\d+\} (?P<name>[^\[\n]*?)(?:\[[^\]\n]*\])?(?: \[[\d.]+s\])? \.\.\. (?P<end>\w+).*$", re.M
)
_ENDS = {"ok": "passed", "FAILED": "failed", "SKIPPED": "skipped"}
WHY_LINES = 3


@dataclass(frozen=True)
class Results:
    """How each test ended, by name, and what Tempest printed about it. ``output`` has all that it printed."""

    ends: dict[str, str]
    told: dict[str, str]
    output: Path

    @property
    def passed(self) -> set[str]:
        return {name for name, end in self.ends.items() if end == "passed"}

    def updated(self, again: Results) -> Results:
        """These, but for the tests that were run again."""
        return replace(self, ends=self.ends | again.ends, told=self.told | again.told)

    def __str__(self) -> str:
        return ", ".join(f"{number} {end}" for end, number in sorted(Counter(self.ends.values()).items()))

    def why(self, name: str) -> str:
        """The end of the traceback of a test, or of the set-up of its class."""
        told = self.told.get(name) or self.told.get(
            f"setUpClass ({name.rpartition('.')[0]})", "it was not run"
        )
        traceback = told.partition("Captured pythonlogging")[0].strip().splitlines()
        return "\n".join(f"    {line}" for line in traceback[-WHY_LINES:] if line.strip())


def names(folder: Path, configuration: Path, selection: tuple[str, ...]) -> set[str]:
    """The names of the tests that a selection runs."""
    listed = _tempest(folder, configuration, *selection, "--list-tests", output=folder / "list.txt")
    return {line.partition("[")[0] for line in listed.splitlines() if line.startswith("tempest.")}


def run(
    folder: Path, configuration: Path, selection: tuple[str, ...], workers: int = WORKERS, name: str = "run"
) -> Results:
    """Run the tests of a selection, as many at once as there are ``workers``."""
    output = folder / f"{name}.txt"
    return read(
        _tempest(folder, configuration, *selection, f"--concurrency={workers}", output=output), output
    )


def run_alone(folder: Path, configuration: Path, names: Iterable[str]) -> Results:
    """Run these tests one after the other."""
    these = "|".join(map(re.escape, sorted(names)))
    return run(folder, configuration, ("--regex", rf"^({these})(\[|$)"), workers=1, name="alone")


def read(text: str, output: Path) -> Results:
    """The results that Tempest printed."""
    found = list(_TEST.finditer(text))
    ends = {match["name"]: _ENDS.get(match["end"], "failed") for match in found}
    after = [*(match.start() for match in found[1:]), len(text)]
    told = {match["name"]: text[match.start() : end] for match, end in zip(found, after, strict=True)}
    return Results(ends, told, output)


def _tempest(folder: Path, configuration: Path, *words: str, output: Path) -> str:
    if not (folder / ".stestr").exists():
        subprocess.run([str(COMMANDS / "stestr"), "init"], cwd=folder, check=True)
    with output.open("w") as file:
        process = subprocess.Popen(
            [str(COMMANDS / "tempest"), "run", "--config-file", str(configuration), *words],
            cwd=folder,
            env={key: value for key, value in os.environ.items() if not key.startswith("OS_")},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its workers can be ended with it
        )
        try:
            process.wait(RUN_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
    return output.read_text(errors="replace")
