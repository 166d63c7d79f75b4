"""Claims in DynamoDB alone: throttling, lost answers, the length of an expression, races."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.pod_store import DynamoPodStore
from chalicelib.adapters.dynamodb.retry import Patience
from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import MOST_CHANGED, settlement
from chalicelib.model.errors import PodFull, StoreBusy
from tests.adapters.dynamodb.refusals import (
    THROTTLED,
    FailingAfterwards,
    LosingAnswers,
    Refusing,
    before_sending,
)
from tests.builders import NOW, a_claim, a_pod

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
        claims.claim(a_claim("pod-a", ONE), ONE)

    assert len(sent.seen) == 1


def test_a_refused_claim_learns_what_is_free_without_a_read(claims, database):
    client, silent = database.connection.client, Refusing(THROTTLED, times=0)
    with before_sending(client, "*", silent) as sent, pytest.raises(PodFull) as refused:
        claims.claim(a_claim("pod-a", ONE), replace(ONE, instances=11))

    assert refused.value.free.instances == 10
    assert len(sent.seen) == 1


def test_a_throttled_write_is_sent_again(claims, database):
    with before_sending(database.connection.client, "UpdateItem", Refusing(THROTTLED, times=1)):
        made = claims.claim(a_claim("pod-a", ONE), ONE)
    with before_sending(database.connection.client, "UpdateItem", Refusing(THROTTLED, times=1)):
        claims.release(made)

    assert free(claims) == 10


@pytest.mark.parametrize("lost", [LosingAnswers, FailingAfterwards])
@pytest.mark.parametrize("times", [1, 2])
def test_a_write_whose_answer_is_lost_is_sent_again_and_counts_once(claims, database, lost, times):
    client, patience = database.connection.client, Patience(silences=3, sleep=lambda seconds: None)
    patient = DynamoClaimStore(database, patience)
    claims.claim(a_claim("pod-a", ONE.times(3), "others"), ONE)
    with before_sending(client, "UpdateItem", lost(client, times)):
        made = patient.claim(a_claim("pod-a", ONE.times(2), count=2), ONE)
    assert free(claims) == 5
    with before_sending(client, "UpdateItem", lost(client, times)):
        patient.release_share(made.share(1))
    assert free(claims) == 6
    with before_sending(client, "UpdateItem", lost(client, times)):
        patient.release(made)

    assert free(claims) == 7
    assert claims.read("pod-a").claimed == ONE.times(3)


def test_a_claim_that_comes_to_no_end_is_busy_and_another_create_may_have_the_room(claims, database):
    client = database.connection.client
    always = FailingAfterwards(client, times=10)
    with before_sending(client, "UpdateItem", always), pytest.raises(StoreBusy):
        DynamoClaimStore(database, Patience(sleep=lambda seconds: None)).claim(a_claim("pod-a", ONE), ONE)

    assert free(claims) == 9
    claims.release(a_claim("pod-a", ONE))
    assert free(claims) == 10


def test_a_settlement_whose_answer_is_lost_counts_once(claims, database):
    claims.claim(a_claim("pod-a", ONE), ONE)
    pod = DynamoPodStore(database).get("pod-a")
    settled = settlement(claims.read("pod-a"), pod, NOW + timedelta(minutes=9), 180.0)
    client = database.connection.client
    with before_sending(client, "UpdateItem", LosingAnswers(client, times=1)):
        claims.settle(settled)

    assert free(claims) == 10


def test_the_longest_settlement_fits_into_dynamodbs_expressions(claims, database):
    for number in range(MOST_CHANGED + 3):
        decision_id = f"{number:08}-0000-4000-8000-000000000000"
        claims.claim(a_claim("pod-a", replace(ONE, instances=0), decision_id, count=2), Amounts())
    pod, seen = DynamoPodStore(database).get("pod-a"), claims.read("pod-a")
    half = [claim.share(0) for claim in seen.claims.values()]  # a claim that stays is the longest to write
    settled = settlement(seen, pod, NOW, 180.0, half)

    with before_sending(database.connection.client, "UpdateItem", Refusing(THROTTLED, times=0)) as sent:
        assert claims.settle(settled)

    (request,) = sent.seen
    assert len(settled.changed) == MOST_CHANGED
    assert max(len(request["UpdateExpression"]), len(request["ConditionExpression"])) < 4096
    assert sum(request["UpdateExpression"].count(sign) for sign in "+=") < 300
    assert request["ConditionExpression"].count("AND") < 300


def test_of_many_that_want_the_last_ones_as_many_get_them_as_there_are(claims):
    def take(number):
        try:
            return claims.claim(a_claim("pod-a", ONE, f"create-{number}"), ONE)
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
