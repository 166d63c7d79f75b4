"""Claims in DynamoDB alone: throttling, lost answers, the length of an expression, races."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.pod_store import DynamoPodStore
from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import MOST_DROPPED, settlement
from chalicelib.model.errors import PodFull, StoreBusy
from tests.adapters.dynamodb.refusals import THROTTLED, LosingAnswers, Refusing, before_sending
from tests.builders import NOW, a_pod

ONE = Amounts(1, 1, 1, 1)


@pytest.fixture
def claims(database):
    DynamoPodStore(database).create(a_pod(max_instances=10))
    return DynamoClaimStore(database)


def free(claims):
    return claims.read("pod-a").free.instances


def test_a_claim_is_one_write(claims, database):
    client = database.connection.client
    with before_sending(client, "*", Refusing(THROTTLED, times=0)) as sent:
        claims.claim("pod-a", ONE, ONE, NOW)

    assert len(sent.seen) == 1


def test_a_refused_claim_learns_what_is_free_without_a_read(claims, database):
    client, silent = database.connection.client, Refusing(THROTTLED, times=0)
    with before_sending(client, "*", silent) as sent, pytest.raises(PodFull) as refused:
        claims.claim("pod-a", ONE, replace(ONE, instances=11), NOW)

    assert refused.value.free.instances == 10
    assert len(sent.seen) == 1


def test_a_throttled_write_is_sent_again(claims, database):
    with before_sending(database.connection.client, "UpdateItem", Refusing(THROTTLED, times=1)):
        made = claims.claim("pod-a", ONE, ONE, NOW)
    with before_sending(database.connection.client, "UpdateItem", Refusing(THROTTLED, times=1)):
        assert claims.release(made)

    assert free(claims) == 10


def test_a_release_whose_answer_is_lost_is_not_sent_again_since_it_would_give_back_twice(claims, database):
    made = claims.claim("pod-a", ONE, ONE, NOW)
    claims.claim("pod-a", ONE, ONE, NOW)
    client = database.connection.client

    with before_sending(client, "UpdateItem", LosingAnswers(client, times=1)), pytest.raises(StoreBusy):
        claims.release(made)

    assert free(claims) == 9


def test_a_claim_whose_answer_is_lost_is_taken_twice_at_worst(claims, database):
    client = database.connection.client
    with before_sending(client, "UpdateItem", LosingAnswers(client, times=1)):
        claims.claim("pod-a", ONE, ONE, NOW)

    assert free(claims) == 8


def test_a_settlement_whose_answer_is_lost_counts_once(claims, database):
    claims.claim("pod-a", ONE, ONE, NOW)
    pod = DynamoPodStore(database).get("pod-a")
    settled = settlement(claims.read("pod-a"), pod, NOW + timedelta(minutes=9), 180.0)
    client = database.connection.client
    with before_sending(client, "UpdateItem", LosingAnswers(client, times=1)):
        claims.settle(settled)

    assert free(claims) == 10


def test_the_longest_settlement_fits_into_dynamodbs_expressions(claims, database):
    for minute in range(MOST_DROPPED + 3):
        claims.claim("pod-a", replace(ONE, instances=0), Amounts(), NOW + timedelta(minutes=minute))
    pod = DynamoPodStore(database).get("pod-a")
    settled = settlement(claims.read("pod-a"), pod, NOW + timedelta(hours=2), 180.0)

    with before_sending(database.connection.client, "UpdateItem", Refusing(THROTTLED, times=0)) as sent:
        assert claims.settle(settled)

    (request,) = sent.seen
    assert max(len(request["UpdateExpression"]), len(request["ConditionExpression"])) < 4096
    assert request["ConditionExpression"].count("AND") < 300
    assert len(claims.read("pod-a").claimed) == 3


def test_of_many_that_want_the_last_ones_as_many_get_them_as_there_are(claims):
    def take(_):
        try:
            return claims.claim("pod-a", ONE, ONE, NOW)
        except PodFull:
            return None

    with ThreadPoolExecutor(8) as threads:
        made = [claim for claim in threads.map(take, range(40)) if claim]

    assert len(made) == 10
    assert free(claims) == 0


def test_a_pod_that_changed_since_it_was_read_is_given_no_balance(claims, database):
    pods = DynamoPodStore(database)
    read = pods.get("pod-a")
    pods.delete(read)

    claims.open(read)

    assert claims.read("pod-a") is None
