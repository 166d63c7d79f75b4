"""Merged in order: located resources of several pods as one list, of servers and of other nouns."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.model.errors import InvalidField, PodUnreachable
from chalicelib.model.list_order import SortKey
from chalicelib.model.list_query import ListQuery
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS, Resource
from chalicelib.service.asking.answer import PodRefused
from tests.builders import NOW, PROJECT, a_pod
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply

VOLUMES = Resource(
    "volume",
    "volumes",
    "volume",
    "Volume",
    located=True,
    sort_keys={"name": SortKey("name"), "created_at": SortKey("created_at")},
)
PODS = [a_pod("pod-a", "az1"), a_pod("pod-b", "az2")]


ADMIN = replace(TENANT, identity=replace(TENANT.identity, project_id="ops", roles=frozenset({"admin"})))


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012d}"


class Holding:
    """A pod that holds these servers, made one a minute, and pages as Nova does."""

    def __init__(self, *numbers):
        made = {
            number: (NOW + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ") for number in numbers
        }
        self.rows = [
            {"id": uuid(number), "name": f"vm{number}", "created": made[number], "flavor": {}}
            for number in sorted(numbers, reverse=True)
        ]

    def __call__(self, request):
        url = urlsplit(request.path)
        query = parse_qs(url.query)
        ids = [row["id"] for row in self.rows]
        if url.path != "/servers/detail":
            row = next((row for row in self.rows if url.path == f"/servers/{row['id']}"), None)
            return reply({"server": row}) if row else reply({"itemNotFound": {"code": 404}}, 404)
        if "marker" in query and query["marker"][0] not in ids:
            return reply({"badRequest": {"code": 400, "message": "marker not found"}}, 400)
        start = ids.index(query["marker"][0]) + 1 if "marker" in query else 0
        end = start + int(query.get("limit", ["1000"])[0])
        links = {"servers_links": [{"rel": "next"}]} if end < len(ids) else {}
        return reply({"servers": self.rows[start:end], **links})


class Cloud(World):
    def __init__(self, pods=PODS, used=None, **by_pod):
        self.client = ScriptedPods(**by_pod)
        super().__init__(*pods, client=self.client)
        for pod in pods if used is None else used:
            self.outside.projects.add(PROJECT, pod.pod_id)
        self.locations, self.merged = self.outside.locations, self.services.merged.in_order

    def remember(self, pod_id, *numbers):
        for number in numbers:
            made = NOW + timedelta(minutes=number)
            self.locations.remember(Location(uuid(number), PROJECT, pod_id, made, f"vm{number}"))
        return self

    def page(self, path="/servers/detail", resource=SERVERS, **query):
        return self.merged.page(TENANT, resource, ListQuery(**query), PodRequest("GET", path))

    def names(self, **query):
        return [row["name"] for _, row in self.page(**query).rows]


@pytest.mark.parametrize("holder", ["pod-a", "pod-b"])
def test_a_pod_that_shows_what_another_one_holds_is_not_believed(holder):
    found = Cloud(pod_a=Holding(1, 2), pod_b=Holding(2, 3)).remember(holder, 2).page()

    assert [row["name"] for _, row in found.rows] == ["vm3", "vm2", "vm1"]
    assert {row["name"]: pod.pod_id for pod, row in found.rows}["vm2"] == holder


def test_the_newest_is_first_whichever_pod_it_is_in():
    found = Cloud(pod_a=Holding(1, 4), pod_b=Holding(2, 3)).page()

    assert [(pod.pod_id, row["name"]) for pod, row in found.rows] == [
        ("pod-a", "vm4"),
        ("pod-b", "vm3"),
        ("pod-b", "vm2"),
        ("pod-a", "vm1"),
    ]
    assert (found.more, found.partial) == (False, ())


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_have_no_gap_and_no_duplicate(limit):
    cloud, found, marker = Cloud(pod_a=Holding(1, 4, 5), pod_b=Holding(2, 3, 6)), [], ""
    while len(found) <= 6 and (rows := cloud.page(limit=limit, marker=marker).rows):
        found += [row["name"] for _, row in rows]
        marker = rows[-1].row["id"]

    assert found == ["vm6", "vm5", "vm4", "vm3", "vm2", "vm1"]


def test_a_list_without_details_shows_the_brief_fields_of_what_was_merged_by_its_details():
    cloud = Cloud(pod_a=Holding(1), pod_b=Holding(2))

    found = cloud.page("/servers")

    assert [row for _, row in found.rows] == [{"id": uuid(n), "name": f"vm{n}"} for n in (2, 1)]
    assert {urlsplit(request.path).path for _, request in cloud.client.asked} == {"/servers/detail"}


def test_a_stub_in_a_list_without_details_says_that_it_is_one():
    found = Cloud(pod_a=Holding(1), pod_b=None).remember("pod-b", 2).page("/servers")

    assert [row.get("status") for _, row in found.rows] == ["UNKNOWN", None]


@pytest.mark.parametrize(
    "trouble", [None, proxy_page(200), reply({}, 404), reply({}, 401), reply({"servers": [{}]})]
)
def test_stubs_stand_for_what_a_pod_holds_that_gives_no_list(trouble):
    cloud = Cloud(pod_a=Holding(1, 3), pod_b=trouble).remember("pod-b", 2)

    found = cloud.page()

    assert [(row["name"], row.get("status")) for _, row in found.rows] == [
        ("vm3", None),
        ("vm2", "UNKNOWN"),
        ("vm1", None),
    ]
    assert found.partial == ("az2",)


@pytest.mark.parametrize(
    ("pairs", "stubs"),
    [
        ((("project_id", PROJECT), ("deleted", "False")), ["vm3", "vm2"]),
        ((("name", "VM3"),), ["vm3"]),
        ((("changes-since", (NOW + timedelta(minutes=3)).isoformat()),), ["vm3"]),
        ((("status", "ACTIVE"),), []),
        ((("name", "vm."),), []),
        ((("name", "vm"), ("flavor", "1")), []),
    ],
)
def test_a_selection_shows_the_stubs_that_it_surely_has_and_tells_of_the_others(pairs, stubs):
    cloud = Cloud(pod_a=reply({"servers": []}), pod_b=None).remember("pod-b", 2, 3)

    found = cloud.page(pairs=pairs)

    assert [row["name"] for _, row in found.rows] == stubs
    assert found.partial == ("az2",)


@pytest.mark.parametrize("path", ["/servers", "/servers/detail"])
def test_a_pod_refuses_what_a_project_without_pods_may_not_ask(path):
    forbidden = reply({"forbidden": {"code": 403, "message": "Policy doesn't allow it."}}, 403)
    others, ours = (frozenset({project_id}) for project_id in ("other", PROJECT))
    pods = [a_pod("pod-0", allowed_project_ids=others), a_pod("pod-a", allowed_project_ids=ours), PODS[1]]
    cloud = Cloud(pods, used=(), pod_a=forbidden, pod_b=forbidden)

    with pytest.raises(PodRefused):
        cloud.page(path, pairs=(("all_tenants", "1"),), all_tenants=True)
    [(pod_id, request)] = cloud.client.asked
    assert (pod_id, urlsplit(request.path).path) == ("pod-a", path)


@pytest.mark.parametrize("says", [None, Holding(1)])
def test_the_list_of_a_project_without_pods_is_empty_whatever_a_pod_says(says):
    found = Cloud(used=(), pod_a=says, pod_b=says).page(pairs=(("status", "ACTIVE"),))

    assert (found.rows, found.more, found.partial) == ((), False, ())


def test_the_plain_list_of_a_project_without_pods_asks_no_pod():
    cloud = Cloud(used=(), pod_a=Holding(1), pod_b=Holding(2))

    assert (cloud.page().rows, cloud.client.asked) == ((), [])


def test_an_admins_selection_among_all_projects_shows_the_stubs_of_the_one_it_names():
    cloud = Cloud(pod_a=reply({"servers": []}), pod_b=None).remember("pod-b", 2)
    cloud.locations.remember(Location(uuid(3), "other", "pod-b", NOW, "vm3"))

    for pairs, stubs in (
        ((), {"vm2", "vm3"}),
        ((("project_id", "other"),), {"vm3"}),
        ((("tenant_id", "none"),), set()),
        ((("uuid", uuid(2)),), {"vm2"}),
    ):
        query = ListQuery((*pairs, ("all_tenants", "1")), all_tenants=True)
        found = cloud.merged.page(ADMIN, SERVERS, query, PodRequest("GET", "/servers/detail"))
        assert {row["name"] for _, row in found.rows} == stubs


@pytest.mark.parametrize(("host", "asked"), [("compute1@PodB", {"pod-b"}), ("compute1", {"pod-a", "pod-b"})])
def test_an_admins_filter_by_host_may_name_the_pod(host, asked):
    cloud = Cloud(pod_a=Holding(1), pod_b=Holding(2))
    query = ListQuery((("host", host), ("all_tenants", "1")), all_tenants=True)

    cloud.merged.page(ADMIN, SERVERS, query, PodRequest("GET", "/servers/detail"))

    assert {pod_id for pod_id, _ in cloud.client.asked} == asked
    sent = {parse_qs(urlsplit(request.path).query)["host"][0] for _, request in cloud.client.asked}
    assert sent == {"compute1"}


def test_another_filter_of_an_admins_names_no_pod():
    cloud = Cloud(pod_a=Holding(1), pod_b=Holding(2))
    query = ListQuery((("name", "vm@PodB"), ("all_tenants", "1")), all_tenants=True)

    cloud.merged.page(ADMIN, SERVERS, query, PodRequest("GET", "/servers/detail"))

    sent = [(pod_id, parse_qs(urlsplit(asked.path).query)["name"]) for pod_id, asked in cloud.client.asked]
    assert sorted(sent) == [("pod-a", ["vm@PodB"]), ("pod-b", ["vm@PodB"])]


@pytest.mark.parametrize(
    ("keys", "stubs"), [(("display_name",), ["vm2"]), (("created_at", "vm_state"), []), (("host",), [])]
)
def test_a_stub_is_shown_only_at_a_place_that_it_shows_itself(keys, stubs):
    cloud = Cloud(pod_a=reply({"servers": []}), pod_b=None).remember("pod-b", 2)

    found = cloud.page(pairs=tuple(("sort_key", key) for key in keys))

    assert [row["name"] for _, row in found.rows] == stubs
    assert found.partial == ("az2",)


def test_a_page_after_a_stub_that_does_not_show_its_place_is_refused_for_now():
    cloud = Cloud(pod_a=Holding(1), pod_b=None).remember("pod-b", 2)

    with pytest.raises(PodUnreachable):
        cloud.page(marker=uuid(2), pairs=(("sort_key", "vm_state"),))


@pytest.mark.parametrize(
    "trouble", [None, proxy_page(200), proxy_page(404), reply({}), reply({}, 404), reply({}, 429)]
)
def test_a_page_may_start_after_a_stub(trouble):
    cloud = Cloud(pod_a=Holding(1, 4), pod_b=trouble).remember("pod-b", 2, 3)

    assert cloud.names(marker=uuid(3)) == ["vm2", "vm1"]


def test_a_page_may_start_after_a_server_that_its_pod_has_forgotten():
    cloud = Cloud(pod_a=Holding(1, 4), pod_b=Holding(2)).remember("pod-b", 3)

    assert cloud.names(marker=uuid(3)) == ["vm2", "vm1"]


def test_where_a_forgotten_marker_stood_is_not_guessed():
    cloud = Cloud(pod_a=Holding(1, 4), pod_b=Holding(2)).remember("pod-b", 3)

    with pytest.raises(InvalidField) as unknown:
        cloud.page(marker=uuid(3), pairs=(("sort_key", "vm_state"),))
    assert (unknown.value.field, str(unknown.value)) == ("marker", f"marker [{uuid(3)}] not found")


@pytest.mark.parametrize("marker", ["nothing", uuid(9)])
def test_an_unknown_marker_is_the_clients_mistake(marker):
    with pytest.raises(InvalidField) as unknown:
        Cloud(pod_a=Holding(1), pod_b=Holding(2)).page(marker=marker)
    assert (unknown.value.field, str(unknown.value)) == ("marker", f"marker [{marker}] not found")


def test_a_query_that_all_pods_refuse_is_refused_in_the_oldest_ones_words():
    refusal = reply({"badRequest": {"code": 400}}, 400)

    with pytest.raises(PodRefused) as refused:
        Cloud(pod_a=refusal, pod_b=reply({"badRequest": {"code": 400, "message": "b"}}, 400)).page()

    assert refused.value.answer.reply is refusal


def test_a_pod_that_refuses_what_others_answer_is_left_out():
    found = Cloud(pod_a=Holding(1), pod_b=reply({"badRequest": {"code": 400}}, 400)).page()

    assert (len(found.rows), found.partial) == (1, ("az2",))


def test_another_noun_is_listed_the_same_way_and_leaves_no_stub_it_does_not_have():
    volumes = reply({"volumes": [{"id": "v2", "name": "b"}, {"id": "v1", "name": "a"}]})
    cloud = Cloud(pod_a=volumes, pod_b=None).remember("pod-b", 1)

    found = cloud.page("/volumes/detail", VOLUMES, pairs=(("sort_key", "name"),))

    assert [row["id"] for _, row in found.rows] == ["v2", "v1"]
    assert found.partial == ("az2",)
    assert {urlsplit(request.path).path for _, request in cloud.client.asked} == {"/volumes/detail"}


def test_an_admin_who_asks_for_all_sees_pods_that_its_project_was_never_in():
    cloud = Cloud(pod_a=Holding(1), pod_b=Holding(2))
    request = PodRequest("GET", "/servers/detail")

    for caller, rows in ((ADMIN, 2), (replace(TENANT, identity=replace(TENANT.identity, project_id="x")), 0)):
        assert len(cloud.merged.page(caller, SERVERS, ListQuery(all_tenants=True), request).rows) == rows
