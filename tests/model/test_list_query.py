"""ListQuery: what counts as a selection."""

from __future__ import annotations

import pytest

from chalicelib.model.list_query import ListQuery


@pytest.mark.parametrize(
    "pairs",
    [(), (("limit", "5"), ("sort_key", "name")), (("deleted", "False"), ("all_tenants", "True"))],
)
def test_a_query_that_leaves_nothing_out_is_no_filter(pairs: tuple[tuple[str, str], ...]) -> None:
    assert not ListQuery(pairs).is_filtered


@pytest.mark.parametrize("pair", [("deleted", "True"), ("name", "web"), ("status", "ACTIVE")])
def test_a_query_that_selects_is_a_filter(pair: tuple[str, str]) -> None:
    assert ListQuery((("limit", "5"), pair)).is_filtered
