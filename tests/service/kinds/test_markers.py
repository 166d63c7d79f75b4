"""Markers: a page starts after what its pod shows, or lists as deleted, or what is remembered of it."""

import pytest

from chalicelib.model.errors import InvalidField, PodUnreachable
from chalicelib.model.resource import SERVERS
from tests.service.kinds.scripted_pods import proxy_page, reply
from tests.service.kinds.test_merged_in_order import VOLUMES, Cloud, Holding, uuid
from tests.service.kinds.test_questions import ID, NOT_HERE, request_to
from tests.service.kinds.test_questions import Cloud as Asked

EMPTY = reply({"servers": []})


def test_a_marker_in_capitals_is_remembered_while_its_pod_is_silent():
    cloud = Asked(pod_a=EMPTY, pod_b=None)
    cloud.remember("pod-b")

    page = cloud.page(SERVERS, request_to("/servers/detail"), marker=ID.upper())

    assert (page.rows, page.partial) == ((), ("az1",))


@pytest.mark.parametrize("odd", [proxy_page(502), reply({"servers": {}}), reply({"servers": [{"id": 1}]})])
def test_a_pod_that_does_not_list_what_was_deleted_is_left_out_of_what_follows(odd):
    holding = Holding(1)
    cloud = Cloud(
        pod_a=Holding(2, 4), pod_b=lambda request: odd if "since" in request.path else holding(request)
    ).remember("pod-b", 3)

    page = cloud.page(marker=uuid(3))

    assert ([row["name"] for _, row in page.rows], page.partial) == (["vm2"], ("az2",))


def test_what_no_list_shows_once_it_was_deleted_is_no_marker_any_more():
    cloud = Cloud(pod_a=reply({"volumes": []}), pod_b=NOT_HERE).remember("pod-b", 1)

    with pytest.raises(InvalidField, match="not found"):
        cloud.page("/volumes/detail", VOLUMES, marker=uuid(1), pairs=(("sort_key", "name"),))


def test_of_what_has_no_stub_nobody_can_tell_where_the_page_starts_while_its_pod_is_silent():
    cloud = Cloud(pod_a=reply({"volumes": []}), pod_b=None).remember("pod-b", 1)

    with pytest.raises(PodUnreachable):
        cloud.page("/volumes/detail", VOLUMES, marker=uuid(1), pairs=(("sort_key", "name"),))


def test_rows_before_the_marker_are_read_past_while_pods_are_asked_and_a_silence_then_costs_no_page():
    holding = Holding(*range(10, 16))
    cloud = Cloud(
        pod_a=lambda request: proxy_page(502) if "marker=" in request.path else holding(request),
        pod_b=Holding(4, 5),
    )
    cloud.remember("pod-b", 4, 5)

    page = cloud.page(marker=uuid(5), limit=1)

    assert ([row["name"] for _, row in page.rows], page.partial) == (["vm4"], ("az1",))


@pytest.mark.parametrize("marker", [0, 17])
def test_of_each_pod_no_more_is_read_than_a_page_may_need(marker):
    cloud = Cloud(pod_a=Holding(*range(1, 9)), pod_b=Holding(*range(9, 18)))
    cloud.remember("pod-b", 17)

    page = cloud.page(limit=3, marker=uuid(marker) if marker else "")

    names = ["vm17", "vm16", "vm15", "vm14"][bool(marker) :][:3]
    assert ([row["name"] for _, row in page.rows], page.more) == (names, True)
    lists = [pod_id for pod_id, request in cloud.client.asked if "limit=4" in request.path]
    assert sorted(lists) == ["pod-a", "pod-b"]
    assert len(cloud.client.asked) == 2 + bool(marker)


@pytest.mark.parametrize(
    "odd", [reply({"aFault": {"code": 500}}, 500), reply({"server": {"id": uuid(3)}}, 202), reply({})]
)
def test_a_pod_that_does_not_show_the_marker_is_as_good_as_silent(odd):
    holding = Holding(1, 3)
    cloud = Cloud(
        pod_a=Holding(2, 4), pod_b=lambda request: holding(request) if "?" in request.path else odd
    ).remember("pod-b", 3)

    assert cloud.names(marker=uuid(3)) == ["vm2", "vm1"]


@pytest.mark.parametrize(("limit", "more"), [(3, True), (4, False), (5, False)])
def test_another_page_follows_only_where_a_row_is_left(limit, more):
    page = Cloud(pod_a=Holding(1, 3), pod_b=Holding(2, 4)).page(limit=limit)

    assert (len(page.rows), page.more) == (min(limit, 4), more)
