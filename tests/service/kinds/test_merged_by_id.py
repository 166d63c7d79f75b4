"""Merged by id: what all pods show alike, each id once."""

from dataclasses import replace
from itertools import count
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import InvalidField, Unavailable
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import FLAVORS
from chalicelib.service.asking.answer import PodRefused
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pages import MOST_PAGES
from chalicelib.service.kinds.merged_by_id import MergedById
from tests.builders import NOW, a_pod
from tests.service.desk import OPERATOR
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply, roster_of

PODS = [a_pod("pod-a"), a_pod("pod-b")]


def flavors(*ids, more=False, of=""):
    links = {"flavors_links": [{"rel": "next", "href": "http://elsewhere"}]} if more else {}
    return reply({"flavors": [{"id": each, "of": of} for each in ids], **links})


def page(client, pods=PODS, path="/flavors/detail", **query):
    merged = MergedById(roster_of(*pods), client, FanOut(4), 5.0)
    return merged.page(TENANT, FLAVORS, ListQuery(**query), PodRequest("GET", path))


def ids(found):
    return [row["id"] for _, row in found.rows]


def test_each_id_is_shown_once_as_the_oldest_pod_has_it():
    found = page(ScriptedPods(pod_a=flavors("2", "1", of="a"), pod_b=flavors("1", "3", of="b")))

    assert [(pod.pod_id, row["id"], row["of"]) for pod, row in found.rows] == [
        ("pod-a", "1", "a"),
        ("pod-a", "2", "a"),
        ("pod-b", "3", "b"),
    ]
    assert (found.more, found.partial) == (False, ())


def test_a_page_starts_after_the_marker_and_ends_at_the_limit():
    client = ScriptedPods(pod_a=flavors("1", "2", "3", "4"), pod_b=flavors())

    middle = page(client, marker="1", limit=2)

    assert (ids(middle), middle.more) == (["2", "3"], True)
    for marker, rest in (("2", ["3", "4"]), ("3", ["4"])):
        last = page(client, marker=marker, limit=2)
        assert (ids(last), last.more) == (rest, False)


def test_a_marker_that_no_pod_shows_is_the_clients_mistake():
    with pytest.raises(InvalidField, match=r"marker \[9\] not found"):
        page(ScriptedPods(pod_a=flavors("1"), pod_b=flavors("2")), marker="9")


def test_a_pods_pages_are_followed_with_the_clients_own_filters():
    def paged(request):
        query = parse_qs(urlsplit(request.path).query)
        return flavors("2") if query.get("marker") == ["1"] else flavors("1", more=True)

    client = ScriptedPods(pod_a=paged, pod_b=flavors())

    found = page(client, pairs=(("is_public", "true"), ("limit", "1"), ("marker", "1")), path="/flavors")

    assert ids(found) == ["1", "2"]
    assert sorted(request.path for _, request in client.asked) == [
        "/flavors?is_public=true",
        "/flavors?is_public=true",
        "/flavors?is_public=true&marker=1",
    ]


def test_a_pod_that_repeats_a_page_is_left_out_and_not_asked_for_a_third():
    client = ScriptedPods(pod_a=flavors("1", more=True), pod_b=flavors("2"))

    assert ids(page(client)) == ["2"]
    assert [pod_id for pod_id, _ in client.asked].count("pod-a") == 2


def test_a_pod_that_pages_for_ever_is_left_out():
    numbers = count()
    client = ScriptedPods(pod_a=lambda _: flavors(str(next(numbers)), more=True), pod_b=flavors("x"))

    assert ids(page(client)) == ["x"]
    assert [pod_id for pod_id, _ in client.asked].count("pod-a") == MOST_PAGES + 1


@pytest.mark.parametrize(
    "silence",
    [
        None,
        proxy_page(200),
        reply({}, 404),
        reply({}, 503),
        reply({"flavors": [{"id": 1}]}),
        reply({"flavors": {}}),
        reply([]),
        reply(b'{"flavors": [{"id": "cut'),
    ],
)
def test_a_pod_that_gives_no_list_is_left_out(silence):
    assert ids(page(ScriptedPods(pod_a=silence, pod_b=flavors("1")))) == ["1"]


def test_when_no_pod_answers_neither_do_we():
    with pytest.raises(Unavailable):
        page(ScriptedPods(pod_a=None, pod_b=proxy_page(503)))


def test_without_a_pod_there_is_nothing_to_show():
    assert page(ScriptedPods(), pods=()).rows == ()


