"""Merged held: lists of what has no location, whole from each pod, and cut by limit and offset over all."""

from dataclasses import replace
from itertools import count

import pytest

from chalicelib.model.errors import Unavailable
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.proxied import VOLUMES
from chalicelib.model.resource import SERVER_GROUPS
from chalicelib.service.asking.pages import MOST_PAGES
from chalicelib.service.kinds import merged_held
from tests.builders import PROJECT, a_pod
from tests.service.desk import OPERATOR, World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, StrictFanOut, proxy_page, reply

PODS = [a_pod("pod-a", "az2"), a_pod("pod-b", "az1"), a_pod("pod-c", "az2")]
NONE = reply({"volumes": []})


def listed(*ids):
    return reply({"volumes": [{"id": each} for each in ids]})


class Cloud:
    """Pods in all of which the project was placed, the first being its home."""

    def __init__(self, **says):
        self.client = ScriptedPods(**{"pod_a": NONE, "pod_b": NONE, "pod_c": NONE, **says})
        world = World(*PODS, client=self.client)
        for pod in PODS:
            world.outside.projects.add(PROJECT, pod.pod_id)
        self.held = replace(world.services.merged.held, fan_out=StrictFanOut())

    def page(self, *pairs, caller=TENANT, resource=VOLUMES, **query):
        request = PodRequest("GET", f"/{resource.collection}")
        return self.held.page(caller, resource, ListQuery(pairs, **query), request)

    def ids(self, *pairs, **query):
        return [row["id"] for _, row in self.page(*pairs, **query).rows]

    def asked(self, pod_id="pod-a"):
        return [request.path for asked, request in self.client.asked if asked == pod_id]


def test_rows_come_with_their_pods_and_each_id_once_as_the_first_shows_it():
    first, second = {"id": "1", "from": "a"}, {"id": "2", "from": "c"}
    both = reply({"volumes": [{"id": "1", "from": "c"}, second]})
    found = Cloud(pod_a=reply({"volumes": [first]}), pod_c=both).page()

    assert [(pod.pod_id, row) for pod, row in found.rows] == [("pod-a", first), ("pod-c", second)]
    assert (found.more, found.partial) == (False, ())


@pytest.mark.parametrize(
    "odd",
    [
        None,
        proxy_page(200),
        reply({}),
        reply({"volumes": {}}),
        reply({"volumes": [{"id": 1}]}),
        reply({"volumes": [{}]}),
        reply({"volumes": ["1"]}),
        reply(b'{"volumes": NaN}'),
        reply({"badRequest": {"code": 400}}, 400),
        reply({"itemNotFound": {"code": 404}}, 404),
    ],
)
def test_zones_of_pods_that_give_no_list_are_named_once(odd):
    found = Cloud(pod_a=odd, pod_b=listed("1"), pod_c=odd).page()

    assert ([row["id"] for _, row in found.rows], found.partial) == (["1"], ("az2",))


def test_zones_are_named_in_order():
    assert Cloud(pod_a=None, pod_b=None, pod_c=listed("1")).page().partial == ("az1", "az2")


def test_where_nobody_answers_there_is_no_list():
    with pytest.raises(Unavailable):
        Cloud(pod_a=None, pod_b=None, pod_c=None).page()


def test_a_pods_answer_may_have_only_so_many_rows(monkeypatch):
    monkeypatch.setattr(merged_held, "MOST_A_PAGE", 2)

    assert Cloud(pod_a=listed("1", "2")).ids() == ["1", "2"]
    assert Cloud(pod_a=listed("1", "2", "3")).page().partial == ("az2",)


def test_a_full_page_is_followed_by_the_rows_behind_it_until_one_is_not_full(monkeypatch):
    monkeypatch.setattr(merged_held, "MOST_ROWS", 2)
    pages = {"": listed("1", "2"), "offset=2": listed("3", "4"), "offset=4": listed("5")}
    cloud = Cloud(pod_a=lambda request: pages[request.path.partition("?")[2].rpartition("&")[2]])

    assert cloud.ids(limit=9) == ["1", "2", "3", "4", "5"]
    assert cloud.asked() == ["/os-volumes", "/os-volumes?offset=2", "/os-volumes?offset=4"]


def test_a_pod_whose_pages_go_back_or_never_end_is_left_out(monkeypatch):
    monkeypatch.setattr(merged_held, "MOST_ROWS", 1)
    numbers = count()
    cloud = Cloud(pod_a=listed("1"), pod_b=lambda _: listed(f"{next(numbers)}"), pod_c=NONE)

    assert cloud.page().partial == ("az1", "az2")
    assert (len(cloud.asked("pod-a")), len(cloud.asked("pod-b"))) == (2, MOST_PAGES + 1)


ALL = ("1", "2", "3", "4")


@pytest.mark.parametrize(
    ("pairs", "limit", "ids"),
    [
        ((), None, ALL),
        ((("limit", "3"),), 3, ALL[:3]),
        ((("offset", "3"),), None, ALL[3:]),
        ((("limit", "2"), ("offset", "1")), 2, ALL[1:3]),
        ((("offset", "1"), ("offset", "2")), None, ALL[2:]),  # of a repeated key the last value counts
        ((("offset", "1"), ("limit", "4")), 4, ALL[1:]),
        ((("limit", "0"),), 0, ALL),
        ((("offset", f"{1:018}"),), None, ALL[1:]),  # as many digits as are read
        ((("offset", f"{1:019}"),), None, ()),
    ],
)
def test_limit_and_offset_are_over_all_pods_and_no_pod_hears_of_them(pairs, limit, ids):
    cloud = Cloud(pod_a=listed("1", "2"), pod_b=listed("3"), pod_c=listed("4"))

    assert cloud.ids(*pairs, limit=limit) == [*ids]
    assert cloud.asked() == ["/os-volumes"]


@pytest.mark.parametrize("odd", [("offset", "-1"), ("limit", "x"), ("offset", "\u00b2"), ("offset", "")])
def test_what_is_no_limit_and_no_offset_is_for_the_pods_to_refuse(odd):
    cloud = Cloud(pod_a=listed("1"))

    assert cloud.ids(odd, ("name", "x")) == ["1"]
    (path,) = cloud.asked()
    assert path.startswith(f"/os-volumes?{odd[0]}=")
    assert path.endswith("&name=x")


@pytest.mark.parametrize(
    ("pairs", "all_tenants", "is_all"),
    [
        ((), False, False),
        ((("name", "x"),), False, False),
        ((), True, True),
        ((("all_projects", ""),), False, True),
    ],
)
def test_an_admin_may_ask_for_all_projects_in_novas_two_ways(pairs, all_tenants, is_all):
    groups = reply({"server_groups": []})
    cloud = Cloud(pod_a=groups, pod_b=groups, pod_c=groups)

    cloud.page(*pairs, all_tenants=all_tenants, caller=OPERATOR, resource=SERVER_GROUPS)
    assert [pod_id for pod_id, _ in cloud.client.asked] == (
        ["pod-a", "pod-b", "pod-c"] if is_all else ["pod-a"]
    )
