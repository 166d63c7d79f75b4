import json

import pytest

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.binding import BindingKey
from chalicelib.model.errors import InvalidField
from chalicelib.model.pod import PodState
from simulation.arrival import Arrival
from simulation.run import play
from simulation.scenario import Scenario
from simulation.site_file import read

POD = {"name": "Pod1", "zone": "az1", "vcpus": 16, "ram_gb": 64, "disk_gb": 640}
FLAVOR = {"name": "small", "vcpus": 1, "ram_mb": 2048, "disk_gb": 20}
BOUND = {"project": "alpha", "zone": "az1", "pod": "Pod2"}


def written(tmp_path, pod=None, flavor=None, bindings=(), **more):
    pods = [{**POD, **(pod or {})}, {**POD, "name": "Pod2"}]
    document = {"pods": pods, "flavors": [{**FLAVOR, **(flavor or {})}], "bindings": [*bindings], **more}
    (tmp_path / "site.json").write_text(json.dumps(document))
    return tmp_path / "site.json"


def test_a_pod_may_say_all_that_its_record_would(tmp_path):
    told = {
        "age_days": 2.5,
        "used": {"vcpus": 3, "instances": 1},
        "headroom": 0.1,
        "max_instances": 9,
        "affinity_tags": {"gpu": "yes"},
        "allowed_project_ids": ["alpha"],
        "state": "cordoned",
        "disk_gb": None,
    }

    first = read(written(tmp_path, told)).pods[0]

    assert (first.totals, first.used) == (Totals(16, 65_536, None), Amounts(vcpus=3, instances=1))
    assert (first.pod.headroom, first.pod.max_instances, first.pod.state) == (0.1, 9, PodState.CORDONED)
    assert (first.pod.affinity_tags, first.pod.allowed_project_ids) == ({"gpu": "yes"}, {"alpha"})


def test_a_pod_that_is_not_proven_never_gets_a_server(tmp_path):
    site = read(written(tmp_path, {"proven": False, "weight": 100}))

    outcome = play(
        site, [Arrival(0.0, f"p{n}", "small", "az1", 60.0) for n in range(9)], Scenario("as it is")
    )

    assert [pod.pod.proven for pod in site.pods] == [False, True]
    assert set(outcome.bound.values()) == {"Pod2"}
    assert outcome.actions.total() == 9


def test_a_flavor_takes_its_disks_and_swap_and_what_its_extra_specs_say(tmp_path):
    told = {"ephemeral_gb": 5, "swap_mb": 512, "extra_specs": {"resources:VCPU": "3", "pod:gpu": "yes"}}

    flavor = read(written(tmp_path, flavor=told)).flavors["small"]

    assert flavor.need() == Amounts(vcpus=3, ram_mb=2048, disk_gb=20 + 5 + 1, instances=1)
    assert flavor.affinity_tags == {"gpu": "yes"}


def test_a_pod_that_is_named_earlier_is_older_and_one_without_sizes_is_never_full(tmp_path):
    sizes = dict.fromkeys(("vcpus", "ram_gb", "disk_gb"))
    site = read(written(tmp_path, sizes))

    outcome = play(site, [Arrival(0.0, "p", "small", "az1", 60.0)] * 40, Scenario("as it is"))

    assert site.pods[0].pod.created_at < site.pods[1].pod.created_at
    assert site.pods[0].totals == Totals()
    assert outcome.actions.total() == 40


def test_what_is_used_and_who_is_bound_counts_from_the_first_create(tmp_path):
    site = read(written(tmp_path, {"used": {"vcpus": 2}}, bindings=[BOUND]))

    outcome = play(site, [Arrival(0.0, "alpha", "small", "az1", 60.0)], Scenario("as it is"))

    assert outcome.actions == {"keep": 1}
    assert outcome.bound == {BindingKey("alpha", "az1", "general"): "Pod2"}
    assert outcome.samples[0].fill == 2 / 16


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pod": {"vcpus": -1}}, "pods.0.vcpus"),
        ({"pod": {"colour": "red"}}, "pods.0.colour"),
        ({"pod": {"used": {"cores": 1}}}, "pods.0.used.cores"),
        ({"pod": {"state": "asleep"}}, "pods.0.state"),
        ({"pod": {"state": ["enabled"]}}, "pods.0.state"),
        ({"pod": {"headroom": "much"}}, "pods.0.headroom"),
        ({"pod": {"headroom": 1}}, "pods.0.headroom"),
        ({"pod": {"weight": 101}}, "pods.0.weight"),
        ({"pod": {"affinity_tags": {"gpu": 1}}}, "pods.0.affinity_tags.gpu"),
        ({"pod": {"allowed_project_ids": "alpha"}}, "pods.0.allowed_project_ids"),
        ({"pod": {"bind_watermark": 0.9, "keep_watermark": 0.8}}, "pods.0.bind_watermark"),
        ({"pod": {"age_days": 1e9}}, "pods.0.age_days"),
        ({"pod": {"ram_mb": 65536}}, "pods.0.ram_gb"),
        ({"pod": {"name": None}}, "pods.0.name"),
        ({"pod": {"name": "Pod2"}}, "pods"),
        ({"pod": {"id": "Pod2"}}, "pods"),
        ({"flavor": {"vcpus": 1.5}}, "flavors.0.vcpus"),
        ({"flavor": {"extra_specs": {"pod:gpu": True}}}, "flavors.0.extra_specs.pod:gpu"),
        ({"flavors": [FLAVOR, FLAVOR]}, "flavors"),
        ({"bindings": [{**BOUND, "pod": "Pod7"}]}, "bindings.0.pod"),
        ({"bindings": [{**BOUND, "affinity_group": "b=1,a=1"}]}, "bindings.0.affinity_group"),
        ({"bindings": [BOUND, BOUND]}, "bindings"),
        ({"binding": []}, "binding"),
        ({"bindings": [7]}, "bindings.0"),
        ({"flavors": []}, "flavors"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_place(tmp_path, changes, field):
    with pytest.raises(InvalidField) as refused:
        read(written(tmp_path, **changes))

    assert refused.value.field == field
