"""A list, or what is known to be there, is shown by a 200 alone; other replies refuse it, or say nothing."""

import json

import pytest

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodRefused, accepted
from tests.builders import a_pod

MARK = {"x-openstack-request-id": "req-1"}


def reply(status, body=None):
    return PodReply(status, MARK, json.dumps(body).encode() if body is not None else b"")


@pytest.mark.parametrize("status", [201, 202, 204, 207, 302, 404, 429, 500])
def test_what_shows_nothing_and_refuses_nothing_is_no_answer(status):
    body = {"servers": []} if status < 400 and status != 204 else {"fault": {"code": status}}
    with pytest.raises(PodUnreachable):
        accepted(a_pod(), reply(status, None if status == 204 else body))


@pytest.mark.parametrize("status", [400, 403, 409])
def test_a_refusal_is_for_the_client(status):
    with pytest.raises(PodRefused):
        accepted(a_pod(), reply(status, {"badRequest": {"code": status}}))


def test_a_200_shows():
    assert accepted(a_pod(), reply(200, {"servers": []})).status == 200
