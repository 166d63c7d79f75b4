"""Decision: time a decision by the profile ``spread`` over many pods.

The pods are in a snapshot, as they are for a create. The process is warm: the snapshot has a plan for this
class of requests already.

``python -m bench.decision`` prints a table.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from time import process_time

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.binding import Binding, BindingKey
from chalicelib.model.capacity import Capacity
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD

SIZES = (10, 100, 1000, 10_000)
NOW = datetime(2025, 6, 1, tzinfo=UTC)
FLAVORS = 10  # in each pod's catalogue; every pod has its own objects, as after reading a snapshot


def pods(count: int, seed: int = 1) -> list[Pod]:
    """Pods of one zone, up to 85 % full, a tenth of them disabled, like Nova's hosts in ``nova_pass``."""
    chance = random.Random(seed)
    return [_pod(number, chance) for number in range(count)]


def spec(number: int = 0) -> RequestSpec:
    """A small server for a project that is bound to the second pod.

    Each number is another project, which asks a millisecond after the one before.
    """
    key = BindingKey(f"{number:032x}", "az1", "general")
    binding = Binding(key, _pod_id(1), 1, created_at=NOW, updated_at=NOW)
    flavor = _flavor(0)
    return RequestSpec(
        key.project_id,
        flavor,
        flavor.need(),
        NOW + timedelta(milliseconds=number),
        az_name="az1",
        bindings=(binding,),
    )


def seconds(pods: Snapshot, spec: RequestSpec) -> float:
    """CPU seconds of one decision."""
    started = process_time()
    decide(pods, spec, SPREAD, "decision-1")
    return process_time() - started


def _pod(number: int, chance: random.Random) -> Pod:
    share = 0.85 * chance.random()
    totals = Totals(1000, 4_000_000, 100_000)
    used = Amounts(int(1000 * share), int(4_000_000 * share), int(100_000 * share))
    reported_at = NOW - timedelta(seconds=60 * chance.random())
    flavors = [_flavor(number) for number in range(FLAVORS)]
    return Pod(
        pod_id=_pod_id(number),
        pod_name=f"Pod{number}",
        az_name="az1",
        created_at=NOW - timedelta(days=chance.randrange(900)),
        state=PodState.DISABLED if number % 10 == 9 else PodState.ENABLED,
        proven=True,
        capacity=Capacity(totals, used, reported_at),
        catalogue={flavor.flavor_id: flavor for flavor in flavors},
    )


def _pod_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def _flavor(number: int) -> Flavor:
    return Flavor(f"flavor-{number}", f"m{number}.small", vcpus=2, ram_mb=2048, root_gb=20)


def main() -> None:
    for count in SIZES:
        known = snapshot_of(pods(count))
        best = min(seconds(known, spec(number)) for number in range(200))
        print(f"{count:6d} pods  {best * 1e6:10.1f} us")


if __name__ == "__main__":
    main()
