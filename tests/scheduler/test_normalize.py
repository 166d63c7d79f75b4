from math import inf, nan

from chalicelib.scheduler.normalize import by_bounds, by_range, range_of
from chalicelib.scheduler.rule import Bounds


def test_weights_are_clamped_and_divided_by_the_larger_bounds_size():
    assert by_bounds([-5, 0, 50, 100, 120], Bounds(0, 100)) == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert by_bounds([-2, -1, -0.5, 0, 3], Bounds(-1, 0)) == [-1.0, -1.0, -0.5, 0.0, 0.0]
    assert by_bounds([-4, 2, 9], Bounds(-4, 2)) == [-1.0, 0.5, 0.5]


def test_what_is_no_number_counts_as_the_lowest():
    assert by_bounds([nan, inf, -inf], Bounds(-1, 2)) == [-0.5, 1.0, -0.5]
    assert by_range([nan, inf, -inf, 2], Bounds(1, 3)) == [0.0, 1.0, 0.0, 0.5]


def test_without_bounds_the_lowest_seen_is_zero_and_the_highest_one():
    assert by_range([10, 20, 15], range_of([10, 20, 15])) == [0.0, 1.0, 0.5]


def test_without_bounds_equal_weights_are_zero():
    assert by_range([7, 7], range_of([7, 7])) == [0.0, 0.0]
    assert by_range([nan, inf], range_of([nan, inf])) == [0.0, 0.0]
