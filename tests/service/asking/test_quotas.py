"""Quotas: a user's own limit goes before the project's, that before the class's, and that before Nova's."""

import pytest

from chalicelib.adapters.memory.quota_store import MemoryQuotaStore
from chalicelib.model.quota import DEFAULT_CLASS, DEFAULTS, Holder, QuotaSet
from chalicelib.service.asking.quotas import Quotas
from tests.builders import PROJECT, SetClock

OF_CLASS = {"cores": 30, "ram": 1000, "instances": 3}
OF_PROJECT = {"cores": 40, "ram": 2000}
OF_USER = {"cores": 5}
OTHER_USERS = {"instances": 1}


@pytest.fixture
def store():
    kept = MemoryQuotaStore()
    written = {
        Holder(class_name=DEFAULT_CLASS): OF_CLASS,
        Holder(class_name="gold"): {"cores": 99},
        Holder(PROJECT): OF_PROJECT,
        Holder(PROJECT, "u-1"): OF_USER,
        Holder(PROJECT, "u-2"): OTHER_USERS,
        Holder("other"): {"cores": 1},
        Holder("other", "u-1"): {"cores": 0},
    }
    for holder, limits in written.items():
        kept.put(QuotaSet(holder, limits, generation=1))
    return kept


@pytest.fixture
def quotas(store):
    return Quotas(store, SetClock(), {"cores": 10, "key_pairs": 7}, 5.0)


DEPLOYED = {**DEFAULTS, "cores": 10, "key_pairs": 7}


def test_a_class_has_its_own_limits_over_the_deployments_and_those_over_novas(quotas):
    assert quotas.defaults() == {**DEPLOYED, **OF_CLASS}
    assert quotas.defaults("gold") == {**DEPLOYED, "cores": 99}
    assert quotas.defaults("no-such") == DEPLOYED


def test_unless_it_is_said_otherwise_the_deployment_has_novas_limits():
    assert Quotas(MemoryQuotaStore(), SetClock()).defaults() == DEFAULTS


@pytest.mark.parametrize(
    ("project_id", "user_id", "own"),
    [
        (PROJECT, "", OF_PROJECT),
        (PROJECT, "u-1", {**OF_PROJECT, **OF_USER}),
        (PROJECT, "u-2", {**OF_PROJECT, **OTHER_USERS}),
        (PROJECT, "u-3", OF_PROJECT),
        ("third", "u-1", {}),
    ],
)
def test_the_limits_of_who_is_nearest_hold(quotas, project_id, user_id, own):
    expected = {**DEPLOYED, **OF_CLASS, **own}

    assert quotas.limits(project_id, user_id) == expected
    assert {name: quotas.limit_of(project_id, user_id, name) for name in expected} == expected


def test_without_a_user_they_are_the_projects(quotas):
    assert quotas.limits(PROJECT) == quotas.limits(PROJECT, "")
    assert (quotas.own_limits(PROJECT), quotas.own_limits("third")) == (OF_PROJECT, {})


def test_what_was_written_for_users_alone_can_be_told(quotas):
    assert (quotas.own_limits(PROJECT, "u-1"), quotas.own_limits(PROJECT, "u-3")) == (OF_USER, {})
    assert (quotas.of_users(PROJECT), quotas.of_users("third")) == ([OF_USER, OTHER_USERS], [])


def test_what_was_written_in_this_process_counts_at_once(store, quotas):
    quotas.limits(PROJECT)
    store.put(QuotaSet(Holder(PROJECT), {"cores": 1}, generation=2))
    assert quotas.own_limits(PROJECT) == OF_PROJECT

    quotas.forget()
    assert quotas.own_limits(PROJECT) == {"cores": 1}


def test_unless_it_is_said_otherwise_what_was_read_counts_for_five_seconds(store):
    clock = SetClock()
    quotas = Quotas(store, clock)
    quotas.own_limits(PROJECT)
    store.put(QuotaSet(Holder(PROJECT), {"cores": 1}, generation=2))

    for seconds, limits in ((4.9, OF_PROJECT), (0.1, {"cores": 1})):
        clock.passes(seconds)
        assert quotas.own_limits(PROJECT) == limits
