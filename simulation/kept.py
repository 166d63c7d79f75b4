"""``python -m simulation.kept URL``: a workload and a site out of the decisions that a gateway has kept.

URL is the admin API (``.../v1.0``), OS_TOKEN an admin's token. What it writes is played by ``make simulate``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from simulation import arrival
from simulation.recorded import arrivals_of, first_of_each_request, site_of

Get = Callable[[str], Mapping[str, Any]]
ROWS = 100
TIMEOUT_SECONDS = 30.0


class Unreadable(Exception):
    """The gateway can't be asked; the message says why."""


def main(arguments: Sequence[str]) -> int:
    """0 when both files are written; 2 when the gateway can't be asked or has kept nothing."""
    asked = _parser().parse_args(arguments)
    try:
        _write(
            asked.out, gateway(asked.url, os.environ.get("OS_TOKEN", "")), asked.last, asked.lifetime_hours
        )
    except (Unreadable, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def gateway(url: str, token: str) -> Get:
    """Asks the admin API. What it returns raises Unreadable."""
    if not token:
        raise Unreadable("OS_TOKEN is not set: export OS_TOKEN=$(openstack token issue -f value -c id)")
    session = requests.Session()
    session.headers["X-Auth-Token"] = token

    def get(path: str) -> Mapping[str, Any]:
        try:
            reply = session.get(url.rstrip("/") + path, timeout=TIMEOUT_SECONDS)
            body: Mapping[str, Any] = reply.json()
        except requests.RequestException as error:
            raise Unreadable(f"{url} can't be read: {error}") from error
        if reply.status_code != 200:
            raise Unreadable(f"{url}{path} answered {reply.status_code}: {json.dumps(body)}")
        return body

    return get


def read(get: Get, last: int) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The last kept decisions in full, oldest first, and the pods, each with its ``capacity``."""
    ids: list[str] = []
    marker = ""
    while len(ids) < last:
        query = urlencode({"limit": min(ROWS, last - len(ids)), "marker": marker})
        rows = get(f"/decisions?{query}")["decisions"]
        ids += [row["decision_id"] for row in rows]
        if len(rows) < ROWS:
            break
        marker = ids[-1]
    decisions = [get(f"/decisions/{decision_id}")["decision"] for decision_id in reversed(ids)]
    pods = get("/pods")["pods"]
    return decisions, [{**pod, **get(f"/pods/{pod['pod_id']}/capacity")} for pod in pods]


def _write(place: Path, get: Get, last: int, lifetime_hours: float | None) -> None:
    decisions, pods = read(get, last)
    creates = first_of_each_request(decisions)
    if not creates or not pods:
        raise Unreadable("the gateway has kept no decision to play again, or has no pods")
    place.mkdir(parents=True, exist_ok=True)
    arrivals = arrivals_of(creates, lifetime_hours)
    arrival.write(place / "workload.csv", arrivals)
    (place / "site.json").write_text(json.dumps(site_of(creates, pods), indent=1) + "\n")
    print(f"{len(arrivals)} arrivals of {len(creates)} creates, {len(pods)} pods: in {place}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulation.kept", description=__doc__)
    parser.add_argument("url", help="the admin API, such as http://127.0.0.1:8000/v1.0")
    parser.add_argument("--last", type=int, default=500, help="how many decisions (500)")
    lifetime = "how long servers live, which decisions don't tell; without it beyond the end"
    parser.add_argument("--lifetime-hours", type=float, help=lifetime)
    parser.add_argument("--out", type=Path, default=Path("build/simulation"), help="where the files go")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
