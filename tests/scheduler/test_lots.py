"""Lots spread projects over the pods that tie."""

from collections import Counter

import pytest

from chalicelib.scheduler.lots import lot, pod_lot, project_lot


def winners(pods, projects):
    numbers = {f"pod-{n}": pod_lot(f"pod-{n}") for n in range(pods)}
    for n in range(projects):
        project = project_lot(f"project-{n}")
        yield min(numbers, key=lambda pod_id: lot(project, numbers[pod_id]))


@pytest.mark.parametrize("pods", [2, 3, 10, 100])
def test_each_of_the_pods_that_tie_wins_its_share_of_projects(pods):
    counts = Counter(winners(pods, projects=200 * pods))

    assert len(counts) == pods
    assert 140 < min(counts.values()) <= max(counts.values()) < 260


def test_no_two_pods_draw_the_same_lot_of_a_project():
    project = project_lot("project-1")

    assert len({lot(project, pod_lot(f"pod-{n}")) for n in range(1000)}) == 1000


def test_a_lot_never_changes():
    """Decisions are kept for 30 days and replayed by later versions."""
    assert lot(project_lot("project-1"), pod_lot("pod-1")) == 2117079627082205917
