"""Walk: what a page of several pods' rows begins with, is compared by, and needs to be shown."""

from dataclasses import replace

import pytest

from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.pages import Listed
from chalicelib.service.kinds.walk import Walk
from tests.builders import a_pod
from tests.service.kinds.nova_pods import Vm
from tests.service.kinds.scripted_pods import TENANT

HERE, THERE, OUTSIDE = a_pod("pod-a"), a_pod("pod-b"), a_pod("pod-c")
RANKS = {"pod-a": 0, "pod-b": 1}


def row(pod, number=1, **fields):
    return Listed(pod, Vm(number, **fields).row())


def walk(start=None, ranks=RANKS, path="/servers/detail", limit=None, pairs=(), is_forgotten=False):
    query, request = ListQuery(pairs, limit), PodRequest("GET", path)
    order = query.order(SERVERS)
    return Walk(TENANT, SERVERS, query, request, False, order, ranks, start, is_forgotten)


@pytest.mark.parametrize(("limit", "wanted"), [(0, 1), (1, 2), (999, 1000), (None, 1001), (5000, 1001)])
def test_one_row_more_than_asked_for_tells_whether_a_page_follows(limit, wanted):
    assert walk(limit=limit).wanted == wanted


@pytest.mark.parametrize(("path", "has_details"), [("/servers", False), ("/servers/detail", True)])
def test_the_path_says_whether_details_are_wanted(path, has_details):
    assert walk(path=path).has_details is has_details


@pytest.mark.parametrize(
    ("start", "is_forgotten", "is_outside"),
    [
        (None, False, False),
        (None, True, False),
        (row(HERE), False, False),
        (row(HERE), True, True),
        (row(OUTSIDE), False, True),
        (row(OUTSIDE), True, True),
    ],
)
def test_a_marker_is_outside_where_no_pod_that_is_asked_goes_on_after_it(start, is_forgotten, is_outside):
    found = walk(start, is_forgotten=is_forgotten)

    assert found.is_outside is is_outside
    assert found.start_in(HERE) is (start if start and start.pod is HERE and not is_outside else None)
    assert found.start_in(THERE) is None


@pytest.mark.parametrize(
    ("ranks", "start", "is_alone"),
    [
        ({"pod-a": 0}, None, True),
        ({"pod-a": 0}, row(HERE), True),
        ({"pod-a": 0}, row(OUTSIDE), False),
        (RANKS, None, False),
        (RANKS, row(HERE), False),
    ],
)
def test_a_page_of_one_pod_compares_no_rows(ranks, start, is_alone):
    assert walk(start, ranks).is_alone is is_alone


@pytest.mark.parametrize(
    ("ranks", "key", "may_surprise"),
    [
        (RANKS, "display_name", True),
        (RANKS, "created_at", False),
        ({"pod-a": 0}, "display_name", False),
    ],
)
def test_text_may_be_sorted_by_other_rules_in_each_of_several_pods(ranks, key, may_surprise):
    assert walk(ranks=ranks, pairs=(("sort_key", key),)).may_surprise is may_surprise


@pytest.mark.parametrize(
    ("keys", "hidden"),
    [
        ([], {"created"}),
        (["display_name"], set()),
        (["uuid"], set()),
        (["display_name", "vm_state"], {"OS-EXT-STS:vm_state"}),
    ],
)
def test_fields_that_rows_without_details_do_not_show_are_hidden(keys, hidden):
    assert walk(pairs=tuple(("sort_key", key) for key in keys)).hidden == hidden


def test_rows_that_are_equal_stand_in_the_order_of_their_pods():
    found = walk()

    assert found.position(row(HERE)) < found.position(row(THERE))
    assert found.position(row(THERE, second=1)) < found.position(row(HERE)), "the newest is first"
    assert not found.position(row(HERE, 1)) < found.position(row(HERE, 2)), "its pod tells which is first"


def test_every_row_is_behind_no_marker():
    assert walk().is_behind(row(HERE))


def test_behind_a_marker_are_the_rows_after_it():
    found = walk(row(HERE, second=5))

    assert found.is_behind(row(HERE, 2, second=4))
    assert found.is_behind(row(THERE, 2, second=5)), "which is equal, in a pod of a higher rank"
    assert not found.is_behind(row(HERE, 2, second=5))
    assert not found.is_behind(row(HERE, 2, second=6))


@pytest.mark.parametrize("start", [row(OUTSIDE, second=5), row(HERE, second=5)])
def test_a_marker_that_no_pod_goes_on_after_is_the_first_of_its_equals(start):
    found = walk(start, is_forgotten=start.pod is HERE)

    assert found.is_behind(row(HERE, 2, second=5))
    assert not found.is_behind(row(HERE, 2, second=6))
    assert not found.is_behind(start)
    same = replace(found, start=None)
    assert same.position(row(HERE, second=5)) == found.position(row(HERE, second=5)), "any other row of it"
