"""Shell: runs ``openstack`` commands in forks of this process, since starting Python for each takes long."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openstackclient.shell import OpenStackShell

SECONDS = 180.0
_FORKS = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Shell:
    """A user of the command, by the name of a cloud in a clouds.yaml; ``folder`` is for what is printed."""

    clouds: Path
    cloud: str
    folder: Path

    def run(self, words: list[str]) -> str:
        """What a command prints. Fails the test if it doesn't end with 0."""
        out, err = self.folder / "out.txt", self.folder / "err.txt"
        child = _FORKS.Process(target=self._in_child, args=(words, out, err))
        child.start()
        child.join(SECONDS)
        if child.is_alive():
            child.kill()
            child.join()
        told = f"{out.read_text()}{err.read_text()}"
        assert child.exitcode == 0, f"openstack {' '.join(words)} ended with {child.exitcode}:\n{told}"
        return out.read_text()

    def _in_child(self, words: list[str], out: Path, err: Path) -> None:
        for name in [name for name in os.environ if name.startswith("OS_")]:
            del os.environ[name]
        os.environ |= {"OS_CLIENT_CONFIG_FILE": str(self.clouds), "OS_CLOUD": self.cloud}
        with Path(os.devnull).open() as sys.stdin, out.open("w") as sys.stdout, err.open("w") as sys.stderr:
            code = OpenStackShell().run(words)
        os._exit(code)  # the rest of this process, with its fixtures, is the parent's


def fits(printed: str, expected: dict[str, Any]) -> bool:
    """Whether a command's JSON holds these values, in one of its rows where it is a list."""
    shown = json.loads(printed)
    rows = shown if isinstance(shown, list) else [shown]
    return any(all(row.get(key) == value for key, value in expected.items()) for row in rows)
