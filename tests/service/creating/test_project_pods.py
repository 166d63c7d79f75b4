"""Project pods: a project's set holds a pod before the first create there, written once and read rarely."""

from __future__ import annotations

import pytest

from chalicelib.adapters.memory.project_store import MemoryProjectStore
from chalicelib.service.creating import project_pods
from chalicelib.service.creating.project_pods import ProjectPods
from tests.builders import PROJECT


class Counted(MemoryProjectStore):
    """Notes what it is asked."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def pod_ids(self, project_id):
        self.asked.append(("read", project_id))
        return super().pod_ids(project_id)

    def add(self, project_id, pod_id):
        self.asked.append(("add", project_id, pod_id))
        super().add(project_id, pod_id)


@pytest.fixture
def store():
    return Counted()


def test_a_pod_is_added_once_and_is_then_known(store):
    pods = ProjectPods(store)
    pods.ensure(PROJECT, "pod-a")
    assert store.asked[:2] == [("read", PROJECT), ("add", PROJECT, "pod-a")]
    store.asked.clear()
    pods.ensure(PROJECT, "pod-a")

    assert store.asked == []
    assert store.pod_ids(PROJECT) == {"pod-a"}
    assert pods.additions(PROJECT, "pod-a") == []


def test_a_pod_that_another_process_has_added_is_only_read(store):
    store.add(PROJECT, "pod-a")
    store.asked.clear()
    pods = ProjectPods(store)
    for _ in range(2):
        pods.ensure(PROJECT, "pod-a")

    assert store.asked == [("read", PROJECT)]


def test_what_joins_a_transaction_adds_the_pod_and_counts_once_it_was_written(store):
    pods = ProjectPods(store)
    (addition,) = pods.additions(PROJECT, "pod-a")
    assert len(pods.additions(PROJECT, "pod-a")) == 1, "nobody said that it was written"
    addition.act()
    pods.learn(PROJECT, "pod-a")

    assert store.pod_ids(PROJECT) == {"pod-a"}
    assert pods.additions(PROJECT, "pod-a") == []
    assert [len(pods.additions(*other)) for other in ((PROJECT, "pod-b"), ("another", "pod-a"))] == [1, 1]


def test_when_it_knows_very_many_it_begins_anew(store, monkeypatch):
    monkeypatch.setattr(project_pods, "MOST_KNOWN", 2)
    pods = ProjectPods(store)
    for pod_id in ("pod-a", "pod-b"):
        pods.learn(PROJECT, pod_id)
    assert [pods.additions(PROJECT, pod_id) for pod_id in ("pod-a", "pod-b")] == [[], []]

    pods.learn(PROJECT, "pod-c")

    assert [len(pods.additions(PROJECT, f"pod-{letter}")) for letter in "abc"] == [1, 1, 0]
