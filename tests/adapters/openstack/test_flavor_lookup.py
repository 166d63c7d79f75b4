import json

import pytest

from chalicelib.adapters.openstack.flavor_lookup import OpenStackFlavorLookup
from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod_request import PodReply
from tests.builders import a_caller, a_pod

FAULT = {"itemNotFound": {"code": 404, "message": "Flavor f/1 could not be found."}}
SHOWN = {"id": "f/1", "name": "m1", "vcpus": 2, "ram": 1024, "disk": 10, "os-flavor-access:is_public": False}


class Sender:
    def __init__(self, status=200, body=None):
        self.reply = PodReply(status, {}, json.dumps(body).encode() if not isinstance(body, bytes) else body)
        self.sent = []

    def send(self, pod, request):
        self.sent.append(request)
        return self.reply


def look_up(sender):
    return OpenStackFlavorLookup(sender).flavor(a_pod(), "f/1", a_caller(token="a-token", request_id="req-1"))


def test_a_flavor_is_asked_for_with_the_callers_token_and_offered_to_who_was_shown_it():
    sender = Sender(body={"flavor": SHOWN})

    flavor = look_up(sender)

    assert (flavor.flavor_id, flavor.vcpus, flavor.project_ids) == ("f/1", 2, None)
    (request,) = sender.sent
    assert (request.path, request.token, request.request_id) == ("/flavors/f%2F1", "a-token", "req-1")


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_pod_that_does_not_show_it_does_not_offer_it(status):
    assert look_up(Sender(status, FAULT)) is None


@pytest.mark.parametrize("status", [202, 302, 401, 409, 410, 429, 500, 503])
def test_an_answer_that_says_nothing_about_it_is_none(status):
    with pytest.raises(PodUnreachable):
        look_up(Sender(status, FAULT))


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b'{"flavor":',
        {},
        {"flavor": []},
        {"flavor": {**SHOWN, "ram": -1}},
        b'{"flavor": NaN}',
    ],
)
def test_what_is_no_flavor_is_no_answer(body):
    with pytest.raises(PodUnreachable):
        look_up(Sender(body=body))


def test_a_proxys_404_does_not_deny_it():
    with pytest.raises(PodUnreachable):
        look_up(Sender(404, b"<html>"))
