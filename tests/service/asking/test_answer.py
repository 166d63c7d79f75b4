"""A list, or what is known to be there, is shown by a 200 alone; other replies refuse it, or say nothing."""

import json

import pytest

from chalicelib.model.errors import NoAnswer, PodUnreachable
from chalicelib.model.pod_request import PodReply
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.answer import PodAnswer, PodRefused, accepted, document, shown
from tests.builders import a_pod

MARK = {"x-openstack-request-id": "req-1"}
POD = a_pod()
ODD_BODIES = (b"", b"[]", b"{", b'{"server": NaN}', b"<html>")


def reply(status, body=None):
    return PodReply(status, MARK, json.dumps(body).encode() if body is not None else b"")


@pytest.mark.parametrize("status", [201, 202, 204, 207, 302, 404, 429, 500])
def test_what_shows_nothing_and_refuses_nothing_is_no_answer(status):
    body = {"servers": []} if status < 400 and status != 204 else {"fault": {"code": status}}
    with pytest.raises(PodUnreachable):
        accepted(POD, reply(status, None if status == 204 else body))


@pytest.mark.parametrize("status", [400, 403, 409])
def test_a_refusal_is_for_the_client_in_the_pods_own_words(status):
    said = reply(status, {"badRequest": {"code": status}})
    with pytest.raises(PodRefused) as refused:
        accepted(POD, said)

    assert refused.value.answer == PodAnswer(POD, said)
    assert str(status) in str(refused.value)


def test_a_200_shows():
    assert accepted(POD, reply(200, {"servers": []})).status == 200


def test_a_resource_and_a_document_are_what_the_body_holds():
    said = reply(200, {"server": {"id": "vm"}})

    assert (shown(POD, said, SERVERS), document(POD, said)) == ({"id": "vm"}, {"server": {"id": "vm"}})


@pytest.mark.parametrize("body", [{}, {"server": None}, {"server": []}, {"flavor": {"id": "vm"}}])
def test_a_body_without_the_resource_shows_none(body):
    with pytest.raises(NoAnswer) as silence:
        shown(POD, reply(200, body), SERVERS)

    assert (silence.value.pod_id, silence.value.sent) == (POD.pod_id, True)


@pytest.mark.parametrize("body", ODD_BODIES)
def test_what_is_no_object_or_no_json_is_no_answer(body):
    for read in (document, lambda pod, said: shown(pod, said, SERVERS)):
        with pytest.raises(NoAnswer) as silence:
            read(POD, PodReply(200, MARK, body))
        assert str(silence.value) == f"{POD.pod_name} answered 200, which is no answer"
