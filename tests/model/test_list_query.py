"""ListQuery: what counts as a selection, and how the rows of several pods are ordered."""

from __future__ import annotations

import pytest

from chalicelib.model.list_query import ListQuery, merge_key
from chalicelib.model.resource import SERVERS


@pytest.mark.parametrize(
    "pairs",
    [(), (("limit", "5"), ("sort_key", "name")), (("deleted", "False"), ("all_tenants", "True"))],
)
def test_a_query_that_leaves_nothing_out_is_no_filter(pairs: tuple[tuple[str, str], ...]) -> None:
    assert not ListQuery(pairs).is_filtered


@pytest.mark.parametrize("pair", [("deleted", "True"), ("name", "web"), ("status", "ACTIVE")])
def test_a_query_that_selects_is_a_filter(pair: tuple[str, str]) -> None:
    assert ListQuery((("limit", "5"), pair)).is_filtered


def sorted_by(*pairs: tuple[str, str]) -> ListQuery:
    return ListQuery(tuple(pairs))


def test_without_a_sort_key_the_newest_is_first() -> None:
    assert ListQuery().order(SERVERS) == (("created", True),)


@pytest.mark.parametrize(
    ("directions", "descending"),
    [
        ((), (True, True)),
        (("asc",), (False, False)),
        (("desc", "asc"), (True, False)),
        (("asc", ""), (False, False)),
    ],
)
def test_each_key_has_its_direction_and_the_first_is_repeated(
    directions: tuple[str, ...], descending: tuple[bool, ...]
) -> None:
    pairs = (("sort_key", "created_at"), ("sort_key", "uuid"), *(("sort_dir", each) for each in directions))

    assert sorted_by(*pairs).order(SERVERS) == tuple(zip(("created", "id"), descending, strict=True))


def test_from_a_key_on_that_no_field_shows_pods_follow_one_another() -> None:
    query = sorted_by(("sort_key", "created_at"), ("sort_key", "display_name"), ("sort_key", "uuid"))

    assert query.order(SERVERS) == (("created", True),)


def test_a_row_has_its_place_by_the_fields_and_then_by_its_pods_rank() -> None:
    order = sorted_by(("sort_key", "created_at"), ("sort_dir", "asc")).order(SERVERS)
    rows = [({"created": "2"}, 0), ({"created": "1"}, 1), ({}, 1), ({"created": "1"}, 0)]

    ordered = sorted(rows, key=lambda row: merge_key(order, *row))

    assert ordered == [({}, 1), ({"created": "1"}, 0), ({"created": "1"}, 1), ({"created": "2"}, 0)]


def test_a_pod_gets_the_same_selection_and_order_with_a_page_of_its_own() -> None:
    query = sorted_by(("name", "a"), ("limit", "5"), ("name", "b"), ("marker", "m"), ("sort_key", "uuid"))

    kept = (("name", "a"), ("name", "b"), ("sort_key", "uuid"))
    assert query.for_pod("") == kept
    assert query.for_pod("x", 3) == (*kept, ("limit", "3"), ("marker", "x"))


@pytest.mark.parametrize(("limit", "most"), [(None, 1000), (0, 0), (5, 5), (5000, 1000)])
def test_a_page_has_no_more_rows_than_nova_gives_at_once(limit: int | None, most: int) -> None:
    assert ListQuery(limit=limit).most_rows == most
