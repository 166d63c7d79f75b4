"""The create that a binding stands for: the project's last one there, else the smallest that leads there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.memory.decision_store import MemoryDecisionStore
from chalicelib.model.affinity import SCOPE
from chalicelib.model.amounts import Amounts
from chalicelib.model.flavor import Flavor
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.operating.representative import LOOKED_THROUGH, NOMINAL, representative
from tests.builders import NOW, PROJECT, a_binding, a_flavor, a_pod, a_spec

GPU = {SCOPE + "gpu": "a100"}
BINDING = a_binding("pod-a")


def decided(*specs, pods=(a_pod(),)):
    """A store of decisions about these specs, the newest first."""
    store = MemoryDecisionStore(lambda: NOW)
    for n, spec in enumerate(specs):
        asked = replace(spec, requested_at=NOW - timedelta(seconds=n))
        store.save(decide(snapshot_of(pods), asked, SPREAD, f"d{n}"))
    return store


def chosen(*specs, binding=BINDING, pod=None, **fields):
    flavor, need = representative(binding, pod or a_pod(), decided(*specs, **fields))
    return flavor.flavor_id, need


def of_flavor(name, **fields):
    return a_spec(a_flavor(name), **fields)


def test_it_is_the_projects_last_create_and_one_server_of_it():
    last = of_flavor("last", count=3, need=Amounts(6, 3072, 31, 3))

    assert chosen(last, of_flavor("earlier")) == ("last", Amounts(2, 1024, 10, 1))


@pytest.mark.parametrize(
    "other",
    [
        of_flavor("x", project_id="another"),
        of_flavor("x", az_name="az2"),
        a_spec(a_flavor("x", extra_specs=GPU)),
    ],
)
def test_creates_of_others_in_other_zones_and_of_other_tags_are_passed_over(other):
    assert chosen(other, of_flavor("mine"))[0] == "mine"


def test_a_create_without_a_zone_counts_where_it_went_and_one_that_went_nowhere_where_it_asked():
    nowhere = of_flavor("nowhere", az_name=None)
    far = a_pod("far", "az2")

    assert chosen(nowhere, of_flavor("mine"), pods=(far,))[0] == "mine"
    assert chosen(nowhere, of_flavor("mine"))[0] == "nowhere"
    assert chosen(of_flavor("refused"), pods=(far,))[0] == "refused"


@pytest.mark.parametrize(("others", "found"), [(LOOKED_THROUGH - 1, "mine"), (LOOKED_THROUGH, NOMINAL)])
def test_it_is_looked_for_in_the_last_few_creates(others, found):
    elsewhere = [of_flavor("x", az_name="az2")] * others

    assert chosen(*elsewhere, of_flavor("mine"))[0] == found


def offering(*flavors):
    return a_pod(catalogue={flavor.flavor_id: flavor for flavor in flavors})


SMALL = {"vcpus": 1, "ram_mb": 512, "root_gb": 5}


@pytest.mark.parametrize("larger", [{"vcpus": 2}, {"ram_mb": 513}, {"root_gb": 6}, {}])
def test_else_it_is_the_smallest_flavor_of_the_pod_by_size_and_then_by_id(larger):
    pod = offering(a_flavor("b", **{**SMALL, **larger}), a_flavor("a2", **SMALL), a_flavor("z", vcpus=9))

    assert chosen(pod=pod) == ("a2", Amounts(1, 512, 5, 1))


def test_a_flavor_that_leads_to_another_group_or_is_not_the_projects_does_not_stand_for_it():
    tagged = a_flavor("tagged", **SMALL, extra_specs=GPU)
    private = a_flavor("private", **SMALL, project_ids=frozenset({"another"}))
    mine = a_flavor("mine", vcpus=7, project_ids=frozenset({PROJECT}))
    pod = offering(tagged, private, mine)

    assert chosen(pod=pod)[0] == "mine"
    assert chosen(pod=pod, binding=a_binding("pod-a", affinity_group="gpu=a100"))[0] == "tagged"


@pytest.mark.parametrize(
    ("group", "asks"),
    [
        ("general", {}),
        ("gpu=a100", GPU),
        ("cpu=x%3Dy,gpu=a%2C100", {SCOPE + "cpu": "x=y", SCOPE + "gpu": "a,100"}),
    ],
)
def test_else_it_is_a_small_flavor_that_exists_nowhere_and_leads_to_the_group(group, asks):
    flavor, need = representative(a_binding("pod-a", affinity_group=group), a_pod(catalogue=None), decided())

    assert flavor == Flavor("nominal", "nominal", vcpus=1, ram_mb=1024, root_gb=0, extra_specs=asks)
    assert need == Amounts(1, 1024, 0, 1)
