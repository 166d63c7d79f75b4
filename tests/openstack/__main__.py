"""The integration suite: ``make test-openstack`` with the variables that site.py reads."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import pytest

from tests.openstack import site

FOLDER = Path(__file__).resolve().parent
USAGE_ERROR = 2


def main() -> int:
    """Check the variables, then run every scenario; the outage runs last, as it disturbs most."""
    try:
        site.read(os.environ)
    except site.SiteError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE_ERROR
    signal.signal(signal.SIGTERM, _interrupt)
    files = sorted(FOLDER.glob("test_*.py"), key=lambda file: (file.stem == "test_outage", file.stem))
    told = ["-rfEs", "--no-fold-skipped", "--durations=5", "--disable-warnings"]
    return pytest.main([*map(str, files), *told, *sys.argv[1:]])


def _interrupt(number: int, frame: FrameType | None) -> None:
    # As Ctrl-C does it: pytest then still clears away what the run started and made.
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
