"""From a server or a request to the decision behind it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.errors import NotFound
from chalicelib.model.identity import Caller, Identity
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from tests.builders import NOW, PROJECT, a_pod, a_spec
from tests.service.desk import World

SHOW = PodRequest("GET", "/servers/s1")


def tenant(project_id=PROJECT):
    identity = Identity("u1", project_id, frozenset({"member"}), NOW + timedelta(days=1))
    return Caller(identity, "a-token", "req-of-the-reader")


class Searching:
    """Remembers a server when it is asked for, as a search among the pods does."""

    def __init__(self, locations, found=None):
        self.locations, self.found = locations, found

    def send(self, caller, resource, server_id, request):
        assert request is SHOW
        if self.found is not None:
            self.locations.remember(self.found)


class Office(World):
    def __init__(self, found=None):
        super().__init__()
        self.locations = self.outside.locations
        self.explaining = replace(self.services.explaining, located=Searching(self.locations, found))

    def decided(self, decision_id, request_id="req-1", ago=0, pod_id="pod-a", project_id=PROJECT):
        at = NOW - timedelta(seconds=ago)
        spec = a_spec(request_id=request_id, requested_at=at, project_id=project_id)
        self.outside.decisions.save(decide(snapshot_of([a_pod(pod_id)]), spec, SPREAD, decision_id))

    def located(self, **fields):
        location = a_location(**fields)
        self.locations.remember(location)


def a_location(**fields):
    values = {"project_id": PROJECT, "pod_id": "pod-a", "created_at": NOW, "request_id": "req-1", **fields}
    return Location("s1", **values)


def test_a_server_leads_to_the_decision_that_its_location_names():
    office = Office()
    office.decided("d1")
    office.decided("d2")
    office.located(decision_id="d1")

    assert office.explaining.of_server("s1").decision_id == "d1"
    assert office.explaining.of_own_server(tenant(), "s1", SHOW).decision_id == "d1"


def test_an_id_in_capitals_leads_there_too():
    office = Office(found=a_location(decision_id="d1"))
    office.decided("d1")

    assert office.explaining.of_own_server(tenant(), "S1", SHOW).decision_id == "d1"
    assert office.explaining.of_own_server(tenant(), "S1", SHOW).decision_id == "d1"
    assert office.explaining.of_server("S1").decision_id == "d1"


def test_a_deleted_server_still_leads_to_its_decision():
    office = Office()
    office.decided("d1")
    office.located(decision_id="d1")
    office.locations.end("s1", NOW)

    assert office.explaining.of_server("s1").decision_id == "d1"


def test_a_location_of_before_decisions_were_named_leads_by_its_request_to_the_one_for_its_pod():
    office = Office()
    office.decided("d1", pod_id="pod-a")
    office.decided("d2", pod_id="pod-dead")
    office.located()

    assert office.explaining.of_server("s1").decision_id == "d1"
    assert [d.decision_id for d in office.explaining.of_request("req-1")] == ["d2", "d1"]


def test_a_request_of_another_project_explains_nothing():
    office = Office()
    office.decided("d1", project_id="another")
    office.located()

    with pytest.raises(NotFound):
        office.explaining.of_server("s1")


def test_a_server_that_was_found_by_a_search_leads_to_the_one_create_of_its_time():
    office = Office(found=a_location(request_id="req-of-the-reader"))
    office.decided("d1", ago=10)
    office.decided("elsewhere", ago=10, pod_id="pod-b")
    office.decided("another's", ago=10, project_id="another")
    office.decided("too-old", ago=61)

    assert office.explaining.of_own_server(tenant(), "s1", SHOW).decision_id == "d1"


def test_a_server_that_two_creates_may_have_made_is_not_guessed_at():
    office = Office()
    office.decided("d1", ago=10)
    office.decided("d2", ago=20)
    office.located(request_id="req-of-a-search")

    with pytest.raises(NotFound, match="Decision"):
        office.explaining.of_server("s1")


def test_anothers_server_is_not_found_as_nova_says_it():
    office = Office()
    office.decided("d1")
    office.located(decision_id="d1")

    with pytest.raises(NotFound) as refused:
        office.explaining.of_own_server(tenant("another"), "s1", SHOW)
    assert refused.value.kind == "Instance"
    with pytest.raises(NotFound):
        Office().explaining.of_own_server(tenant(), "s1", SHOW)
    with pytest.raises(NotFound):
        Office().explaining.of_server("s1")


def test_a_decision_that_was_not_kept_is_not_found():
    office = Office()
    office.located(decision_id="never-kept")

    with pytest.raises(NotFound):
        office.explaining.of_server("s1")


def test_a_long_list_of_later_creates_does_not_hide_a_decision():
    office = Office()
    office.decided("d1", ago=0)
    for number in range(250):
        office.decided(f"later-{number:03}", ago=-number - 10)
    office.located(request_id="req-of-a-search")

    assert office.explaining.of_server("s1").decision_id == "d1"


def test_clocks_may_differ_by_some_seconds_and_creates_take_a_minute_at_most():
    decision = decide(snapshot_of([a_pod()]), a_spec(), SPREAD, "d1")

    said = [decision.may_have_made(NOW + timedelta(seconds=s)) for s in (-5.1, -5, 60, 60.1)]
    assert said == [False, True, True, False]
