"""Nova pass: time Nova 34's own filters and weighers over many hosts. It needs Nova's virtualenv.

What runs is Nova's unmodified code: HostStates filled from ComputeNodes, a RequestSpec, the default
filters through HostFilterHandler, and all weighers through HostWeightHandler. Placement's candidates,
the cells' databases and the claim are left out, so this is the cheapest decision that Nova can make.

It reads a number of hosts from each line of standard input, and writes the CPU seconds of one pass to
standard output. ``decision_vs_nova`` starts it as a process, since it can't import it.
"""

from __future__ import annotations

import logging
import random
import sys
import uuid
import warnings
from datetime import UTC, datetime
from functools import cache
from time import process_time
from typing import Any

warnings.simplefilter("ignore")

import nova.conf  # type: ignore[import-not-found]  # noqa: E402
from nova import objects  # noqa: E402
from nova.scheduler import filters, host_manager, weights  # type: ignore[import-not-found]  # noqa: E402


class NovaPass:
    """The part of Nova's scheduler that filters and weighs hosts."""

    def __init__(self) -> None:
        """Load the filters and weighers of Nova's default configuration."""
        logging.getLogger().setLevel(logging.WARNING)
        nova.conf.CONF([], project="nova", default_config_files=[])
        # Filling 10,000 hosts takes a minute, and a host counts as down 60 s after it was last seen up.
        nova.conf.CONF.set_override("service_down_time", 86_400)
        objects.register_all()
        config = nova.conf.CONF.filter_scheduler
        self._filter_handler = filters.HostFilterHandler()
        found = self._filter_handler.get_matching_classes(config.available_filters)
        classes = {found_class.__name__: found_class for found_class in found}
        self._filters = [classes[name]() for name in config.enabled_filters]
        self._weight_handler = weights.HostWeightHandler()
        weighers = self._weight_handler.get_matching_classes(config.weight_classes)
        self._weighers = [weigher() for weigher in weighers]
        self._spec = _spec()

    def seconds(self, count: int) -> float:
        """The CPU seconds of one pass over ``count`` hosts."""
        states = _hosts(count)
        started = process_time()
        left = self._filter_handler.get_filtered_objects(self._filters, states, self._spec)
        ranked = self._weight_handler.get_weighed_objects(self._weighers, left, self._spec)
        elapsed = process_time() - started
        if len(ranked) != count - count // 10:
            raise RuntimeError(f"{len(ranked)} of {count} hosts are left; a tenth is disabled")
        return elapsed


@cache
def _hosts(count: int) -> list[Any]:
    chance = random.Random(1)
    return [_host(number, chance) for number in range(count)]


def _host(number: int, chance: random.Random) -> Any:
    state = host_manager.HostState(f"h{number:05}", f"n{number:05}", str(uuid.UUID(int=7)))
    state.update(compute=_node(number, chance), service=_service(number), aggregates=[], inst_dict={})
    state.allocation_candidates = [{}]
    return state


def _node(number: int, chance: random.Random) -> Any:
    ram_mb, vcpus = chance.choice([262144, 524288, 1048576]), chance.choice([64, 96, 128])
    used = chance.random() * 0.85
    return objects.ComputeNode(
        uuid=str(uuid.UUID(int=chance.getrandbits(128))),
        host=f"h{number:05}",
        hypervisor_hostname=f"n{number:05}",
        memory_mb=ram_mb,
        memory_mb_used=int(ram_mb * used),
        free_ram_mb=int(ram_mb * (1 - used)),
        local_gb=4000,
        local_gb_used=int(4000 * used),
        free_disk_gb=int(4000 * (1 - used)),
        disk_available_least=None,
        vcpus=vcpus,
        vcpus_used=int(vcpus * used),
        hypervisor_type="QEMU",
        hypervisor_version=8000000,
        host_ip="10.0.0.1",
        cpu_info="{}",
        numa_topology=None,
        supported_hv_specs=[objects.HVSpec.from_list(["x86_64", "kvm", "hvm"])],
        pci_device_pools=None,
        metrics="[]",
        stats={"num_instances": str(chance.randint(0, 50)), "io_workload": "0", "failed_builds": "0"},
        cpu_allocation_ratio=4.0,
        ram_allocation_ratio=1.0,
        disk_allocation_ratio=1.0,
        updated_at=None,
    )


def _service(number: int) -> dict[str, Any]:
    now = datetime.now(UTC).replace(tzinfo=None)
    return {
        "disabled": number % 10 == 9,
        "disabled_reason": None,
        "host": f"h{number:05}",
        "updated_at": now,
        "last_seen_up": now,
        "created_at": now,
        "topic": "compute",
        "binary": "nova-compute",
        "forced_down": False,
        "version": 1,
        "report_count": 1,
        "id": number,
        "uuid": None,
    }


def _spec() -> Any:
    flavor = objects.Flavor(
        name="m1.small",
        memory_mb=2048,
        vcpus=2,
        root_gb=20,
        ephemeral_gb=0,
        swap=0,
        extra_specs={},
        flavorid="1",
        id=1,
    )
    properties = objects.ImageMetaProps(hw_architecture="x86_64")
    return objects.RequestSpec(
        instance_uuid=str(uuid.uuid4()),
        project_id="p" * 32,
        user_id="u" * 32,
        flavor=flavor,
        image=objects.ImageMeta(id=str(uuid.uuid4()), name="img", properties=properties),
        availability_zone=None,
        num_instances=1,
        numa_topology=None,
        pci_requests=objects.InstancePCIRequests(requests=[]),
        instance_group=None,
        force_hosts=None,
        force_nodes=None,
        ignore_hosts=None,
        requested_destination=None,
        retry=None,
        limits=objects.SchedulerLimits(),
        scheduler_hints={},
        requested_resources=[],
        is_bfv=False,
    )


def main() -> None:
    """Time a pass for each line of the input, until it ends."""
    nova_pass = NovaPass()
    for line in sys.stdin:
        print(nova_pass.seconds(int(line)), flush=True)


if __name__ == "__main__":
    main()
