from dataclasses import replace

import pytest

from chalicelib.model.capacity import CapacityReport
from chalicelib.model.location import Location
from chalicelib.service.operating.decisions import WhatIf
from tests.builders import NOW, PROJECT, a_capacity, a_flavor

ASKED = {"project_id": PROJECT, "flavor_id": "m1.small", "az_name": "az1"}


@pytest.fixture(autouse=True)
def _reports(operator):
    for pod_id in ("a", "b", "far"):
        report = CapacityReport(a_capacity(), catalogue={"m1.small": a_flavor("m1.small")})
        operator.desk.capacities.save(pod_id, report)


def dry_run(operator, url="/v1.0/decisions/dry-run", **changes):
    return operator.ask("POST", url, {"decision": {**ASKED, **changes}})


def keep(operator, decision_id, project_id=PROJECT):
    what_if = WhatIf(project_id, "m1.small", az_name="az1")
    decision = operator.desk.decisions.dry_run(what_if, "req-of-a-create")
    operator.desk.kept.save(replace(decision, decision_id=decision_id))
    operator.desk.clock.passes(seconds=1)


def test_a_dry_run_shows_who_was_weighed_how_and_who_was_rejected_why(operator):
    decision = dry_run(operator, count=2).body["decision"]

    assert (decision["action"], decision["project_id"], decision["az_name"]) == ("create", PROJECT, "az1")
    assert decision["pod_name"] in ("A", "B")
    assert decision["spec"]["need"] == {"vcpus": 2, "ram_mb": 2048, "disk_gb": 20, "instances": 2}
    assert decision["weighed"][0]["pod_id"] == decision["pod_id"]
    weights = {weight["weigher"]: weight for weight in decision["weighed"][0]["weights"]}
    assert set(weights["idle_capacity"]) == {"weigher", "raw", "normalised", "weighted"}
    assert decision["rejected_counts"] == {"bottom_pod": 1, "availability_zone": 1}
    far = next(pod for pod in decision["rejected"] if pod["pod_name"] == "Far")
    assert far["rejections"][0]["filter"] == "availability_zone"
    assert "az2" in far["rejections"][0]["sentence"]


def test_a_dry_run_keeps_nothing(operator):
    dry_run(operator)

    assert operator.ask("GET", "/v1.0/decisions").body == {"decisions": []}
    assert operator.ask("GET", "/v1.0/bindings?is_binding=all").body == {"pod_bindings": []}


def test_a_dry_run_takes_a_size_and_a_profile_to_try(operator):
    flavor = {"vcpus": 30, "ram_mb": 1024, "extra_specs": {"pod:resource": "gpu"}}

    decision = dry_run_of_size(operator, flavor, profile={"filters": ["all_pods", "proven"], "tie_margin": 0})

    assert decision["spec"]["flavor"]["vcpus"] == 30
    assert decision["affinity_group"] == "resource=gpu"
    assert decision["profile"]["filters"] == ["all_pods", "proven"]
    assert decision["weighed_count"] == 4


def dry_run_of_size(operator, flavor, **more):
    asked = {"project_id": PROJECT, "flavor": flavor, **more}
    return operator.ask("POST", "/v1.0/decisions/dry-run", {"decision": asked}).body["decision"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"project_id": ""}, "project_id"),
        ({"flavor_id": "gone"}, "flavor_id"),
        ({"flavor": {"vcpus": 1, "ram_mb": 1}}, "flavor_id"),
        ({"count": 0}, "count"),
        ({"count": True}, "count"),
        ({"az_name": 5}, "az_name"),
        ({"zone": "az1"}, "zone"),
        ({"boots_from_volume": "yes"}, "boots_from_volume"),
        ({"profile": "pack"}, "profile"),
        ({"profile": {"tie_margin": "wide"}}, "profile.tie_margin"),
        ({"profile": {"filters": ["gone"]}}, "profile.filters.0"),
    ],
)
def test_a_bad_dry_run_is_a_400_that_names_the_field(operator, wrong, field):
    body = {"decision": {**ASKED, **wrong}}

    assert operator.refused("POST", "/v1.0/decisions/dry-run", body) == (400, field)


