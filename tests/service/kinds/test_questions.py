"""What clients ask goes to the pods as it is, but for the path, and nobody waits longer than they may."""

from dataclasses import replace

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.list_query import ListQuery
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import FLAVORS, SERVER_GROUPS, SERVERS
from chalicelib.service.kinds.merged import Merged
from tests.builders import NOW, PROJECT, SetClock, a_caller, a_pod
from tests.service.desk import World
from tests.service.kinds.scripted_pods import ScriptedPods, StrictFanOut, reply

PODS = [a_pod("pod-a"), a_pod("pod-b")]
ID, OTHER_ID = (f"00000000-0000-4000-8000-00000000000{letter}" for letter in "ab")
SERVER = {"id": ID, "name": "vm", "created": "2025-06-01T12:00:00Z"}
NOT_HERE = reply({"itemNotFound": {"code": 404}}, 404)
PATIENT, HURRIED = a_caller(), a_caller(deadline=Deadline.after(3.0, SetClock()))
BY_DATE = "sort_key=created_at&sort_dir=desc&sort_key=uuid&sort_dir=desc"


def request_to(path, caller=PATIENT, **fields):
    """A client's request: a pod may take a minute for it, unless a kind of resource gives it less."""
    values = {
        "headers": {"Accept": "application/json"},
        "token": caller.token,
        "identity": caller.identity,
        "request_id": caller.request_id,
        "deadline": caller.deadline,
        "read_timeout_seconds": 60.0,
    }
    return PodRequest("GET", path, **{**values, **fields})


class Cloud(World):
    """Two pods in which the project was placed, each of which may take 5 seconds to answer a list."""

    def __init__(self, **says):
        self.client, self.fan_out = ScriptedPods(**says), StrictFanOut()
        super().__init__(*PODS, client=self.client)
        for pod in PODS:
            self.outside.projects.add(PROJECT, pod.pod_id)
        merged = self.services.merged
        quick = {"deadline_seconds": 5.0}
        self.located = replace(self.services.located, fan_out=self.fan_out, search_seconds=4.0)
        lost = replace(merged.in_order.markers.lost, located=self.located, fan_out=self.fan_out, **quick)
        markers = replace(merged.in_order.markers, located=self.located, lost=lost, **quick)
        rows = replace(merged.in_order.rows, **quick)
        in_order = replace(merged.in_order, markers=markers, rows=rows, fan_out=self.fan_out, **quick)
        self.merged = Merged(
            in_order,
            replace(merged.by_id, fan_out=self.fan_out, **quick),
            replace(merged.held, fan_out=self.fan_out, **quick),
        )

    def page(self, resource, request, caller=PATIENT, **query):
        return self.merged.page(caller, resource, ListQuery(**query), request)

    def remember(self, pod_id, resource_id=ID):
        self.outside.locations.remember(Location(resource_id, PROJECT, pod_id, NOW, "vm"))

    def asked(self, request, *, seconds=5.0):
        """The paths that pods were asked for, by requests that are the client's own but for that."""
        for _, asked in self.client.asked:
            assert asked == replace(request, path=asked.path, read_timeout_seconds=seconds)
        return [(pod_id, asked.path) for pod_id, asked in self.client.asked]


@pytest.mark.parametrize(("caller", "wait"), [(PATIENT, 5.0), (HURRIED, 3.0)])
@pytest.mark.parametrize(
    ("resource", "rows", "query", "asked_for"),
    [
        (FLAVORS, {"flavors": []}, {"pairs": (("is_public", "None"),)}, "/flavors/detail?is_public=None"),
        (FLAVORS, {"flavors": []}, {}, "/flavors/detail"),
        (SERVER_GROUPS, {"server_groups": []}, {"pairs": (("a", "b"),)}, "/os-server-groups?a=b"),
        (SERVER_GROUPS, {"server_groups": []}, {"pairs": (("limit", "7"),)}, "/os-server-groups"),
        (SERVERS, {"servers": []}, {"limit": 6}, f"/servers/detail?{BY_DATE}&limit=7"),
        (SERVERS, {"servers": []}, {}, f"/servers/detail?{BY_DATE}&limit=1000"),
    ],
)
def test_a_list_is_asked_of_all_pods(resource, rows, query, asked_for, caller, wait):
    cloud = Cloud(pod_a=reply(rows), pod_b=reply(rows))
    request = request_to(
        "/os-server-groups" if resource is SERVER_GROUPS else f"/{resource.collection}/detail", caller
    )

    cloud.page(resource, request, caller, **query)

    assert cloud.asked(request) == [("pod-a", asked_for), ("pod-b", asked_for)]
    assert cloud.fan_out.waits == [wait]


@pytest.mark.parametrize(("caller", "wait"), [(PATIENT, 4.0), (HURRIED, 3.0)])
def test_a_server_without_a_location_is_looked_for_as_the_caller(caller, wait):
    cloud = Cloud(pod_a=NOT_HERE, pod_b=reply({"server": SERVER}))
    request = request_to(f"/servers/{ID}", caller)

    assert cloud.located.send(caller, SERVERS, ID, request).pod == PODS[1]

    looks = [(pod_id, asked) for pod_id, asked in cloud.client.asked][:2]
    look = replace(request, headers={}, read_timeout_seconds=4.0)
    assert looks == [("pod-a", look), ("pod-b", look)]
    assert cloud.client.asked[2:] == [("pod-b", request)]
    assert cloud.fan_out.waits == [wait]
    assert cloud.outside.locations.get(ID) == Location(ID, PROJECT, "pod-b", NOW, "vm", "req-1")


