"""What every rate store does."""

from datetime import timedelta

from tests.builders import NOW

LATER = NOW + timedelta(minutes=2)


def test_the_counts_of_all_processes_are_one_and_windows_are_apart(stores):
    assert stores.rates.report("p#requests#1", "a", 5, LATER) == 5
    assert stores.rates.report("p#requests#1", "b", 7, LATER) == 12
    assert stores.rates.report("p#requests#1", "a", 10, LATER) == 17
    assert stores.rates.report("p#requests#2", "a", 5, LATER) == 5


def test_a_count_that_is_told_twice_counts_once(stores):
    for _ in range(2):
        assert stores.rates.report("p#requests#1", "a", 5, LATER) == 5
