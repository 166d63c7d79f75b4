"""``python -m simulation.kept URL``: makes a workload and a site of the decisions that a gateway has kept.

URL is the admin API (``.../v1.0``), OS_TOKEN an admin's token. ``make simulate`` plays what it writes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from simulation import arrival
from simulation.recorded import arrivals_of, one_of_each_create, site_of

Get = Callable[[str], Mapping[str, Any]]
ROWS = 100
TIMEOUT_SECONDS = 30.0
MOST_TOLD = 300  # letters that are shown of an answer other than 200


class Unreadable(Exception):
    """The gateway can't be read, or has nothing to play; the message says why."""


def main(arguments: Sequence[str]) -> int:
    """Run the command. The exit status: 0 when both files are written, 2 when the gateway can't be read
    or has kept nothing.
    """
    asked = _parser().parse_args(arguments)
    try:
        get = gateway(asked.url, os.environ.get("OS_TOKEN", "").strip())
        _write(asked.out, get, asked.last, asked.lifetime_hours)
    except (Unreadable, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def gateway(url: str, token: str) -> Get:
    """A function that reads a path of the admin API. Both this and that function raise Unreadable."""
    if not token:
        raise Unreadable("OS_TOKEN is not set: export OS_TOKEN=$(openstack token issue -f value -c id)")
    if not (token.isascii() and token.isprintable()):
        raise Unreadable("OS_TOKEN is no token")  # the error of requests would print it
    session = requests.Session()
    session.headers["X-Auth-Token"] = token

    def get(path: str) -> Mapping[str, Any]:
        try:
            # A redirection isn't followed, since the token would be sent along to wherever it leads.
            reply = session.get(url.rstrip("/") + path, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise Unreadable(f"{url} can't be read: {error}") from error
        if reply.status_code != 200:
            raise Unreadable(f"{url}{path} answered {reply.status_code}: {reply.text[:MOST_TOLD]}")
        try:
            body = reply.json()
        except requests.JSONDecodeError as error:
            raise Unreadable(f"{url}{path} is no JSON: is it the admin API?") from error
        if not isinstance(body, dict):
            raise Unreadable(f"{url}{path} is no admin API")
        return body

    return get


def read(get: Get, last: int) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The last decisions about creates in full, oldest first, and the pods, each with its ``capacity``.

    The gateway keeps the decisions of drains too. These have the request id of their job and are left out.
    """
    drains = {job["request_id"] for job in _rows(get, "jobs", "job_id")}
    creates = (row for row in _rows(get, "decisions", "decision_id") if row["request_id"] not in drains)
    ids = [row["decision_id"] for row in islice(creates, last)]
    decisions = [get(f"/decisions/{decision_id}")["decision"] for decision_id in reversed(ids)]
    pods = list(_rows(get, "pods", "pod_id"))
    return decisions, [{**pod, **get(f"/pods/{pod['pod_id']}/capacity")} for pod in pods]


def _rows(get: Get, collection: str, key: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a list of the admin API, page by page.

    A short page may not be the last, since rows may have expired; so it reads on until a page is empty.
    """
    marker = ""
    while True:
        page = get(f"/{collection}?{urlencode({'limit': ROWS, 'marker': marker})}")
        if not isinstance(page.get(collection), list):
            raise Unreadable(f"/{collection} is no list: is it the admin API?")
        yield from page[collection]
        if not page[collection]:
            return
        marker = page[collection][-1][key]


def _write(folder: Path, get: Get, last: int, lifetime_hours: float | None) -> None:
    decisions, pods = read(get, last)
    creates = one_of_each_create(decisions)
    if not creates:
        raise Unreadable("the gateway has kept no decision to play again")
    arrivals, site = arrivals_of(creates, lifetime_hours), site_of(creates, pods)
    if not site["pods"]:
        raise Unreadable("the gateway has no pods")
    folder.mkdir(parents=True, exist_ok=True)
    arrival.write(folder / "workload.csv", arrivals)
    (folder / "site.json").write_text(json.dumps(site, indent=1) + "\n")
    print(f"{len(arrivals)} arrivals of {len(creates)} creates, {len(site['pods'])} pods: in {folder}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulation.kept",
        description="Make a workload and a site out of the decisions that a gateway has kept. "
        "The environment's OS_TOKEN must be an admin's token.",
    )
    parser.add_argument("url", help="the admin API, such as http://127.0.0.1:8000/v1.0")
    parser.add_argument("--last", type=_count, default=500, help="how many decisions (500)")
    lifetime = "how long servers live, which decisions don't tell; without it beyond the end"
    parser.add_argument("--lifetime-hours", type=_hours, help=lifetime)
    parser.add_argument("--out", type=Path, default=Path("build/simulation"), help="where the files go")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not 0.0 <= hours < inf:
        raise argparse.ArgumentTypeError("must be a number of hours, 0 or more")
    return hours


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
