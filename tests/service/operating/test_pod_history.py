"""A pod's history: every write of it with who did it, when and why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.deed import Deed
from chalicelib.model.errors import NotFound
from chalicelib.model.pod import PodState
from chalicelib.model.pod_event import Change, PodAction, PodEvent
from tests.builders import NOW, a_pod
from tests.service.desk import OPERATOR, Desk


def told(generation, action, reason="", minutes=0, **changes):
    deed = Deed(NOW + timedelta(minutes=minutes), "op-1", "req-1", reason)
    return PodEvent("id-1", "Pod1", generation, action, {k: Change(*v) for k, v in changes.items()}, deed)


@pytest.fixture
def desk():
    """A pod that was registered, changed, cordoned, enabled and deleted, a minute apart."""
    desk = Desk()
    fields = {"pod_name": "Pod1", "az_name": "az1", "endpoints": {"compute": "https://nova"}}
    desk.pods.register(fields, OPERATOR, reason="new racks")
    desk.clock.passes(60)
    desk.pods.update(desk.pods.get("id-1"), 1, {"weight": 9.0}, OPERATOR, reason="larger")
    desk.clock.passes(60)
    desk.pods.set_state("id-1", PodState.CORDONED, OPERATOR, "new switches")
    desk.clock.passes(60)
    desk.pods.enable("id-1", OPERATOR, "done")
    desk.clock.passes(60)
    desk.pods.delete("id-1", OPERATOR, reason="sold")
    return desk


def events(desk, *args, **asked):
    return [(event.generation, event.action) for event in desk.pods.history("id-1", *args, **asked)]


ALL = [
    (1, PodAction.REGISTERED),
    (2, PodAction.CHANGED),
    (3, PodAction.CORDONED),
    (4, PodAction.UNCORDONED),
    (5, PodAction.DISABLED),
    (6, PodAction.DELETED),
]


def test_every_write_is_told_with_who_did_it_when_and_why(desk):
    history = list(desk.pods.history("id-1"))

    assert history[1:5] == [
        told(2, PodAction.CHANGED, "larger", 1, weight=(0.0, 9.0)),
        told(3, PodAction.CORDONED, "new switches", 2, state=("enabled", "cordoned")),
        told(4, PodAction.UNCORDONED, "done", 3, state=("cordoned", "enabled")),
        told(5, PodAction.DISABLED, "sold", 4, state=("enabled", "disabled")),
    ]
    assert [(event.action, event.deed.reason) for event in (history[0], history[-1])] == [
        (PodAction.REGISTERED, "new racks"),
        (PodAction.DELETED, "sold"),
    ]
    assert [(event.generation, event.action) for event in history] == ALL


def test_pages_of_a_history_meet(desk):
    assert events(desk, 0, 2) == ALL[:2]
    assert events(desk, after=2, limit=3) == ALL[2:5]
    assert events(desk, 5) == ALL[5:]
    assert events(desk, 6) == [], "there is no more, and there was such a pod"
    assert events(desk, after=6, limit=1) == []


def test_whether_there_ever_was_a_pod_is_told_by_one_event_of_it(desk, monkeypatch):
    asked, history = [], desk.pod_store.history
    monkeypatch.setattr(desk.pod_store, "history", lambda *of: asked.append(of) or history(*of))

    desk.pods.history("id-1", 5)
    desk.pods.history("id-1", 6, 10)

    assert asked == [("id-1", 5, 1000), ("id-1", 6, 10), ("id-1", 0, 1)]


def test_a_history_has_a_thousand_events_at_most_unless_more_are_asked_for():
    desk = Desk(a_pod("p"))
    for n in range(1001):
        pod = desk.pod_store.get("p")
        desk.pod_store.update(pod, replace(pod, weight=float(n)), Deed())

    assert len(desk.pods.history("p")) == 1000
    assert len(desk.pods.history("p", limit=1001)) == 1001


def test_a_pod_that_is_older_than_histories_has_none_and_one_that_never_was_is_not_found():
    desk = Desk(a_pod("old"))

    assert list(desk.pods.history("old")) == []
    assert list(desk.pods.history("old", after=7)) == []
    with pytest.raises(NotFound) as missing:
        desk.pods.history("new")
    assert (missing.value.kind, missing.value.resource_id) == ("Pod", "new")


def test_a_deletion_without_a_reason_disables_the_pod_first_as_one_to_be_deleted(monkeypatch):
    desk, left = Desk(a_pod("p")), []
    delete = desk.pod_store.delete
    monkeypatch.setattr(desk.pod_store, "delete", lambda pod, deed: left.append(pod) or delete(pod, deed))

    desk.pods.delete("p", OPERATOR)

    assert [(pod.state, pod.state_reason) for pod in left] == [(PodState.DISABLED, "to be deleted")]
    assert [event.deed.reason for event in desk.pods.history("p")] == ["to be deleted", ""]
