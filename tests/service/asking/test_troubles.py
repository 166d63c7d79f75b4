"""Troubles: who notes them, and who heeds them."""

import pytest

from chalicelib.adapters.memory.trouble_store import MemoryTroubleStore
from chalicelib.model.errors import GenerationConflict, StoreBusy
from chalicelib.model.trouble import Breaker, Trouble
from chalicelib.service.asking.troubles import Troubles
from tests.builders import NOW, SetClock, a_pod, a_spec

PODS = [a_pod("pod-a"), a_pod("pod-b")]


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def store():
    return MemoryTroubleStore()


@pytest.fixture
def troubles(store, clock):
    return Troubles(store, clock)


def fail(troubles, times=5, pod_id="pod-a"):
    for _ in range(times):
        troubles.call_failed(pod_id)


def test_a_request_learns_of_open_circuits_and_failed_builds(troubles, clock):
    fail(troubles)
    troubles.build_failed("pod-b")
    clock.passes(300)
    fail(troubles)

    spec = troubles.noted_in(a_spec(requested_at=clock.now), PODS)

    assert spec.open_circuits == {"pod-a"}
    assert spec.failed_builds == {"pod-b": 0.5}


def test_on_a_good_day_the_request_stays_as_it_is(troubles):
    spec = a_spec()

    assert troubles.noted_in(spec, PODS) is spec


def test_failed_builds_are_forgotten_in_the_end(troubles, clock):
    troubles.build_failed("pod-a")
    clock.passes(3000)

    assert troubles.noted_in(a_spec(requested_at=clock.now), PODS).failed_builds == {}


@pytest.mark.parametrize(("left", "heeded"), [(0.02, {"pod-a": 0.02}), (0.01, {})])
def test_of_failed_builds_a_hundredth_is_none(store, troubles, left, heeded):
    store.put(Trouble("pod-a", failed_builds=left, builds_at=NOW))

    assert troubles.noted_in(a_spec(requested_at=NOW), PODS).failed_builds == heeded


def test_another_process_sees_it_when_its_cache_is_old(store, clock, troubles):
    other = Troubles(store, clock)
    assert other.open_circuits(PODS) == frozenset()

    fail(troubles)

    clock.passes(4.9)
    assert other.open_circuits(PODS) == frozenset()
    clock.passes(0.1)
    assert other.open_circuits(PODS) == {"pod-a"}


def test_the_processes_count_together(store, clock):
    for _ in range(5):
        fail(Troubles(store, clock), times=1)

    assert Troubles(store, clock).open_circuits(PODS) == {"pod-a"}


def test_once_a_circuit_is_open_nothing_more_is_written(store, troubles):
    fail(troubles, times=50)

    assert store.get("pod-a").generation == 5


def test_while_a_circuit_is_open_failed_calls_read_nothing_either_and_count_again_when_it_closes(
    store, troubles, clock, monkeypatch
):
    fail(troubles)
    asked, get = [], store.get
    monkeypatch.setattr(store, "get", lambda pod_id: asked.append(pod_id) or get(pod_id))

    fail(troubles, times=50)
    assert asked == []

    clock.passes(Breaker().open_seconds)
    assert troubles.open_circuits(PODS) == frozenset()
    fail(troubles, times=1)
    assert asked
    assert store.get("pod-a").failed_calls == 1


def test_a_report_that_was_asked_for_later_closes_the_circuit(troubles, clock):
    fail(troubles)
    before = clock.now

    troubles.answered("pod-a", before.replace(year=2024))
    assert troubles.open_circuits(PODS) == {"pod-a"}
    troubles.answered("pod-a", before)
    assert troubles.open_circuits(PODS) == frozenset()


def test_reports_of_pods_without_trouble_cost_no_write(store, troubles):
    troubles.answered("pod-a", NOW)

    assert store.list() == []


def test_a_report_of_one_pod_reads_nothing_of_it_and_closes_no_other_pods_circuit(
    store, troubles, monkeypatch
):
    fail(troubles)
    asked, get = [], store.get
    monkeypatch.setattr(store, "get", lambda pod_id: asked.append(pod_id) or get(pod_id))

    troubles.answered("pod-b", NOW)

    assert (asked, troubles.open_circuits(PODS)) == ([], {"pod-a"})


def test_a_lost_race_is_counted_all_the_same(clock):
    class Contested(MemoryTroubleStore):
        lost = 2

        def put(self, trouble):
            if self.lost:
                self.lost -= 1
                raise GenerationConflict("another wrote")
            return super().put(trouble)

    store = Contested()
    Troubles(store, clock).build_failed("pod-a")

    assert store.get("pod-a").failed_builds == 1.0


@pytest.mark.parametrize("error", [StoreBusy("refused"), RuntimeError("AccessDenied")])
def test_a_store_that_fails_refuses_nobody(clock, error):
    class Busy(MemoryTroubleStore):
        def list(self, *pod_ids):
            raise error

        get = list

    troubles = Troubles(Busy(), clock)
    spec = a_spec()
    troubles.noted_in(spec, PODS)
    troubles.build_failed("pod-a")

    assert troubles.noted_in(spec, PODS) is spec
