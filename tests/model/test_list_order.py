"""ListOrder: which of two rows comes first, whatever pods show."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from chalicelib.model.list_order import ListOrder, SortKey, folded

A, B = SortKey("a"), SortKey("b", folded)


Placed = tuple[dict[str, Any], int]


def in_order(order: ListOrder, rows: list[Placed]) -> list[Placed]:
    """The rows sorted, which must be the same whatever order they came in."""
    sortings = [sorted(each, key=lambda row: order.position(*row)) for each in permutations(rows)]
    assert all(each == sortings[0] for each in sortings)
    return sortings[0]


@pytest.mark.parametrize("descends", [False, True])
def test_null_is_the_least_and_odd_values_have_a_place_too(descends: bool) -> None:
    rows: list[Placed] = [
        ({}, 0),
        ({"a": None}, 1),
        ({"a": -1}, 0),
        ({"a": True}, 0),
        ({"a": 2}, 0),
        ({"a": "9"}, 0),
        ({"a": ["x"]}, 0),
    ]
    ordered = in_order(ListOrder(((A, descends),), descends), rows)

    assert ordered == ([*reversed(rows[2:]), *rows[:2]] if descends else rows)


def test_keys_count_one_after_the_other_and_then_the_pods_rank() -> None:
    order = ListOrder(((A, True), (B, False)), descends=True)

    assert in_order(order, [({"a": 1, "b": "B"}, 0), ({"a": 2, "b": "b"}, 1), ({"a": 1, "b": "a"}, 1)]) == [
        ({"a": 2, "b": "b"}, 1),
        ({"a": 1, "b": "a"}, 1),
        ({"a": 1, "b": "B"}, 0),
    ]
    assert in_order(order, [({"a": 1, "b": "B"}, 1), ({"a": 1, "b": "b"}, 0)])[0] == ({"a": 1, "b": "b"}, 0)


def test_text_is_folded_as_mysql_does() -> None:
    names = ["_x", "ZZ", "b-1", "b10", "B2", "a"]

    assert sorted(names, key=folded) == ["a", "b-1", "b10", "B2", "ZZ", "_x"]


def test_a_row_is_placed_when_it_shows_every_key_and_the_order_knows_them_all() -> None:
    keys = ((A, True), (B, True))

    assert ListOrder(keys, True).is_shown_by({"a": None, "b": "x"})
    assert not ListOrder(keys, True).is_shown_by({"a": 1})
    assert not ListOrder(keys[:1], True, beyond=keys[1:]).is_shown_by({"a": 1})
    assert not ListOrder(keys, True, is_whole=False).is_shown_by({"a": 1, "b": "x"})
