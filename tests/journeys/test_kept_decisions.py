"""Decisions that a gateway has kept are played again in the simulation, as they were and what if."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.scheduler.profile import SPREAD
from simulation import kept
from simulation.__main__ import main
from simulation.arrival import read as read_arrivals
from simulation.cloud import Cloud
from simulation.run import play
from simulation.scenario import Loss, Scenario
from simulation.site_file import read as read_site
from tests.journeys.conftest import Gateway
from tests.journeys.test_drain import deliver


@pytest.fixture
def lived(gateway: Gateway, monkeypatch, tmp_path):
    """A project created servers in both zones, and its decisions were exported to files."""
    gateway.create(availability_zone="az1")
    gateway.create(max_count=2, availability_zone="az1")
    bound = gateway.create(availability_zone="az1").body["server"]["id"]
    home = gateway.pods[gateway.pod_holding(bound)].pod_id
    gateway.call("POST", f"/v1.0/pods/{home}/cordon", user="admin")
    gateway.create(availability_zone="az2")
    gateway.call("POST", f"/v1.0/pods/{home}/uncordon", user="admin")
    gateway.refresh()

    def get(path: str):
        answer = gateway.call("GET", "/v1.0" + path, user="admin")
        assert answer.status == 200, answer.body
        return answer.body

    monkeypatch.setattr(kept, "gateway", lambda url, token: get)
    assert kept.main(["http://gateway/v1.0", "--out", str(tmp_path)]) == 0
    return get, tmp_path


def test_as_it_is_every_create_does_again_what_it_did(lived):
    get, place = lived
    site, arrivals = read_site(place / "site.json"), read_arrivals(place / "workload.csv")

    outcome = play(site, arrivals, Scenario("as it is", SPREAD))

    decisions, _ = kept.read(get, 100)
    assert len(arrivals) == 5
    did = Counter(decision["action"] for decision in decisions)
    # The two servers of one create are two creates here, and the second keeps the binding of the first.
    assert outcome.actions == did + Counter(keep=1)
    names = {pod["pod_id"]: pod["pod_name"] for pod in get("/pods")["pods"]}
    bound = {(b["az_name"], names[b["pod_id"]]) for b in get("/bindings")["pod_bindings"]}
    assert {(key.az_name, pod_id) for key, pod_id in outcome.bound.items()} == bound


def test_as_it_is_every_create_goes_to_the_pod_that_it_went_to(lived, monkeypatch):
    get, place = lived
    site, arrivals = read_site(place / "site.json"), read_arrivals(place / "workload.csv")
    went, create = [], Cloud.create

    def noting(*asked):
        came = create(*asked)
        went.append(came.pod_id)
        return came

    monkeypatch.setattr(Cloud, "create", noting)
    play(site, arrivals, Scenario("as it is", SPREAD))

    decisions, _ = kept.read(get, 100)
    assert went == [d["pod_id"] for d in decisions for _ in range(d["spec"]["count"])]
    assert len(set(went)) == 2


def test_what_was_used_before_is_what_the_creates_found(lived):
    _, place = lived

    # The pods hold nothing but the servers of these creates, and were refreshed after the last of them.
    assert {pod.used.vcpus for pod in read_site(place / "site.json").pods} == {0}


def test_what_a_drain_decided_is_no_create(gateway, lived):
    get, _ = lived
    before, _ = kept.read(get, 100)
    (bound,) = get("/bindings?az_name=az1")["pod_bindings"]

    gateway.call("POST", f"/v1.0/pods/{bound['pod_id']}/drain", {"rate_per_minute": 60}, user="admin")
    deliver(gateway)

    assert len(get("/decisions")["decisions"]) == len(before) + 1
    assert kept.read(get, 100)[0] == before
    assert kept.read(get, 2)[0] == before[-2:]


def test_the_top_region_is_no_place_for_servers(gateway, lived, tmp_path):
    gateway.call("POST", "/v1.0/pods", {"pod": {"pod_name": "Top"}}, user="admin")

    assert kept.main(["http://gateway/v1.0", "--out", str(tmp_path)]) == 0
    assert {pod.pod.pod_name for pod in read_site(tmp_path / "site.json").pods} == {"Pod1", "Pod2", "Pod3"}


def test_what_if_its_pod_had_fallen(lived):
    _, place = lived
    site, arrivals = read_site(place / "site.json"), read_arrivals(place / "workload.csv")
    (home,) = {
        pod_id
        for key, pod_id in play(site, arrivals, Scenario("as it is", SPREAD)).bound.items()
        if key.az_name == "az1"
    }

    outcome = play(site, arrivals, Scenario("lost", SPREAD, losses=(Loss(home, 0.0),)))

    assert outcome.actions["divert"] > 0
    assert not outcome.refused
    assert home not in {sample.pod for sample in outcome.samples}


def test_the_command_plays_what_was_written(lived, capsys):
    _, place = lived
    files = ["--workload", str(place / "workload.csv"), "--site", str(place / "site.json")]

    assert main([*files, "--profile", "pack", "--out", str(place)]) == 0
    assert "what if" in capsys.readouterr().out
