"""From a request to its decisions: by our id of it, or by the pod's own, which its client got."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import NotFound
from chalicelib.model.resource import SERVERS
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from tests.builders import NOW, a_pod, a_spec
from tests.service.operating.test_explaining import SHOW, Office, a_location, tenant


def ids(decisions):
    return [decision.decision_id for decision in decisions]


def attempts(office, *pod_request_ids, request_id="req-1"):
    """The decisions of a create's attempts, the first of them d1; pods know some by ids of their own."""
    for n, pod_request_id in enumerate(pod_request_ids, 1):
        decision = decide(snapshot_of([a_pod()]), a_spec(request_id=request_id), SPREAD, f"d{n}")
        office.outside.decisions.save(decision, pod_request_id)


def test_our_id_finds_all_attempts_of_a_create_the_last_first():
    office = Office()
    attempts(office, "", "", "")
    office.decided("another", request_id="req-2")

    assert ids(office.explaining.of_request("req-1")) == ["d3", "d2", "d1"]


def test_the_pods_id_of_the_last_attempt_finds_the_earlier_ones_too():
    office = Office()
    attempts(office, "", "req-of-pod")

    assert ids(office.explaining.of_request("req-of-pod")) == ["d2", "d1"]


def test_a_decision_without_an_id_of_ours_is_found_by_the_pods_alone():
    office = Office()
    attempts(office, "req-of-pod", request_id="")
    office.decided("another", request_id="")

    assert ids(office.explaining.of_request("req-of-pod")) == ["d1"]


@pytest.mark.parametrize("servers", [1, 2])
def test_what_a_create_made_leads_from_the_pods_id_to_ours(servers):
    office = Office()
    attempts(office, "", "")
    for n in range(servers):
        location = replace(a_location(), resource_id=f"s{n}", pod_request_id="req-of-pod")
        office.locations.remember(location)
    office.locations.remember(replace(a_location(request_id="req-2"), resource_id="other"))

    assert ids(office.explaining.of_request("req-of-pod")) == ["d2", "d1"]


def test_an_id_that_nobody_knows_explains_nothing():
    assert list(Office().explaining.of_request("req-9")) == []


def test_a_tenant_is_told_of_its_own_projects_decisions_alone():
    office = Office()
    office.decided("mine")
    office.decided("another's", project_id="another")

    assert ids(office.explaining.of_own_request(tenant(), "req-1")) == ["mine"]
    assert ids(office.explaining.of_own_request(tenant("another"), "req-1")) == ["another's"]
    assert ids(office.explaining.of_own_request(tenant("third"), "req-1")) == []


class Asked:
    """Notes how a server is looked for, and finds none."""

    def __init__(self):
        self.heard = []

    def send(self, *asked):
        self.heard.append(asked)


def test_a_tenants_server_without_a_location_is_looked_for_as_it_asked():
    office, asked = Office(), Asked()
    explaining = replace(office.explaining, located=asked)

    with pytest.raises(NotFound) as missing:
        explaining.of_own_server(tenant(), "S9", SHOW)

    assert asked.heard == [(tenant(), SERVERS, "S9", SHOW)]
    assert str(missing.value) == "Instance S9 could not be found."


def test_a_tenants_server_with_a_location_is_not_looked_for():
    office, asked = Office(), Asked()
    office.decided("d1")
    office.located(decision_id="d1")

    explaining = replace(office.explaining, located=asked)

    assert explaining.of_own_server(tenant(), "S1", SHOW).decision_id == "d1"
    assert asked.heard == []


@pytest.mark.parametrize("there", [True, False])
def test_an_operator_is_told_that_a_server_has_no_decision(there):
    office = Office()
    if there:
        office.located(request_id="")

    with pytest.raises(NotFound) as missing:
        office.explaining.of_server("s1")

    assert str(missing.value) == "Decision of instance s1 could not be found."


def test_a_location_whose_request_fits_another_server_is_explained_by_its_time():
    office = Office()
    office.decided("of-a-search", request_id="req-2", ago=200)
    office.decided("d1", ago=10)
    office.located(request_id="req-2")

    assert office.explaining.of_server("s1").decision_id == "d1"


def test_a_location_without_a_request_is_explained_by_its_time_alone():
    office = Office()
    office.decided("d1", request_id="", ago=10)
    office.decided("another", request_id="", ago=200)
    office.located(request_id="")

    assert office.explaining.of_server("s1").decision_id == "d1"


@pytest.mark.parametrize(("later", "found"), [(499, True), (500, False)])
def test_five_pages_of_later_decisions_are_looked_through(later, found):
    office = Office()
    office.decided("d1")
    for number in range(later):
        office.decided(f"later-{number:03}", ago=-number - 10)
    office.located(request_id="")

    if found:
        assert office.explaining.of_server("s1").decision_id == "d1"
    else:
        with pytest.raises(NotFound):
            office.explaining.of_server("s1")


def pages_read(office):
    """The markers of the pages that a search by time reads."""
    markers, read = [], office.outside.decisions.list

    def noted(project_id, page):
        markers.append(page.marker)
        return read(project_id, page)

    office.outside.decisions.list = noted
    with pytest.raises(NotFound):
        office.explaining.of_server("s1")
    return markers


@pytest.mark.parametrize(("ago", "pages"), [(60, 2), (61, 1)])
def test_a_search_by_time_ends_where_no_older_create_can_have_made_the_server(ago, pages):
    office = Office()
    for number in range(100):
        office.decided(f"d{number:03}", request_id="", ago=ago, pod_id="elsewhere")
    office.locations.remember(a_location(request_id="", created_at=NOW))

    assert pages_read(office) == ["", "d000"][:pages]


def test_a_page_that_is_not_full_is_the_last():
    office = Office()
    office.decided("d1", ago=-10, pod_id="elsewhere")
    office.located(request_id="")

    assert pages_read(office) == [""]


def test_a_search_by_time_reads_on_behind_the_last_decision_of_a_page_and_meets_none_twice():
    office = Office()
    for number in range(99):
        office.decided(f"later-{number:02}", request_id="", ago=-number - 10)
    office.decided("d1", request_id="", ago=10)
    office.decided("d0", request_id="", ago=20, pod_id="elsewhere")
    office.located(request_id="")

    assert office.explaining.of_server("s1").decision_id == "d1"


def test_a_page_is_the_last_one_if_its_oldest_decision_is_too_old_alone():
    office = Office()
    for number in range(99):
        office.decided(f"d{number:02}", request_id="", ago=-number - 10, pod_id="elsewhere")
    office.decided("old", request_id="", ago=61, pod_id="elsewhere")
    office.located(request_id="")

    assert pages_read(office) == [""]


def test_of_two_creates_of_the_same_time_the_one_that_the_location_names_is_told():
    office = Office()
    office.decided("d1", request_id="req-1", ago=10)
    office.decided("d2", request_id="req-2", ago=20)
    office.located(request_id="req-2")

    assert office.explaining.of_server("s1").decision_id == "d2"
