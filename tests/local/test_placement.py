"""The stand-in's Placement reports as Placement would."""

from __future__ import annotations

import pytest

from local.standin.hosts import HostSize

ONE_MB = "/allocation_candidates?resources=MEMORY_MB:1&required=!COMPUTE_STATUS_DISABLED"


def summaries(answer):
    return answer.json()["provider_summaries"]


def test_candidates_carry_capacity_and_use_of_all_classes(cloud, nova, placement):
    nova("alpha").create(flavor="3")

    first = summaries(placement().get(ONE_MB))[cloud.pod("Pod1").hosts[0].uuid]

    assert first["resources"] == {
        "VCPU": {"capacity": 4, "used": 2},
        "MEMORY_MB": {"capacity": 8192, "used": 4096},
        "DISK_GB": {"capacity": 100, "used": 40},
    }


def test_a_full_host_is_missing_from_the_candidates(cloud, nova, placement):
    nova("alpha").create(flavor="4")

    assert list(summaries(placement().get(ONE_MB))) == [cloud.pod("Pod1").hosts[1].uuid]


def test_a_disabled_host_is_missing_when_it_is_not_wanted(cloud, placement):
    cloud.pod("Pod1").hosts[0].disabled = True

    assert list(summaries(placement().get(ONE_MB))) == [cloud.pod("Pod1").hosts[1].uuid]
    assert len(summaries(placement().get("/allocation_candidates?resources=MEMORY_MB:1"))) == 2


def test_tenants_may_not_ask(placement):
    assert placement("alpha").get(ONE_MB).status_code == 403


def test_a_report_can_be_made_nonsense_and_true_again(cloud, placement):
    pod = cloud.pod("Pod1")
    pod.report_capacity({"VCPU": {"capacity": -5}})
    lies = summaries(placement().get(ONE_MB))[pod.hosts[0].uuid]["resources"]["VCPU"]
    pod.report_capacity(None)

    assert lies == {"capacity": -5, "used": 0}
    assert summaries(placement().get(ONE_MB))[pod.hosts[0].uuid]["resources"]["VCPU"]["capacity"] == 4


@pytest.mark.parametrize(
    ("size", "usable_mb"),
    [
        (HostSize(ram_mb=1000, reserved_ram_mb=512), 488),
        (HostSize(ram_mb=1001, reserved_ram_mb=0, ram_ratio=1.5), 1501),
    ],
)
def test_usable_is_what_is_not_reserved_times_the_ratio_in_whole_units(size, usable_mb):
    assert size.capacity.ram_mb == usable_mb