def test_a_markers_row_is_asked_of_its_pod_and_so_is_what_follows_it():
    def marked(request):
        return reply(
            {"server": {**SERVER, "id": ID.upper()}} if request.path == f"/servers/{ID}" else {"servers": []}
        )

    cloud = Cloud(pod_a=reply({"servers": []}), pod_b=marked)
    cloud.remember("pod-b")
    request = request_to("/servers/detail")

    cloud.page(SERVERS, request, limit=1, marker=ID.upper())

    assert cloud.asked(request) == [
        ("pod-b", f"/servers/{ID}"),
        ("pod-a", f"/servers/detail?{BY_DATE}&limit=2"),
        ("pod-b", f"/servers/detail?{BY_DATE}&limit=2&marker={ID}"),
    ]
    assert cloud.fan_out.waits == [5.0]


@pytest.mark.parametrize(("all_tenants", "everywhere"), [(False, ""), (True, "&all_tenants=1")])
def test_a_deleted_marker_is_looked_for_in_its_pods_list_of_what_changed_since_it_was_made(
    all_tenants, everywhere
):
    deleted = {**SERVER, "status": "DELETED"}

    def lists(request):
        if request.path == f"/servers/{ID}":
            return NOT_HERE
        return reply({"servers": [deleted] if "changes-since" in request.path else []})

    cloud = Cloud(pod_a=reply({"servers": []}), pod_b=lists)
    cloud.remember("pod-b")
    request = request_to("/servers/detail")

    cloud.page(SERVERS, request, marker=ID.upper(), all_tenants=all_tenants)

    changes = "/servers/detail?changes-since=2025-06-01T11%3A00%3A00%2B00%3A00&name=vm"
    assert cloud.asked(request) == [
        ("pod-b", f"/servers/{ID}"),
        ("pod-b", f"{changes}{everywhere}"),
        ("pod-a", f"/servers/detail?{BY_DATE}&limit=1000"),
        ("pod-b", f"/servers/detail?{BY_DATE}&limit=1000&marker={ID}"),
    ]


@pytest.mark.parametrize(("caller", "waits"), [(PATIENT, [4.0, 5.0, 5.0]), (HURRIED, [3.0, 3.0, 3.0])])
def test_a_marker_that_nobody_knows_is_looked_for_by_what_follows_it_in_a_list_of_changes(caller, waits):
    gone = {**SERVER, "id": OTHER_ID, "status": "DELETED"}

    def lists(request):
        if "?" not in request.path:
            return NOT_HERE
        if f"marker={OTHER_ID}" in request.path:
            return reply({"servers": [SERVER]})
        return reply({"servers": [gone] if f"marker={ID}" in request.path else []})

    cloud = Cloud(pod_a=NOT_HERE, pod_b=lists)
    cloud.client.by_pod["pod-a"] = lambda request: (
        NOT_HERE if "?" not in request.path else reply({"servers": []})
    )
    request = request_to("/servers/detail", caller)

    page = cloud.page(SERVERS, request, caller, marker=OTHER_ID.upper(), pairs=(("changes-since", "ever"),))

    assert [row["id"] for _, row in page.rows] == [ID]

    changes = "/servers/detail?changes-since=ever&"
    turned = BY_DATE.replace("desc", "asc")
    looks = cloud.client.asked[2:6]
    assert [(pod_id, asked.path) for pod_id, asked in looks] == [
        ("pod-a", f"{changes}{BY_DATE}&limit=1&marker={OTHER_ID}"),
        ("pod-a", f"{changes}{turned}&limit=50"),
        ("pod-b", f"{changes}{BY_DATE}&limit=1&marker={OTHER_ID}"),
        ("pod-b", f"{changes}{turned}&limit=50&marker={ID}"),
    ]
    for _, asked in looks:
        assert asked == replace(request, path=asked.path, read_timeout_seconds=5.0)
    assert cloud.fan_out.waits == waits


@pytest.mark.parametrize(
    ("role", "all_tenants", "is_everywhere"),
    [("admin", True, True), ("admin", False, False), ("member", True, False), ("member", False, False)],
)
def test_a_marker_that_nobody_knows_is_looked_for_everywhere_only_in_an_admins_list_of_all_projects(
    role, all_tenants, is_everywhere
):
    cloud = Cloud(pod_a=reply({"servers": []}), pod_b=reply({"servers": []}))
    query = ListQuery((("changes-since", "ever"),), marker=ID, all_tenants=all_tenants)
    caller = a_caller("placed-nowhere", role=role)

    found = cloud.merged.in_order.markers.lost.find(
        caller, SERVERS, query, request_to("/servers/detail", caller)
    )

    assert found is None
    assert {pod_id for pod_id, _ in cloud.client.asked} == ({"pod-a", "pod-b"} if is_everywhere else set())
