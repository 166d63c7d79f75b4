"""Measure which of Tempest's tests the first of PODS passes without a gateway, and keep the list."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.openstack import site
from tests.openstack.cloud import Cloud
from tests.openstack.tempest import configuration, running, selection, target


def main() -> int:
    """Run all tests, and write the names of those that pass to the file that the suite reads."""
    ground = site.read(os.environ)
    admin = Cloud(ground.admin, ground.clouds, ground.clouds, url="")
    folder = Path(tempfile.mkdtemp(prefix="tempest-"))
    asked = configuration.write(folder, target.found(ground, admin, ground.regions[0]))
    results = running.run(folder, asked, selection.chosen(selection.EVERYTHING))
    selection.PASSES_DIRECTLY.write_text("".join(f"{name}\n" for name in sorted(results.passed)))
    sys.stdout.write(f"{results}; Tempest's output is in {results.output}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
