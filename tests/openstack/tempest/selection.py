"""Selection: which of Tempest's tests are run, and which of those must pass."""

from __future__ import annotations

from pathlib import Path

EVERYTHING = r"^tempest\.api\.compute"

# What pods without a gateway pass; `make tempest-list` measures it.
PASSES_DIRECTLY = Path(__file__).with_name("passes_directly.txt")

# The share of the integration suite: everything but the slowest classes, so that each noun stays in it.
SLOW = (
    "ServerActionsTest",
    "DeleteServersTestJSON",
    "ServerDiskConfigTestJSON",
    "ServerRescueNegativeTestJSON",
    "ServersTestMultiNic",
    "AttachVolume",
    "ServerDiagnosticsV248Test",
    "test_images.ImagesTestJSON",
    "test_servers.ServersTestJSON",
    "ImagesOneServerNegativeTestJSON",
    "ServersUpdatePinnedAZ2104Test",
)

# Tests that pass directly and can't pass here, each with the reason. At most MOST.
CANT_PASS: dict[str, str] = {
    "tempest.api.compute.servers.test_servers.ServersUpdatePinnedAZ2104Test"
    ".test_unpin_and_repin_availability_zone": "Our zone is sent to a pod by the pod's own name of it. These "
    "pods were registered without one, so a create that names the zone is pinned to none there.",
}
MOST = 5


def chosen(regex: str) -> tuple[str, ...]:
    """The options of ``tempest run`` for a regular expression; without one, for the share."""
    if regex:
        return ("--regex", regex)
    return ("--regex", EVERYTHING, "--exclude-regex", "|".join(SLOW))


def pass_directly() -> set[str]:
    return set(PASSES_DIRECTLY.read_text().split())
