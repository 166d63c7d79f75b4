"""Forwarding: which headers of a pod's reply reach a client, and in what words."""

from __future__ import annotations

import pytest

from chalicelib.api.call import Call
from chalicelib.api.openstack.forwarding import reply_of
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodAnswer
from tests.builders import a_pod

EVIL = "http://h0stile.example"
ID = "00000000-0000-4000-8000-000000000001"
SERVER, ACTION = "/servers", f"/servers/{ID}/action"
TAG = f"/servers/{ID}/tags/one"


def headers(method: str, path: str, status: int, body: bytes = b"", **theirs: str) -> dict[str, str]:
    """The headers of the client's answer, where the pod's reply has these."""
    call = Call(method, path, {}, {}, {}, b"", "req-1", "http://us", "/v2.1", None)
    named = {name.replace("_", "-"): value for name, value in theirs.items()}
    return dict(reply_of(PodAnswer(a_pod(), PodReply(status, named, body)), call).headers)


@pytest.mark.parametrize(
    ("path", "theirs", "ours"),
    [
        (SERVER, f"{EVIL}/v2.1/servers/{ID}", f"http://us/v2.1/servers/{ID}"),
        (ACTION, f"{EVIL}/any/v2.1/servers/{ID}", f"http://us/v2.1/servers/{ID}"),
        (ACTION, f"{EVIL}/glance/images/{ID}", f"http://us/v2.1/images/{ID}"),
        ("POST /os-volumes", f"{EVIL}/v2.1/os-volumes/{ID}", f"http://us/v2.1/os-volumes/{ID}"),
        (f"PUT {TAG}", f"{EVIL}/v2.1{TAG}", f"http://us/v2.1{TAG}"),
    ],
)
def test_a_place_is_told_at_our_address(path: str, theirs: str, ours: str) -> None:
    method, _, asked = path.rpartition(" ")
    assert headers(method or "POST", asked, 202, location=theirs) == {"Location": ours}


@pytest.mark.parametrize(
    ("method", "path", "status", "theirs"),
    [
        ("POST", SERVER, 202, EVIL),
        ("POST", SERVER, 202, f"{EVIL}/servers/{ID}?x=1"),
        ("POST", SERVER, 202, f"{EVIL}/servers/../../x"),
        ("POST", SERVER, 400, f"{EVIL}/servers/{ID}"),
        ("GET", SERVER, 200, f"{EVIL}/servers/{ID}"),
        ("POST", "/os-volumes", 200, f"{EVIL}/servers/{ID}"),
        ("PUT", TAG, 201, f"{EVIL}/os-volumes/{ID}"),
    ],
)
def test_where_nova_tells_no_place_neither_do_we(method: str, path: str, status: int, theirs: str) -> None:
    assert headers(method, path, status, location=theirs) == {}


@pytest.mark.parametrize("status", [200, 400, 503])
def test_no_other_header_of_a_pod_passes(status: int) -> None:
    theirs = {
        "set_cookie": "a=1",
        "access_control_allow_origin": "*",
        "refresh": f"0; url={EVIL}",
        "content_type": "text/html",
        "www_authenticate": "Basic",
        "x_compute_request_id": "req-2",
        "retry_after": "Fri, 27 Nov 2026 00:00:00 GMT",
    }
    assert headers("GET", SERVER, status, **theirs) == {}


def test_an_error_may_tell_when_to_try_again() -> None:
    assert headers("GET", SERVER, 503, retry_after="30") == {"Retry-After": "30"}
    assert headers("GET", SERVER, 200, retry_after="30") == {}


@pytest.mark.parametrize(
    ("status", "body", "ours"),
    [
        (200, b"{}", {}),
        (404, b"{}", {"Content-Type": "application/json; charset=UTF-8"}),
        (503, b"{}", {"Content-Type": "application/json; charset=UTF-8"}),
        (404, b"", {}),
    ],
)
def test_a_fault_has_the_type_of_novas_faults(status: int, body: bytes, ours: dict[str, str]) -> None:
    """It is the same whatever the pod says; an answer's type is the door's."""
    assert headers("GET", SERVER, status, body, content_type="text/html") == ours
