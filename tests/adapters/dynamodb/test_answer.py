"""What isn't DynamoDB's whole answer is none: botocore would read it as an answer without content."""

from __future__ import annotations

import json
from zlib import crc32

import pytest
from botocore.awsrequest import AWSResponse

from chalicelib.adapters.dynamodb.location_store import DynamoLocationStore
from chalicelib.model.errors import StoreBusy
from chalicelib.model.location import Location
from tests.adapters.dynamodb.refusals import _Raw, before_sending
from tests.builders import NOW, PROJECT

WHOLE = json.dumps({"Item": {"resource_id": {"S": "server-1"}}}).encode()
ANSWERS = {
    "a page": (200, b"<html>please log in</html>", {}),
    "half": (200, WHOLE[:20], {"x-amz-crc32": str(crc32(WHOLE))}),
    "empty": (200, b"", {"x-amz-crc32": str(crc32(WHOLE))}),
    "another's JSON": (200, b"{}", {}),
    "a list": (200, b"[]", {}),
    "not text": (200, b"\xff\xfe", {}),
    "a proxy's error": (502, b"<html>bad gateway</html>", {}),
    "a proxy's refusal": (403, b'{"message": "forbidden"}', {}),
}


@pytest.fixture
def locations(watched):
    store = DynamoLocationStore(watched.database, lambda: NOW)
    store.remember(Location("server-1", PROJECT, "pod-a", NOW))
    return store


def answering(status, body, headers):
    return lambda request, **_: AWSResponse("http://dynamodb", status, headers, _Raw(body))


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_not_dynamodbs_answer_denies_no_server(watched, locations, answer):
    with (
        before_sending(watched.client, "GetItem", answering(*ANSWERS[answer])),
        pytest.raises(StoreBusy, match="silent 2 times"),
    ):
        locations.get("server-1")


@pytest.mark.parametrize("answer", ANSWERS)
def test_nor_does_it_say_that_a_write_was_made(watched, locations, answer):
    with (
        before_sending(watched.client, "TransactWriteItems", answering(*ANSWERS[answer])),
        pytest.raises(StoreBusy),
    ):
        locations.remember(Location("server-2", PROJECT, "pod-a", NOW))


def test_after_one_such_answer_the_next_one_counts(watched, locations):
    answers = iter([answering(*ANSWERS["half"])])

    def first_half(request, **_):
        answer = next(answers, None)
        return answer(request) if answer else None

    with before_sending(watched.client, "GetItem", first_half):
        assert locations.get("server-1").pod_id == "pod-a"
