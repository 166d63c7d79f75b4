"""Pages: what follows a marker."""

import pytest

from chalicelib.model.errors import InvalidField
from chalicelib.model.page import Page

ROWS = ["a", "b", "c"]


@pytest.mark.parametrize(("marker", "rows"), [("", ROWS), ("a", ["b", "c"]), ("c", [])])
def test_a_page_begins_after_its_marker(marker, rows):
    assert Page(marker=marker).after_marker(ROWS, str) == rows


def test_a_marker_of_no_row_is_refused_by_name():
    with pytest.raises(InvalidField, match="no row of this list has the id x") as refused:
        Page(marker="x").after_marker(ROWS, str)
    assert refused.value.field == "marker"