def test_a_query_that_all_pods_refuse_is_refused_in_the_oldest_ones_words():
    refusal = reply({"badRequest": {"code": 400}}, 400)

    with pytest.raises(PodRefused) as refused:
        page(ScriptedPods(pod_a=refusal, pod_b=reply({"badRequest": {}}, 400)))

    assert refused.value.answer.reply is refusal
    assert ids(page(ScriptedPods(pod_a=refusal, pod_b=flavors("1")))) == ["1"], "else it is its own refusal"


@pytest.mark.parametrize(
    "odd",
    [
        {"vcpus": "many"},
        {"vcpus": True},
        {"ram": 1.5},
        {"name": ["x"]},
        {"swap": None},
        {"links": "x"},
        {"links": [{"href": 5, "rel": "self"}]},
        {"extra_specs": []},
    ],
)
def test_a_row_of_wrong_types_leaves_out_its_pod_and_spoils_no_list(odd):
    rows = reply({"flavors": [{"id": "odd", "name": "odd", "vcpus": 1, "ram": 1, **odd}]})

    assert ids(page(ScriptedPods(pod_a=rows, pod_b=flavors("1")))) == ["1"]


def sized(*sizes, of=""):
    return reply({"flavors": [{"id": each, "ram": ram, "of": of} for each, ram in sizes]})


@pytest.mark.parametrize(
    ("pairs", "in_order"),
    [
        ((), ["1", "2", "3", "4"]),
        ((("sort_dir", "desc"),), ["4", "3", "2", "1"]),
        ((("sort_key", "memory_mb"),), ["2", "4", "1", "3"]),
        ((("sort_key", "memory_mb"), ("sort_dir", "desc")), ["1", "3", "4", "2"]),
        ((("sort_key", "created_at"),), ["1", "2", "3", "4"]),
    ],
)
@pytest.mark.parametrize("path", ["/flavors", "/flavors/detail"])
def test_flavors_of_all_pods_stand_in_the_order_asked_for(pairs, in_order, path):
    client = ScriptedPods(pod_a=sized(("1", 512), ("2", 64)), pod_b=sized(("1", 1), ("3", 512), ("4", 128)))

    assert ids(page(client, pairs=pairs, path=path)) == in_order
    walked, marker = [], ""
    while rows := ids(page(client, pairs=pairs, path=path, limit=1, marker=marker)):
        walked += rows
        marker = rows[-1]
    assert walked == in_order


def test_a_brief_list_asks_for_details_only_where_they_are_sorted_by():
    client = ScriptedPods(pod_a=sized(("1", 512)), pod_b=sized(("2", 64)))

    found = page(client, pairs=(("sort_key", "memory_mb"),), path="/flavors")

    assert [dict(row) for _, row in found.rows] == [{"id": "2"}, {"id": "1"}]
    assert {request.path for _, request in client.asked} == {"/flavors/detail?sort_key=memory_mb"}


def test_a_page_has_no_more_rows_than_novas_own():
    many = flavors(*(f"{number:04d}" for number in range(1001)))

    found = page(ScriptedPods(pod_a=many, pod_b=flavors()))

    assert (len(found.rows), found.more) == (1000, True)


def test_an_admin_sees_what_all_pods_in_service_offer():
    closed = a_pod("pod-b", allowed_project_ids=frozenset({"other"}))
    client = ScriptedPods(pod_a=flavors("1"), pod_b=flavors("2"))
    merged = MergedById(roster_of(PODS[0], closed), client, FanOut(4), 5.0)

    def seen(caller):
        return ids(merged.page(caller, FLAVORS, ListQuery(), PodRequest("GET", "/flavors")))

    assert (seen(TENANT), seen(OPERATOR)) == (["1"], ["1", "2"])


@pytest.mark.parametrize(("left", "seconds"), [(60.0, 5.0), (3.0, 3.0)])
def test_pods_have_no_longer_than_the_request_itself(left, seconds):
    asked = []

    class Noting(FanOut):
        def ask(self, pods, question, deadline_seconds):
            asked.append(deadline_seconds)
            return super().ask(pods, question, deadline_seconds)

    client = ScriptedPods(pod_a=flavors("1"), pod_b=flavors("2"))
    caller = replace(TENANT, deadline=Deadline.after(left, lambda: NOW))
    found = MergedById(roster_of(*PODS), client, Noting(4), 5.0).page(
        caller, FLAVORS, ListQuery(), PodRequest("GET", "/flavors")
    )

    assert asked == [seconds]
    assert {request.read_timeout_seconds for _, request in client.asked} == {5.0}
    assert [(pod.pod_id, row["id"]) for pod, row in found.rows] == [("pod-a", "1"), ("pod-b", "2")]