@pytest.mark.parametrize(
    ("flavor", "field"),
    [
        ("m1.small", "flavor"),
        ({"vcpus": 1}, "flavor.ram_mb"),
        ({"vcpus": 0, "ram_mb": 1}, "flavor.vcpus"),
        ({"vcpus": 1, "ram_mb": 1, "disk": 1}, "flavor.disk"),
        ({"vcpus": 1, "ram_mb": 1, "extra_specs": {"pod:x": 1}}, "flavor.extra_specs.pod:x"),
    ],
)
def test_a_bad_size_is_a_400_that_names_the_field_inside(operator, flavor, field):
    body = {"decision": {"project_id": PROJECT, "flavor": flavor}}

    assert operator.refused("POST", "/v1.0/decisions/dry-run", body) == (400, field)


def test_decisions_are_listed_newest_first_by_project(operator):
    for decision_id, project_id in (("d1", "p1"), ("d2", "p2"), ("d3", "p1")):
        keep(operator, decision_id, project_id)

    def listed(query):
        found = operator.ask("GET", f"/v1.0/decisions{query}").body["decisions"]
        return [decision["decision_id"] for decision in found]

    assert listed("") == ["d3", "d2", "d1"]
    assert listed("?project_id=p1") == ["d3", "d1"]
    assert listed("?limit=1&marker=d3") == ["d2"]
    assert operator.refused("GET", "/v1.0/decisions?limit=0") == (400, "limit")
    assert operator.refused("GET", "/v1.0/decisions?marker=gone") == (400, "marker")
    assert operator.refused("GET", "/v1.0/decisions?tenant=p1") == (400, "tenant")


def test_a_kept_decision_is_shown_in_full(operator):
    keep(operator, "d1")

    shown = operator.ask("GET", "/v1.0/decisions/d1").body["decision"]

    assert (shown["request_id"], shown["requested_at"]) == ("req-of-a-create", "2025-06-01T12:00:00Z")
    assert shown["profile"]["name"]
    assert len(shown["weighed"]) == 2


def test_a_decision_reads_well_in_a_terminal(operator):
    keep(operator, "d1")

    reply = operator.ask("GET", "/v1.0/decisions/d1?format=text")

    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "idle_capacity" in reply.body
    assert "Far" in reply.body
    assert operator.refused("GET", "/v1.0/decisions/d1?format=xml") == (400, "format")


def test_an_unknown_decision_is_a_404(operator):
    assert operator.ask("GET", "/v1.0/decisions/gone").status == 404


def test_decisions_are_found_by_server_and_by_request(operator):
    keep(operator, "d1")
    server = Location("s1", PROJECT, "a", NOW, request_id="req-of-a-create", decision_id="d1")
    operator.desk.locations.remember(server)

    for query in ("server_id=s1", "request_id=req-of-a-create"):
        found = operator.ask("GET", f"/v1.0/decisions?{query}").body["decisions"]
        assert [row["decision_id"] for row in found] == ["d1"]
        told = operator.ask("GET", f"/v1.0/decisions?{query}&format=text")
        assert told.headers["Content-Type"].startswith("text/plain")
        assert "idle_capacity" in told.body
    assert operator.ask("GET", "/v1.0/decisions?request_id=req-9").body == {"decisions": []}
    assert operator.ask("GET", "/v1.0/decisions?server_id=s9").status == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("server_id=s1&request_id=r", "request_id"),
        ("server_id=s1&project_id=p", "project_id"),
        ("server_id=s1&format=xml", "format"),
        ("server=s1", "server"),
    ],
)
def test_a_bad_search_is_refused_and_names_the_field(operator, query, field):
    assert operator.refused("GET", f"/v1.0/decisions?{query}") == (400, field)


def test_every_filters_verdict_is_shown_with_its_numbers_or_as_not_kept(operator):
    decision = dry_run(operator).body["decision"]

    weighed = decision["weighed"][0]
    assert set(weighed["verdicts"].values()) == {"passes"}
    assert weighed["fill_after"] == {"resource": "vcpus", "fraction": 0.01}
    far = next(pod for pod in decision["rejected"] if pod["pod_name"] == "Far")
    assert far["verdicts"]["bottom_pod"] == "passes"
    assert far["verdicts"]["availability_zone"] == "rejects"
    assert far["verdicts"]["capacity"] == "not kept"
    assert decision["contested"] is None
