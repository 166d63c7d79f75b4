"""Contention and throttling: retried, bounded, with jitter. No emulator raises them, so they are injected."""

from __future__ import annotations

import random

import pytest
from pynamodb.exceptions import TransactWriteError

from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.decision_store import DynamoDecisionStore
from chalicelib.adapters.dynamodb.project_store import DynamoProjectStore
from chalicelib.adapters.dynamodb.retry import Patience
from chalicelib.model.binding import change_of
from chalicelib.model.errors import BindingConflict, StoreBusy
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from tests.adapters.dynamodb.refusals import (
    CONFLICT,
    TEMPORARY,
    THROTTLED,
    LosingAnswers,
    Refusing,
    before_sending,
)
from tests.builders import NOW, PROJECT, a_binding, a_pod, a_spec

CHANGE = change_of(None, a_binding(decision_id="d1"), request_id="req-1")
WRITES = "TransactWriteItems"


@pytest.mark.parametrize("refused", TEMPORARY, ids=lambda refused: "/".join((refused[0], *refused[1][:2])))
def test_a_binding_refused_for_the_moment_is_written_in_the_end(watched, refused):
    store = DynamoBindingStore(watched.database)

    with before_sending(watched.client, WRITES, Refusing(refused, times=3)) as refusing:
        assert store.commit(CHANGE) == CHANGE.after

    assert len(refusing.seen) == 4
    assert store.history(CHANGE.after.key) == [CHANGE.event]


@pytest.mark.parametrize("refused", [CONFLICT, THROTTLED], ids=["conflict", "throttled"])
def test_refusals_without_end_end_in_store_busy_and_nothing_is_written(watched, refused):
    store = DynamoBindingStore(watched.database)

    with (
        before_sending(watched.client, WRITES, Refusing(refused, times=999)) as refusing,
        pytest.raises(StoreBusy, match="refused 6 times"),
    ):
        store.commit(CHANGE)

    assert len(refusing.seen) == 6
    assert store.get(CHANGE.after.key) is None


def test_the_pauses_double_up_to_a_cap_and_none_follows_the_last_attempt(watched):
    with before_sending(watched.client, WRITES, Refusing(CONFLICT, times=999)), pytest.raises(StoreBusy):
        DynamoBindingStore(watched.database).commit(CHANGE)

    assert watched.pauses == [0.01, 0.02, 0.04, 0.08, 0.16]  # chance says 0.5: half of the longest
    patience = Patience(attempts=20, cap_seconds=0.1, sleep=watched.pauses.append, chance=lambda: 1.0)
    assert patience._pause_seconds(19) == 0.1


def test_pauses_are_fully_jittered_so_that_rivals_spread(embedded_dynamo, database):
    pauses: list[float] = []
    patience = Patience(attempts=6, sleep=pauses.append, chance=random.Random(7).random)
    own = Database(database.prefix, PatientConnection("us-east-1", embedded_dynamo, patience))

    with (
        before_sending(own.connection.client, WRITES, Refusing(CONFLICT, times=999)),
        pytest.raises(StoreBusy),
    ):
        DynamoBindingStore(own).commit(CHANGE)

    shares = [pause / bound for pause, bound in zip(pauses, (0.02, 0.04, 0.08, 0.16, 0.32), strict=True)]
    assert all(0.0 <= share < 1.0 for share in shares)
    assert max(shares) - min(shares) > 0.3


def test_every_attempt_of_a_transaction_carries_the_same_token(watched):
    with before_sending(watched.client, WRITES, Refusing(CONFLICT, times=2)) as refusing:
        DynamoBindingStore(watched.database).commit(CHANGE)

    tokens = {request["ClientRequestToken"] for request in refusing.seen}
    assert len(tokens) == 1


def test_two_transactions_never_share_a_token(watched):
    store = DynamoBindingStore(watched.database)
    second = change_of(CHANGE.after, CHANGE.after.moved("pod-b", CHANGE.event.at, "better"))

    with before_sending(watched.client, WRITES, Refusing(CONFLICT, times=0)) as refusing:
        store.commit(CHANGE)
        store.commit(second)

    assert len({request["ClientRequestToken"] for request in refusing.seen}) == 2


def test_a_lost_race_is_not_repeated(watched):
    store = DynamoBindingStore(watched.database)
    store.commit(CHANGE)
    rival = change_of(None, a_binding("pod-b", decision_id="d2"))

    with (
        before_sending(watched.client, WRITES, Refusing(CONFLICT, times=0)) as refusing,
        pytest.raises(BindingConflict),
    ):
        store.commit(rival)

    assert len(refusing.seen) == 1
    assert watched.pauses == []


def test_a_race_lost_amid_contention_is_lost(watched):
    mixed = ("TransactionCanceledException", ("ConditionalCheckFailed", "TransactionConflict"))

    with (
        before_sending(watched.client, WRITES, Refusing(mixed, times=999)) as refusing,
        pytest.raises(BindingConflict),
    ):
        DynamoBindingStore(watched.database).commit(CHANGE)

    assert len(refusing.seen) == 1


def test_a_mistake_of_ours_is_neither_repeated_nor_called_busy(watched):
    wrong = ("ValidationException", ())

    with (
        before_sending(watched.client, WRITES, Refusing(wrong, times=1)) as refusing,
        pytest.raises(TransactWriteError),
    ):
        DynamoBindingStore(watched.database).commit(CHANGE)

    assert len(refusing.seen) == 1


def test_a_write_whose_answer_was_lost_has_won(watched):
    store = DynamoBindingStore(watched.database)

    with before_sending(watched.client, WRITES, LosingAnswers(watched.client, times=1)) as losing:
        assert store.commit(CHANGE) == CHANGE.after

    assert len(losing.tokens) == 2
    assert len(set(losing.tokens)) == 1
    assert store.history(CHANGE.after.key) == [CHANGE.event]


def test_a_write_that_never_gets_an_answer_is_looked_up(watched):
    store = DynamoBindingStore(watched.database)

    with before_sending(watched.client, WRITES, LosingAnswers(watched.client, times=99)) as losing:
        assert store.commit(CHANGE) == CHANGE.after

    assert len(losing.tokens) == 2  # each time-out costs seconds, so there are only two attempts


def test_a_read_is_repeated_too(watched):
    store = DynamoProjectStore(watched.database)
    store.add(PROJECT, "pod-a")

    with before_sending(watched.client, "GetItem", Refusing(THROTTLED, times=2)):
        assert store.pod_ids(PROJECT) == {"pod-a"}


def test_a_throttled_write_outside_transactions_ends_in_store_busy(watched):
    store = DynamoDecisionStore(watched.database, lambda: NOW)
    decision = decide(snapshot_of([a_pod()]), a_spec(), SPREAD, "decision-1")

    with (
        before_sending(watched.client, "PutItem", Refusing(THROTTLED, times=999)),
        pytest.raises(StoreBusy),
    ):
        store.save(decision)
