"""One project that asks too much is turned away, and nobody else."""

from datetime import timedelta

import pytest

from chalicelib.adapters.memory.rate_store import MemoryRateStore
from chalicelib.model.errors import NoPod, StoreBusy, TooMany
from chalicelib.service.asking import rates as rates_module
from chalicelib.service.asking.rates import TOLD_EACH, Limits, Rates
from tests.builders import NOW, SetClock, a_caller

ALPHA, BETA = a_caller("alpha"), a_caller("beta")
LIMITS = Limits(requests=20, creates=10, refused_creates=3)


class Store(MemoryRateStore):
    """Notes what is written."""

    def __init__(self):
        super().__init__()
        self.written = []

    @property
    def writes(self):
        return len(self.written)

    def report(self, *args):
        self.written.append(args)
        return super().report(*args)


def rates(store=None, clock=None, process="a", limits=LIMITS):
    return Rates(store or Store(), clock or SetClock(), process, limits)


def allowed(limiter, caller, most=1000):
    """How many requests are let through, of ``most``."""
    for number in range(most):
        try:
            limiter.request(caller)
        except TooMany:
            return number
    return most


def refused(limiter, caller=ALPHA):
    with pytest.raises(NoPod), limiter.create(caller):
        raise NoPod(409, "no pod")


def test_the_limit_is_the_projects_and_ends_with_the_minute():
    clock = SetClock()
    limiter = rates(clock=clock)

    assert [allowed(limiter, ALPHA), allowed(limiter, ALPHA), allowed(limiter, BETA)] == [20, 0, 20]
    clock.passes(59)
    assert allowed(limiter, ALPHA) == 0
    clock.passes(1)
    assert allowed(limiter, ALPHA) == 20


def test_the_refusal_says_when_the_minute_ends():
    clock = SetClock()
    clock.passes(42.5)
    limiter = rates(clock=clock)
    allowed(limiter, ALPHA)

    with pytest.raises(TooMany) as refusal:
        limiter.request(ALPHA)
    assert refusal.value.retry_after_seconds == 18


def test_processes_count_together():
    store = Store()
    processes = [rates(store, process=name, limits=LIMITS._replace(requests=100)) for name in "abcd"]

    let_through = 0
    for _ in range(100):
        let_through += sum(allowed(process, ALPHA, 1) for process in processes)

    assert 100 <= let_through <= 100 + len(processes) * (TOLD_EACH - 1)


def test_a_light_project_costs_no_write_and_one_over_its_limit_none_either():
    store = Store()
    limiter = rates(store)

    allowed(limiter, BETA, TOLD_EACH - 1)
    assert store.writes == 0
    allowed(limiter, ALPHA)
    written = store.writes
    assert written <= 20 // TOLD_EACH
    for _ in range(100):
        allowed(limiter, ALPHA)
    assert store.writes == written


def test_a_store_that_fails_turns_nobody_away():
    class Busy:
        def report(self, *args):
            raise StoreBusy("busy")

    assert allowed(rates(Busy()), ALPHA, 20) == 20


def test_operators_are_not_limited():
    assert allowed(rates(), a_caller(role="admin")) == 1000
    assert allowed(rates(), a_caller(role="service")) == 1000


def test_without_a_limit_nothing_is_counted():
    store = Store()
    assert allowed(rates(store, limits=Limits(0, 0, 0)), ALPHA) == 1000
    assert store.writes == 0


def test_creates_have_a_limit_of_their_own():
    limiter = rates()
    for _ in range(10):
        with limiter.create(ALPHA):
            pass

    with pytest.raises(TooMany), limiter.create(ALPHA):
        raise AssertionError("it is turned away before anything is done")
    assert allowed(limiter, ALPHA) == 20


def test_whose_creates_are_all_refused_is_turned_away_sooner():
    limiter = rates()
    for _ in range(3):
        refused(limiter)

    with pytest.raises(TooMany), limiter.create(ALPHA):
        raise AssertionError("no fourth decision is kept")
    with limiter.create(BETA):
        pass


def test_each_fifth_request_is_told_up_to_the_limit_under_its_minute_which_is_kept_for_one_more():
    store, clock = Store(), SetClock()
    clock.passes(59.9)

    allowed(rates(store, clock), ALPHA)

    minute, until = int(NOW.timestamp()) // 60, NOW + timedelta(minutes=2)
    assert store.written == [(f"alpha#requests#{minute}", "a", count, until) for count in (5, 10, 15, 20)]
    assert {args[3].utcoffset() for args in store.written} == {timedelta(0)}


def test_what_the_others_counted_is_no_longer_told_of_once_the_limit_is_passed():
    store = Store()
    assert allowed(rates(store, process="b"), ALPHA, 10) == 10

    limiter = rates(store)
    assert [allowed(limiter, ALPHA) for _ in range(10)] == [10, *[0] * 9]
    assert [(args[1], args[2]) for args in store.written] == [("b", 5), ("b", 10), ("a", 5), ("a", 10)]


def test_an_operators_creates_are_not_limited_either_be_it_by_one():
    limiter = rates(limits=Limits(1, 1, 1))

    for _ in range(3):
        with limiter.create(a_caller(role="admin")):
            pass


def test_at_its_bound_a_process_forgets_all_counts(monkeypatch):
    monkeypatch.setattr(rates_module, "MOST_WINDOWS", 2)
    limiter = rates()

    assert [allowed(limiter, caller) for caller in (ALPHA, BETA, ALPHA)] == [20, 20, 0]
    assert [allowed(limiter, caller) for caller in (a_caller("gamma"), ALPHA)] == [20, 20]
