import json
from types import SimpleNamespace

from chalicelib import wiring
from chalicelib.events import capacity
from chalicelib.service.observing.capacity import Refreshed, RefreshRound


def test_a_tick_answers_with_a_json_summary_that_names_who_failed(monkeypatch):
    done = RefreshRound(
        (Refreshed("a", "Pod1"), Refreshed("b", "Pod2", "refused"), Refreshed("c", "Pod3")), 1.5, 4
    )
    refresh = SimpleNamespace(refresh_all=lambda: done)
    monkeypatch.setattr(wiring, "services", lambda: SimpleNamespace(capacity_refresh=refresh))

    answer = json.loads(json.dumps(capacity.tick({"id": "tick"})))
    assert answer == {
        "pods": 3,
        "refreshed": 2,
        "failed": {"Pod2": "refused"},
        "seconds": 1.5,
        "failed_builds": 4,
    }
