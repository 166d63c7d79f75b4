"""Processes that create servers in a project with a quota: as many come of it as its limit says, exactly."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.races.claim_race_worker import Truth
from tests.races.quota_race_worker import LAG_SECONDS, LIMIT, Race, Racer, argument

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 8
MOST_SECONDS = 300


def raced(race: Race) -> list[str]:
    """What isn't as it must be after the race, in words; empty is good."""
    with ExitStack() as ending:
        racers = [_start(race, seed) for seed in range(PROCESSES)]
        for racer in racers:
            ending.callback(racer.kill)
        for racer in racers:
            assert racer.stdout.readline() == b"ready\n"
        for racer in racers:
            racer.stdin.write(b"go\n")
            racer.stdin.flush()
        assert all(racer.wait(timeout=MOST_SECONDS) == 0 for racer in racers)
    time.sleep(LAG_SECONDS)  # by now the pods count every server
    last = Racer(race)
    for _ in range(2 * LIMIT):
        last.create()
    return _problems([server.count for server in Truth(race.folder).servers()])


def _problems(counts: list[int]) -> list[str]:
    held = most = 0
    for count in counts:
        held += count
        most = max(most, held)
    over = [f"over: {most} of {LIMIT}"] if most > LIMIT else []
    return over + ([f"under: {held} of {LIMIT} in the end"] if held < LIMIT else [])


def _start(race: Race, seed: int) -> subprocess.Popen[bytes]:
    told = argument(replace(race, seed=seed))
    command = [sys.executable, "-m", "tests.races.quota_race_worker", told]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_exactly_the_limit_is_created_whoever_deletes_and_whatever_pods_refuse(
    database, embedded_dynamo, tmp_path
):
    assert raced(Race(embedded_dynamo, database.prefix, str(tmp_path))) == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("no condition", "over"),
        ("given back twice", "over"),
        ("uncounted servers taken for counted", "over"),
        ("counted servers never told", "under"),
    ],
)
def test_a_fault_in_counting_is_found(fault, problem, database, embedded_dynamo, tmp_path):
    problems = raced(Race(embedded_dynamo, database.prefix, str(tmp_path), creates=25, fault=fault))

    assert [found.partition(":")[0] for found in problems] == [problem]
