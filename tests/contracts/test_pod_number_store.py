"""What every store of pods' numbers does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.builders import a_pod


def test_each_pod_has_its_number_for_good(stores):
    assert stores.numbers.of(["pod-a", "pod-b"]) == {"pod-a": 1, "pod-b": 2}

    assert stores.numbers.of(["pod-c", "pod-a"]) == {"pod-a": 1, "pod-b": 2, "pod-c": 3}
    assert stores.numbers.of([]) == {"pod-a": 1, "pod-b": 2, "pod-c": 3}


def test_pods_that_are_numbered_at_the_same_time_get_different_numbers(stores):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda pod_id: stores.numbers.of([pod_id]), ["a", "b", "c", "d"]))

    assert sorted(stores.numbers.of([]).values()) == [1, 2, 3, 4]


def test_the_numbers_are_no_pod(stores):
    stores.pods.create(a_pod("pod-a"))
    stores.numbers.of(["pod-a"])

    assert [pod.pod_id for pod in stores.pods.list()] == ["pod-a"]
