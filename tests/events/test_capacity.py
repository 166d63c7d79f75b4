import json
from contextlib import nullcontext
from types import SimpleNamespace

from chalicelib import wiring
from chalicelib.events import capacity
from chalicelib.service.observing.capacity import Refreshed, RefreshRound
from chalicelib.service.observing.reconciling import Reconciled
from tests.service.desk import World


def test_a_tick_answers_with_a_json_summary_that_names_who_failed(monkeypatch):
    done = RefreshRound(
        (Refreshed("a", "Pod1"), Refreshed("b", "Pod2", "refused"), Refreshed("c", "Pod3")), 1.5, 4
    )
    refresh = SimpleNamespace(refresh_all=lambda: done)
    lease = SimpleNamespace(taken=lambda: nullcontext(enter_result=True))
    quota_net = SimpleNamespace(spread=lambda *_: None)
    reconciling = SimpleNamespace(run=lambda: Reconciled(unsettled=2, strays=1))
    services = SimpleNamespace(
        capacity_refresh=refresh, lease=lease, quota_net=quota_net, reconciling=reconciling
    )
    monkeypatch.setattr(wiring, "services", lambda: services)

    answer = json.loads(json.dumps(capacity.tick({"id": "tick"})))
    assert answer == {
        "pods": 3,
        "refreshed": 2,
        "failed": {"Pod2": "refused"},
        "seconds": 1.5,
        "failed_builds": 4,
        "creates_unsettled": 2,
        "strays": 1,
    }


def test_a_tick_while_another_one_runs_observes_nothing(monkeypatch):
    desk = World(reader=None, servers=None)  # asking either would fail
    monkeypatch.setattr(wiring, "services", lambda: desk.services)

    with desk.services.lease.taken():
        assert capacity.tick({"id": "tick"}) == {"left_out": "another refresh runs at this moment"}
    assert "pods" in capacity.tick({"id": "the next"})
