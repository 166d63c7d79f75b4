"""Servers that found no host are read in the words that a real Nova uses."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters.openstack.server_reader import OpenStackServerReader
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.pod_request import PodReply
from tests.builders import NOW, a_pod

NO_HOST = {"code": 500, "message": "No valid host was found. There are not enough hosts available."}


def in_error(server_id="s", fault=NO_HOST):
    return {"id": server_id, "status": "ERROR", "fault": fault}


class Nova:
    """A pod that lists these servers, or gives the answer that a test chose."""

    def __init__(self, *servers, reply=None):
        self.reply = reply or PodReply(200, {}, json.dumps({"servers": servers}).encode())
        self.asked = []

    def send(self, pod, request):
        self.asked.append(request)
        return self.reply


def without_host(nova):
    return OpenStackServerReader(nova).without_host(a_pod(), NOW - timedelta(seconds=600))


def test_servers_of_all_projects_that_failed_since_then_are_asked_for_with_the_pods_own_credential():
    nova = Nova()
    assert without_host(nova) == frozenset()

    (request,) = nova.asked
    path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
    since = (NOW - timedelta(seconds=600)).isoformat()
    assert (request.method, request.service, path, request.token) == ("GET", "compute", "/servers/detail", "")
    assert query == {"all_tenants": ["1"], "status": ["ERROR"], "changes-since": [since]}
    assert request.headers == {"Accept": "application/json"}
    assert request.read_timeout_seconds <= 10.0


@pytest.mark.parametrize(
    ("server", "counts"),
    [
        (in_error(), True),
        (in_error(fault={"message": "Exceeded maximum number of retries. Exhausted all hosts"}), True),
        (in_error(fault={"message": "Build failed", "details": "nova.exception.NoValidHost: none"}), True),
        (in_error(fault={"message": "Image is corrupt"}), False),
        (in_error(fault="No valid host"), False),
        ({"id": "s", "status": "ERROR"}, False),
        ({"id": "s", "status": "ACTIVE", "fault": NO_HOST}, False),
    ],
)
def test_only_an_error_for_lack_of_a_host_is_a_failed_build(server, counts):
    assert without_host(Nova(in_error("other"), server)) == {"other", *(["s"] if counts else [])}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (PodReply(403, {}, b"{}"), UntrustedReport),
        (PodReply(503, {}, b"{}"), PodUnreachable),
        (PodReply(200, {}, b"<html>"), UntrustedReport),
        (PodReply(200, {}, b"[]"), UntrustedReport),
        (PodReply(200, {}, b"{}"), UntrustedReport),
        (PodReply(200, {}, b'{"servers": [1]}'), UntrustedReport),
        (PodReply(200, {}, json.dumps({"servers": [in_error(["s"])]}).encode()), UntrustedReport),
    ],
)
def test_an_answer_that_is_no_list_of_servers_is_an_error(reply, error):
    with pytest.raises(error):
        without_host(Nova(reply=reply))


def test_one_page_is_asked_for_however_many_failed():
    links = [{"rel": "next", "href": "http://nova/v2.1/servers/detail?marker=s"}]
    page = json.dumps({"servers": [in_error()], "servers_links": links}).encode()
    nova = Nova(reply=PodReply(200, {}, page))
    assert without_host(nova) == {"s"}
    assert len(nova.asked) == 1
