"""Workload: a made week of arrivals, as a site of some hundred projects might see them.

What it is made of, and why, is told in docs/simulation.md. The same seed gives the same week.
"""

from __future__ import annotations

from math import cos, log, pi
from random import Random

from simulation.arrival import Arrival

DAY, HOUR = 86_400.0, 3600.0
DAYS = 7
PROJECTS = 300
FLAVORS = {"small": 45, "medium": 30, "large": 15, "memory": 7, "huge": 3}
ZONES = {"az1": 55, "az2": 25, "": 20}
# How servers live: the share of creates, the median lifetime in seconds, and the spread of its logarithm.
LIVES = ((0.55, 0.5 * HOUR, 0.8), (0.33, 9 * HOUR, 0.7), (0.12, 6 * DAY, 0.8))
LONGEST = 60 * DAY
BURST_SHARE, MOST_IN_BURST = 0.06, 12  # of orders; servers that a project then asks for within a minute


def week(arrivals: int = 20_000, seed: int = 1) -> list[Arrival]:
    """So many arrivals over seven days, earliest first."""
    lots = Random(seed)
    projects = [f"project-{number:03}" for number in range(PROJECTS)]
    popularity = [1 / (rank + 5) for rank in range(PROJECTS)]  # a few large projects, a long tail
    homes = {project: _one_of(ZONES, lots) for project in projects}
    made: list[Arrival] = []
    while len(made) < arrivals:
        at = _moment(lots)
        project = lots.choices(projects, popularity)[0]
        size = lots.randint(3, MOST_IN_BURST) if lots.random() < BURST_SHARE else 1
        flavor, lifetime = _one_of(FLAVORS, lots), _lifetime(lots)
        zone = homes[project] if lots.random() < 0.85 else _one_of(ZONES, lots)
        for _ in range(min(size, arrivals - len(made))):
            # A tenth of a second, as the file keeps it, so that a week that was read is the week made.
            moment = round(min(at + 60 * lots.random() * (size > 1), DAYS * DAY), 1)
            made.append(Arrival(moment, project, flavor, zone, round(lifetime, 1)))
    return sorted(made, key=lambda arrival: (arrival.time, arrival.project))


def _moment(lots: Random) -> float:
    """Seconds into the week: busiest at 14:00 UTC, a fifth of that at 02:00, half at the weekend."""
    while True:
        at = lots.random() * DAYS * DAY
        by_day = 0.6 - 0.4 * cos(2 * pi * (at % DAY - 2 * HOUR) / DAY)
        by_week = 0.5 if at >= 5 * DAY else 1.0
        if lots.random() < by_day * by_week:
            return at


def _lifetime(lots: Random) -> float:
    (_, median, spread) = lots.choices(LIVES, [life[0] for life in LIVES])[0]
    return min(lots.lognormvariate(log(median), spread), LONGEST)


def _one_of(shares: dict[str, int], lots: Random) -> str:
    return lots.choices(list(shares), list(shares.values()))[0]
