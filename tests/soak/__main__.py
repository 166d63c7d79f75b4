"""``python -m tests.soak --minutes 10``: mixed load on a stack in bad weather, and how it went."""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from local import dynamodb
from local.terminal import Terminal
from tests.soak.clients import Client, Ledger, work
from tests.soak.reckoning import Operator, Reckoning, reckon
from tests.soak.stack import Stack, Usage, running
from tests.soak.weather import Weather

CLIENTS = 6
REFRESH_SECONDS = "10"
# What a process may take more at the end than in the middle, when all its caches were full already.
MOST_GROWTH_MB = 25.0
MOST_MORE_DESCRIPTORS = 30


@dataclass
class Soak:
    """How a soak went."""

    ledger: Ledger
    weather: Weather
    stack: Stack
    usages: dict[str, Usage]
    found: Reckoning

    def failures(self) -> list[str]:
        """What must not be; empty when all is well."""
        middle, end = self.usages["middle"], self.usages["end"]
        wrong = list(self.found.wrong)
        if end.rss_mb > middle.rss_mb + MOST_GROWTH_MB:
            wrong.append(f"memory grew from {middle.rss_mb:.0f} to {end.rss_mb:.0f} MB")
        if end.descriptors > middle.descriptors + MOST_MORE_DESCRIPTORS:
            wrong.append(f"descriptors grew from {middle.descriptors} to {end.descriptors}")
        return wrong

    def figures(self) -> list[str]:
        """What is printed."""
        ledger = self.ledger
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(ledger.statuses.items()))
        usages = "; ".join(
            f"{when} {usage.rss_mb:.0f} MB, {usage.descriptors} descriptors"
            for when, usage in self.usages.items()
        )
        weather = ", ".join(f"{what}: {count}" for what, count in sorted(self.weather.met.items()))
        return [
            f"requests        {ledger.requests} ({answers})",
            f"gateway kills   {self.stack.kills}",
            f"bad weather     {weather}",
            f"servers         {self.found.servers} at the end, {self.found.adopted} of them adopted",
            f"lost or wrong   {len(self.found.wrong)}",
            f"first gateway   {usages}",
        ]


def soak(folder: Path, minutes: float, seed: str) -> Soak:
    """Load for so many minutes, then all settles, then the reckoning."""
    with (
        dynamodb.running(log=folder / "dynamodb.log") as dynamo,
        running(folder, dynamo.url, "soak", "--refresh-seconds", REFRESH_SECONDS) as stack,
    ):
        operator, ledger, weather = Operator(stack), Ledger(), Weather(stack, Random(seed))
        users = ("alpha", "beta")
        clients = [Client(stack, ledger, f"vm{n}", users[n % 2], seed + str(n)) for n in range(CLIENTS)]
        usages = _under_load(stack, clients, weather, minutes * 60)
        stack.stop()  # the operator's clocks run alone now
        operator.settle()
        return Soak(ledger, weather, stack, usages, reckon(stack, ledger, operator.outside))


def _under_load(stack: Stack, clients: list[Client], weather: Weather, seconds: float) -> dict[str, Usage]:
    ends_at = time.monotonic() + seconds
    load = threading.Thread(target=work, args=(clients, lambda: time.monotonic() < ends_at))
    clouds = threading.Thread(target=weather.run)
    load.start()
    clouds.start()
    usages = {}
    for when, share in (("start", 0.1), ("middle", 0.5), ("end", 1.0)):
        time.sleep(max(0.0, ends_at - seconds * (1 - share) - time.monotonic()))
        usages[when] = stack.gateways[0].usage()
    weather.clear()
    clouds.join()
    load.join()
    return usages


def main() -> int:
    """The exit status: 0 when nothing was lost and nothing grew, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", default=str(int(time.time())), help="of the dice; default: the time")
    options = parser.parse_args()
    terminal = Terminal.of(sys.stdout, {})
    terminal.line(f"Soaking for {options.minutes:g} minutes, seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        done = soak(Path(folder), options.minutes, options.seed)
    for line in (*done.figures(), *done.failures()):
        terminal.line(line)
    return 1 if done.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
