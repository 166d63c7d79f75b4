from dataclasses import replace

import pytest

from chalicelib.model.affinity import GENERAL
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.errors import InvalidField, NotFound
from chalicelib.model.page import Page
from chalicelib.model.pod import PodState
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.operating.decisions import WhatIf
from tests.builders import NOW, PROJECT, a_capacity, a_flavor, a_pod
from tests.service.desk import NOTHING_CACHED, OPERATOR, Desk

SMALL = a_flavor("m1.small")


def a_desk(chosen=NOTHING_CACHED, **of_a):
    desk = Desk(a_pod("a", **of_a), a_pod("b"), a_pod("far", "az2"), chosen=chosen)
    for pod_id in ("a", "b", "far"):
        desk.capacities.save(pod_id, CapacityReport(a_capacity(), catalogue={"m1.small": SMALL}))
    return desk


def dry_run(desk, **asked):
    values = {"project_id": PROJECT, "flavor_id": "m1.small", "az_name": "az1", **asked}
    return desk.decisions.dry_run(WhatIf(**values), "req-1")


def test_a_dry_run_of_an_unbound_project_would_create_a_binding():
    decision = dry_run(a_desk())

    assert decision.action is Action.CREATE
    assert decision.selected.pod.az_name == "az1"
    assert (decision.spec.requested_at, decision.spec.request_id) == (NOW, "req-1")
    assert decision.rejected_counts == {"availability_zone": 1}


def test_a_dry_run_writes_nothing():
    desk = a_desk()

    decision = dry_run(desk)

    assert desk.kept.list() == []
    assert desk.bindings.of_project(PROJECT, GENERAL) == []
    assert desk.projects.pod_ids(PROJECT) == frozenset()
    with pytest.raises(NotFound):
        desk.decisions.get(decision.decision_id)


def test_a_dry_run_sees_the_projects_binding():
    desk = a_desk(state=PodState.DRAINING)
    desk.pods.set_state("a", PodState.ENABLED, OPERATOR)
    desk.rebinding.bind(PROJECT, "a", GENERAL, "by hand", OPERATOR)

    assert dry_run(desk).action is Action.KEEP
    desk.pods.set_state("a", PodState.CORDONED, OPERATOR)
    assert dry_run(desk).action is Action.DIVERT
    desk.pods.set_state("a", PodState.DRAINING, OPERATOR)
    assert dry_run(desk).action is Action.UPDATE


def test_a_dry_run_asks_for_all_its_servers_and_for_no_root_disk_when_booting_from_a_volume():
    need = dry_run(a_desk(), count=3, boots_from_volume=True).spec.need

    assert (need.vcpus, need.disk_gb, need.instances) == (3, 0, 3)


@pytest.mark.parametrize(("default", "chosen"), [("", "far"), ("az1", None)])
def test_a_dry_run_without_a_zone_asks_for_any_or_for_the_default(default, chosen):
    desk = a_desk(replace(NOTHING_CACHED, default_az_name=default))
    for pod_id in ("a", "b"):
        desk.pods.set_state(pod_id, PodState.CORDONED, OPERATOR)

    selected = dry_run(desk, az_name="").selected

    assert (selected and selected.pod.pod_id) == chosen


def test_a_dry_run_can_try_a_profile_that_is_not_in_force():
    desk = a_desk()
    tight = SPREAD.having(bind_watermark=0.001, keep_watermark=0.002, large_request_share=1.0)

    assert dry_run(desk).action is Action.CREATE
    assert dry_run(desk, profile=tight).rejected_counts["capacity"] == 2


def test_a_dry_run_goes_by_the_profile_in_force():
    desk = a_desk()
    desk.profiles.put("default", {"version": 0, "filters": ["all_pods"]}, OPERATOR)

    decision = dry_run(desk)

    assert decision.weighed_count == 3
    assert decision.profile["version"] == 1


def test_a_size_that_exists_nowhere_can_be_tried():
    decision = dry_run(a_desk(), flavor_id="", flavor=a_flavor("dry-run", vcpus=60))

    assert decision.action is Action.CREATE
    assert decision.spec.need.vcpus == 60


def test_a_size_too_big_for_every_pod_fits_nowhere():
    assert dry_run(a_desk(), flavor_id="", flavor=a_flavor("dry-run", vcpus=101)).action is Action.NONE


@pytest.mark.parametrize("flavor_id", ["m1.unknown", "m1.private"])
def test_a_flavor_that_no_pod_offers_to_the_project_is_refused(flavor_id):
    desk = a_desk()
    private = a_flavor("m1.private", project_ids=frozenset({"somebody-else"}))
    report = CapacityReport(a_capacity(), catalogue={"m1.private": private})
    desk.capacities.save("a", report)

    with pytest.raises(InvalidField) as refused:
        dry_run(desk, flavor_id=flavor_id)

    assert refused.value.field == "flavor_id"


def test_kept_decisions_are_listed_newest_first_by_project():
    desk = a_desk()
    for number, project_id in enumerate(("p1", "p2", "p1")):
        decision = dry_run(desk, project_id=project_id)
        desk.kept.save(_kept(decision, f"d{number}"))
        desk.clock.passes(seconds=1)

    assert [d.decision_id for d in desk.decisions.list()] == ["d2", "d1", "d0"]
    assert [d.decision_id for d in desk.decisions.list("p1")] == ["d2", "d0"]
    assert [d.decision_id for d in desk.decisions.list("", Page(limit=1, marker="d2"))] == ["d1"]
    assert desk.decisions.get("d1").spec.project_id == "p2"


def _kept(decision, decision_id):
    return replace(decision, decision_id=decision_id)


def test_a_dry_run_has_an_id_of_its_own_and_needs_no_request():
    desk = a_desk()

    decision = desk.decisions.dry_run(WhatIf(PROJECT, "m1.small", az_name="az1"))

    assert (decision.decision_id, decision.spec.request_id) == ("id-1", "")
    assert dry_run(desk).decision_id == "id-2"


def test_a_dry_run_goes_by_the_profile_of_the_zone_that_it_asks_for():
    desk = a_desk()
    desk.profiles.put("zone:az1", {"version": 0, "tie_margin": 0.5}, OPERATOR)

    names = [dry_run(desk, az_name=az_name).profile["name"] for az_name in ("az1", "az2", "")]
    assert names == ["zone:az1", "default", "default"]
