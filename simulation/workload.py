"""Workload: makes a week of arrivals as a site with some hundred projects might see them.

docs/simulation.md, The week it makes, says how. The same seed gives the same week.
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
# How long servers live: share of creates, median lifetime in seconds, standard deviation of its logarithm.
LIVES = ((0.55, 0.5 * HOUR, 0.8), (0.33, 9 * HOUR, 0.7), (0.12, 6 * DAY, 0.8))
LONGEST = 60 * DAY
# The share of requests that are bursts of servers within a minute, and the most servers of a burst.
BURST_SHARE, MOST_IN_BURST = 0.06, 12


def week(arrivals: int = 20_000, seed: int = 1) -> list[Arrival]:
    """Make so many arrivals over seven days, earliest first."""
    chance = Random(seed)
    projects = [f"project-{number:03}" for number in range(PROJECTS)]
    popularity = [1 / (rank + 5) for rank in range(PROJECTS)]  # a few large projects, a long tail
    homes = {project: _one_of(ZONES, chance) for project in projects}
    made: list[Arrival] = []
    while len(made) < arrivals:
        at = _moment(chance)
        project = chance.choices(projects, popularity)[0]
        size = chance.randint(3, MOST_IN_BURST) if chance.random() < BURST_SHARE else 1
        flavor, lifetime = _one_of(FLAVORS, chance), _lifetime(chance)
        zone = homes[project] if chance.random() < 0.85 else _one_of(ZONES, chance)
        for _ in range(min(size, arrivals - len(made))):
            # Rounded as the file does, so that a week read from a file is the week that was written.
            moment = round(min(at + 60 * chance.random() * (size > 1), DAYS * DAY), 1)
            made.append(Arrival(moment, project, flavor, zone, round(lifetime, 1)))
    return sorted(made, key=lambda arrival: (arrival.time, arrival.project))


def _moment(chance: Random) -> float:
    """Seconds into the week: busiest at 14:00 UTC, a fifth of that at 02:00, half at the weekend."""
    while True:
        at = chance.random() * DAYS * DAY
        by_day = 0.6 - 0.4 * cos(2 * pi * (at % DAY - 2 * HOUR) / DAY)
        by_week = 0.5 if at >= 5 * DAY else 1.0
        if chance.random() < by_day * by_week:
            return at


def _lifetime(chance: Random) -> float:
    (_, median, spread) = chance.choices(LIVES, [life[0] for life in LIVES])[0]
    return min(chance.lognormvariate(log(median), spread), LONGEST)


def _one_of(shares: dict[str, int], chance: Random) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]
