from math import inf, nan

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.scheduler.normalize import by_bounds, plus_bounded, span
from chalicelib.scheduler.rule import Bounds


def test_weights_are_clamped_and_divided_by_the_larger_bounds_size():
    assert by_bounds([-5, 0, 50, 100, 120], Bounds(0, 100)) == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert by_bounds([-2, -1, -0.5, 0, 3], Bounds(-1, 0)) == [-1.0, -1.0, -0.5, 0.0, 0.0]
    assert by_bounds([-4, 2, 9], Bounds(-4, 2)) == [-1.0, 0.5, 0.5]


def test_what_is_no_number_counts_as_the_lowest():
    assert by_bounds([nan, inf, -inf], Bounds(-1, 2)) == [-0.5, 1.0, -0.5]


@given(st.lists(st.floats()), st.floats(-5, 5))
def test_adding_to_scores_at_once_is_normalising_and_multiplying_each(raws, multiplier):
    for bounds in (Bounds(0, 1), Bounds(-1, 0), Bounds(0, 100), Bounds(-4, 2)):
        apart = [1.0 + multiplier * weight for weight in by_bounds(raws, bounds)]
        assert plus_bounded([1.0] * len(raws), raws, bounds, multiplier) == apart


@given(st.floats(), st.floats())
def test_no_two_weights_are_further_apart_than_the_span(one, other):
    for bounds in (Bounds(0, 1), Bounds(-1, 0), Bounds(0, 100), Bounds(-4, 2)):
        a, b = by_bounds([one, other], bounds)
        assert abs(a - b) <= span(bounds)
