"""``python -m simulation``: compares runs of one workload under what-if scenarios; see docs/simulation.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from chalicelib import observability
from chalicelib.model.errors import InvalidField
from chalicelib.scheduler.profile import PACK, PRESETS, Profile
from simulation import arrival, comparison, plot, site, site_file, workload
from simulation.run import Outcome, play
from simulation.scenario import Addition, Loss, Scenario

DAY, HOUR = 86_400.0, 3600.0
NEW_POD = site.a_pod("Pod9", "az1", 2400, 9600, 96_000)


def main(arguments: Sequence[str]) -> int:
    """Run the command. The exit status: 0 when all was compared and written, 2 for bad input."""
    asked = _parser().parse_args(arguments)
    try:
        return _compare(asked)
    except InvalidField as refused:
        for wrong in refused.wrong:
            print(f"{wrong.field}: {wrong.message}", file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


def _compare(asked: argparse.Namespace) -> int:
    folder: Path = asked.out
    folder.mkdir(parents=True, exist_ok=True)
    chosen_site = site_file.read(asked.site) if asked.site else site.EXAMPLE
    if asked.workload:
        arrivals = arrival.read(asked.workload)
    else:
        arrivals = workload.week(asked.arrivals, asked.seed)
        arrival.write(folder / "workload.csv", arrivals)
    outcomes: list[Outcome] = []
    for scenario in _scenarios(asked):
        print(f"playing {len(arrivals)} arrivals: {scenario.name}", file=sys.stderr, flush=True)
        outcomes.append(play(chosen_site, arrivals, scenario))
    comparison.write_summary(folder / "summary.csv", outcomes)
    comparison.write_fills(folder / "fill.csv", outcomes)
    plot.write_fills(folder / "fill.svg", outcomes)
    print(comparison.table(outcomes))
    return 0


def _scenarios(asked: argparse.Namespace) -> list[Scenario]:
    """'As it is', and one scenario with all that was asked for; if nothing was, an example of each change."""
    now = Scenario("as it is", _profile(asked.now))
    losses = tuple(_loss(text) for text in asked.lose)
    additions = tuple(_addition(text) for text in asked.add)
    if losses or additions or asked.profile:
        profile = _profile(asked.profile) if asked.profile else now.profile
        return [now, Scenario("what if", profile, losses, additions)]
    return [
        now,
        Scenario("profile pack", PACK),
        Scenario("Pod3 lost", now.profile, losses=(Loss("Pod3", 3 * DAY),)),
        Scenario("Pod9 new", now.profile, additions=(Addition(NEW_POD, 3 * DAY),)),
    ]


def _profile(text: str) -> Profile:
    """The preset with this name, or the profile in this JSON file."""
    if text in PRESETS:
        return PRESETS[text]
    return Profile.from_document(json.loads(Path(text).read_text()))


def _loss(text: str) -> Loss:
    name, _, hours = text.partition("@")
    return Loss(name, _hours("lose", hours))


def _addition(text: str) -> Addition:
    pod, _, hours = text.partition("@")
    parts = pod.split(":")
    if len(parts) != 5 or not all(parts) or not all(part.isdecimal() for part in parts[2:]):
        raise InvalidField("add", "must be NAME:ZONE:VCPUS:RAM_GB:DISK_GB, or that and @HOURS")
    return Addition(site.a_pod(parts[0], parts[1], *map(int, parts[2:])), _hours("add", hours))


def _hours(field: str, text: str) -> float:
    if text and not text.replace(".", "", 1).isdecimal():
        raise InvalidField(field, "after the @ there must be a number of hours")
    return float(text or 0) * HOUR


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulation", description="What if?")
    parser.add_argument("--workload", type=Path, help="CSV of arrivals; without it a week is made")
    parser.add_argument("--arrivals", type=int, default=20_000, help="how many to make (20000)")
    parser.add_argument("--seed", type=int, default=1, help="of the week that is made (1)")
    parser.add_argument("--site", type=Path, help="JSON of pods and flavors; without it an example")
    parser.add_argument("--now", default="spread", help="the profile in force: preset or JSON file (spread)")
    parser.add_argument("--profile", help="what if this were in force: preset or JSON file")
    lost = "what if this pod fell, at once or after so many hours; may be repeated"
    parser.add_argument("--lose", action="append", default=[], metavar="POD[@HOURS]", help=lost)
    added, shape = "what if this pod came; may be repeated", "NAME:ZONE:VCPUS:RAM_GB:DISK_GB[@HOURS]"
    parser.add_argument("--add", action="append", default=[], metavar=shape, help=added)
    parser.add_argument("--out", type=Path, default=Path("build/simulation"), help="where the files go")
    return parser


if __name__ == "__main__":
    observability.logger().setLevel("ERROR")  # what goes wrong in simulated pods is in the table
    sys.exit(main(sys.argv[1:]))
