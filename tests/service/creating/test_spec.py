"""Specs: what a request leaves open is filled in, and what is known of the pods comes along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import snapshot_of
from chalicelib.model.trouble import Trouble
from tests.builders import NOW, PROJECT, a_binding, a_flavor, a_pod
from tests.service.desk import NOTHING_CACHED, World

FLAVOR = a_flavor(vcpus=2, root_gb=10, ephemeral_gb=5)


def spec_for(troubles=(), **asked):
    world = World()
    for trouble in troubles:
        world.outside.troubles.put(trouble)
    specs = world.services.servers.specs
    return specs.spec_for(PROJECT, FLAVOR, snapshot_of([a_pod("a"), a_pod("b")]), NOW, **asked)


@pytest.mark.parametrize(
    ("asked", "default", "zone"),
    [("az1", "az2", "az1"), (None, "az2", "az2"), ("", "az2", "az2"), (None, "", None), ("", "", None)],
)
def test_the_zone_is_the_one_asked_for_else_the_default_else_any(asked, default, zone):
    specs = World(chosen=replace(NOTHING_CACHED, default_az_name=default)).services.servers.specs

    assert specs.zone(asked) == zone


def test_the_need_is_that_of_all_servers_and_without_a_root_disk_when_booting_from_a_volume():
    need = spec_for(count=3, boots_from_volume=True).need

    assert need == Amounts(vcpus=6, ram_mb=3 * 1024, disk_gb=15, instances=3)


def test_a_need_that_is_known_goes_before_the_flavors():
    assert spec_for(need_of_one=Amounts(vcpus=1), count=2).need == Amounts(vcpus=2)


def test_the_pods_troubles_come_along():
    trouble = Trouble("a", failed_calls=5, opened_at=NOW, failed_builds=2.0, builds_at=NOW)

    spec = spec_for(troubles=[trouble])

    assert (spec.open_circuits, spec.failed_builds) == ({"a"}, {"a": 2.0})


def test_a_spec_says_all_that_was_asked():
    binding, pins = a_binding("a"), {"volume 1": frozenset({"b"})}
    asked = {
        "az_name": "az1",
        "count": 3,
        "request_id": "req-1",
        "bindings": [binding],
        "pinned_pod_ids": pins,
    }

    assert spec_for(**asked) == RequestSpec(
        PROJECT,
        FLAVOR,
        Amounts(vcpus=6, ram_mb=3 * 1024, disk_gb=45, instances=3),
        NOW,
        az_name="az1",
        count=3,
        request_id="req-1",
        bindings=(binding,),
        pinned_pod_ids=pins,
    )
    assert spec_for() == RequestSpec(PROJECT, FLAVOR, FLAVOR.need(), NOW)
