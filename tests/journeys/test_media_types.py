"""The types of a body that Nova reads, measured on Nova 34: it looks at them even where it needs no body."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Gateway

SERVER = "/v2.1/servers/11111111-1111-4111-8111-111111111111"
REFUSED = {"badMediaType": {"code": 415, "message": "Unsupported Content-Type"}}


@pytest.mark.parametrize(
    "media_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/xml",
        "APPLICATION/JSON",
        "garbage",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2.1/servers"),
        ("POST", f"{SERVER}/action"),
        ("GET", "/v2.1/servers"),
        ("DELETE", SERVER),
        ("GET", "/v2.1/os-cells"),
        ("GET", "/v2.1/0-0/servers"),
    ],
)
def test_other_types_than_json_are_415(served: Gateway, media_type: str, method: str, path: str) -> None:
    answer = served.call(method, path, b"name=x", **{"Content-Type": media_type})

    assert (answer.status, answer.body) == (415, REFUSED)


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/json; charset=utf-8", "application/vnd.openstack.compute+json"],
)
def test_what_nova_takes_for_json_is_read(served: Gateway, media_type: str) -> None:
    assert served.call("GET", "/v2.1/servers", **{"Content-Type": media_type}).status == 200


def test_the_token_and_the_microversion_come_first_and_an_unknown_path_stays_404(served: Gateway) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert served.call("GET", "/v2.1/servers", user="", **form).status == 401
    newer = {**form, "OpenStack-API-Version": "compute 2.999"}
    assert served.call("GET", "/v2.1/servers", **newer).status == 406
    assert served.call("GET", "/v2.1/none-such", **form).status == 404
