"""How far servers have come is read in the words that a real Nova uses."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters.openstack.server_reader import (
    MOST_MARKED_PAGES,
    PAGE_ROWS,
    OpenStackServerReader,
)
from chalicelib.model.capacity import HYPERVISORS, PLACEMENT
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.intent import Marker
from chalicelib.model.pod_request import PodReply
from chalicelib.model.sighting import Sighting, Stage
from chalicelib.model.sweep import FoundServer
from tests.builders import NOW, a_pod

OURS, OTHER = (f"00000000-0000-4000-8000-{number:012}" for number in (1, 2))
HOST, LAUNCHED = "OS-EXT-SRV-ATTR:host", "OS-SRV-USG:launched_at"
NO_HOST = {"code": 500, "message": "No valid host was found. There are not enough hosts available."}


def in_error(server_id=OURS, fault=NO_HOST):
    return {"id": server_id, "status": "ERROR", "fault": fault}


class Nova:
    """A pod that lists these servers, or gives the answer that a test chose."""

    def __init__(self, *servers, reply=None):
        self.reply = reply or PodReply(200, {}, json.dumps({"servers": servers}).encode())
        self.asked = []

    def send(self, pod, request):
        self.asked.append(request)
        return self.reply


def seen(nova):
    return OpenStackServerReader(nova).changed_since(a_pod(), NOW - timedelta(seconds=600))


def without_host(nova):
    return {sighting.server_id for sighting in seen(nova) if sighting.found_no_host}


@pytest.mark.parametrize(
    ("server", "stage"),
    [
        ({"status": "BUILD"}, Stage.WAITING),
        ({"status": "BUILD", HOST: None}, Stage.WAITING),
        ({"status": "BUILD", HOST: "h1", LAUNCHED: None}, Stage.PLACED),
        ({"status": "ACTIVE", HOST: "h1", LAUNCHED: "2025-06-01T12:00:00.000000"}, Stage.LAUNCHED),
        ({"status": "ERROR", HOST: "h1"}, Stage.PLACED),
        ({"status": "ERROR", HOST: None}, Stage.FREED),
        ({"status": "ERROR", HOST: ""}, Stage.FREED),
        ({"status": "SHELVED_OFFLOADED", HOST: None, LAUNCHED: "2025-06-01"}, Stage.FREED),
        ({"status": "SOFT_DELETED", HOST: "h1", LAUNCHED: "2025-06-01"}, Stage.LAUNCHED),
        ({"status": "DELETED", HOST: "h1", LAUNCHED: "2025-06-01"}, Stage.FREED),
        ({}, Stage.WAITING),
    ],
)
def test_how_far_a_server_has_come_is_told_by_its_status_its_host_and_its_start(server, stage):
    assert seen(Nova({"id": OURS, **server})) == [Sighting(OURS, stage)]


@pytest.mark.parametrize(
    ("stage", "by_placement", "by_hypervisors"),
    [
        (Stage.WAITING, False, False),
        (Stage.PLACED, True, False),
        (Stage.LAUNCHED, True, True),
        (Stage.FREED, True, True),
    ],
)
def test_hosts_own_figures_include_a_server_later_than_placement_does(stage, by_placement, by_hypervisors):
    assert stage.is_settled_for(PLACEMENT) is by_placement
    assert stage.is_settled_for(HYPERVISORS) is by_hypervisors


def test_servers_of_all_projects_that_changed_since_then_are_asked_for_with_the_pods_own_credential():
    nova = Nova()
    assert seen(nova) == []

    (request,) = nova.asked
    path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
    since = (NOW - timedelta(seconds=600)).isoformat()
    assert (request.method, request.service, path, request.token) == ("GET", "compute", "/servers/detail", "")
    assert query == {"all_tenants": ["1"], "changes-since": [since]}
    assert request.headers == {"Accept": "application/json"}
    assert request.read_timeout_seconds <= 10.0


@pytest.mark.parametrize(
    ("server", "counts"),
    [
        (in_error(), True),
        (in_error(fault={"message": "Exceeded maximum number of retries. Exhausted all hosts"}), True),
        (in_error(fault={"message": "Build failed", "details": "nova.exception.NoValidHost: none"}), True),
        (in_error(fault={"message": "Image is corrupt"}), False),
        (in_error(fault="No valid host"), False),
        ({"id": OURS, "status": "ERROR"}, False),
        ({"id": OURS, "status": "ACTIVE", "fault": NO_HOST}, False),
    ],
)
def test_only_an_error_for_lack_of_a_host_is_a_failed_build(server, counts):
    assert without_host(Nova(in_error(OTHER), server)) == {OTHER, *([OURS] if counts else [])}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (PodReply(403, {}, b"{}"), UntrustedReport),
        (PodReply(503, {}, b"{}"), PodUnreachable),
        (PodReply(200, {}, b"<html>"), UntrustedReport),
        (PodReply(200, {}, b"[]"), UntrustedReport),
        (PodReply(200, {}, b"{}"), UntrustedReport),
        (PodReply(200, {}, b'{"servers": [1]}'), UntrustedReport),
        (PodReply(200, {}, json.dumps({"servers": [in_error(["s"])]}).encode()), UntrustedReport),
        (PodReply(200, {}, json.dumps({"servers": [in_error("x" * 3000)]}).encode()), UntrustedReport),
        (PodReply(200, {}, b'{"servers": [{"id": "\\ud800"}]}'), UntrustedReport),
    ],
)
def test_an_answer_that_is_no_list_of_servers_is_an_error(reply, error):
    with pytest.raises(error):
        without_host(Nova(reply=reply))


def test_one_page_is_asked_for_however_many_changed():
    links = [{"rel": "next", "href": "http://nova/v2.1/servers/detail?marker=s"}]
    page = json.dumps({"servers": [in_error()], "servers_links": links}).encode()
    nova = Nova(reply=PodReply(200, {}, page))
    assert without_host(nova) == {OURS}
    assert len(nova.asked) == 1


ROW = {"id": OURS.upper(), "tenant_id": "p1", "name": "web", "created": "2025-06-01T12:00:00Z"}


def test_a_page_of_all_servers_is_asked_for_oldest_first():
    nova = Nova(ROW, {**ROW, "id": OTHER, "name": None, "status": "DELETED"})
    found = OpenStackServerReader(nova).page(a_pod(), None, "")

    assert found == [
        FoundServer(OURS, "p1", "web", NOW),
        FoundServer(OTHER, "p1", "", NOW, deleted=True, leaving=True),
    ]
    (request,) = nova.asked
    assert parse_qs(urlsplit(request.path).query) == {
        "all_tenants": ["1"],
        "limit": ["500"],
        "sort_key": ["created_at"],
        "sort_dir": ["asc"],
    }


def test_later_what_changed_is_asked_for_and_a_page_goes_on_after_the_one_before():
    nova = Nova()
    OpenStackServerReader(nova).page(a_pod(), NOW, OURS)

    query = parse_qs(urlsplit(nova.asked[0].path).query)
    assert (query["changes-since"], query["marker"]) == ([NOW.isoformat()], [OURS])


def test_a_name_is_kept_as_far_as_a_store_takes_it():
    assert (
        OpenStackServerReader(Nova({**ROW, "name": "n" * 300})).page(a_pod(), None, "")[0].name == "n" * 255
    )


def test_half_a_letter_which_no_store_takes_is_not_believed():
    with pytest.raises(UntrustedReport):
        OpenStackServerReader(Nova({**ROW, "name": "\ud800"})).page(a_pod(), None, "")


@pytest.mark.parametrize(
    "wrong", [{"tenant_id": None}, {"created": "yesterday"}, {"created": 5}, {"id": "x"}]
)
def test_a_server_that_makes_no_sense_is_not_adopted(wrong):
    with pytest.raises(UntrustedReport):
        OpenStackServerReader(Nova({**ROW, **wrong})).page(a_pod(), None, "")


MARKER = Marker("i" * 44, 1)


class Project(Nova):
    """A pod whose project has so many new servers; the last bears the marker in its metadata."""

    def __init__(self, count):
        super().__init__()
        self.rows = [{**ROW, "id": f"00000000-0000-4000-8000-{n:012}"} for n in range(1, count + 1)]
        self.rows[-1]["metadata"] = {str(MARKER): ""}

    def send(self, pod, request):
        self.asked.append(parse_qs(urlsplit(request.path).query))
        (after,) = self.asked[-1].get("marker", [""])
        rest = [row for row in self.rows if row["id"] > after] if "tags" not in self.asked[-1] else []
        return PodReply(200, {}, json.dumps({"servers": rest[:PAGE_ROWS]}).encode())

    def marked(self, **pod):
        found = OpenStackServerReader(self).marked(a_pod(**pod), MARKER, "p1", NOW)
        return [server.server_id for server in found]


def test_a_marker_in_metadata_is_looked_for_on_page_after_page_of_the_projects_new_servers():
    nova = Project(2 * PAGE_ROWS + 1)

    assert nova.marked(min_microversion="2.1", max_microversion="2.25") == [nova.rows[-1]["id"]]
    first, *_, last = nova.asked
    assert (first["project_id"], first["changes-since"], first["all_tenants"]) == (
        ["p1"],
        [NOW.isoformat()],
        ["1"],
    )
    assert last["marker"] == [
        nova.rows[-1]["id"]
    ]  # until a page is empty: a Nova may give fewer rows than asked


def test_it_is_looked_for_among_tags_first_where_the_pod_has_them():
    nova = Project(1)

    assert nova.marked(min_microversion="2.1", max_microversion="2.26") == [nova.rows[-1]["id"]]
    assert nova.asked[0]["tags"] == [str(MARKER)]


def test_a_project_with_more_new_servers_than_are_looked_at_proves_no_absence():
    with pytest.raises(UntrustedReport, match="p1 has too many new servers"):
        Project(MOST_MARKED_PAGES * PAGE_ROWS).marked(min_microversion="2.1", max_microversion="2.25")
