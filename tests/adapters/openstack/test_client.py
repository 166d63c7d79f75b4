import logging

import pytest

from chalicelib.adapters.openstack.client import OpenStackPodClient
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.wire import Wire
from chalicelib.model.errors import InvalidField, NoCredential, PodUnreachable
from chalicelib.model.pod_request import PodRequest
from chalicelib.observability import correlated
from tests.adapters.openstack.http_pod import http_pod
from tests.builders import a_pod

RULES = EndpointRules(allow_http=True)


class Tokens:
    """Gives service tokens; each renewal gives the next one."""

    def __init__(self):
        self.current = 1

    def vouch(self, ref, url, auth_url=""):
        if not ref or "evil" in url:
            raise NoCredential("not sent there")

    def token(self, ref, refused="", auth_url=""):
        if not ref:
            raise NoCredential("the pod names no service credential")
        if refused == f"service-{self.current}":
            self.current += 1
        return f"service-{self.current}"


@pytest.fixture
def client() -> OpenStackPodClient:
    return OpenStackPodClient(Wire(RULES, 0.5), RULES, Tokens(), Tokens())


def a_pod_at(url, **fields):
    return a_pod(endpoints={"compute": f"{url}/v2.1/", "placement": f"{url}/placement"}, **fields)


UNAUTHORIZED = {"error": {"code": 401, "title": "Unauthorized"}}


def accepting(*tokens):
    return lambda h: h.reply(200, {}) if h.headers["X-Auth-Token"] in tokens else h.reply(401, UNAUTHORIZED)


def test_a_request_goes_to_the_services_endpoint_with_the_callers_token(client):
    request = PodRequest("POST", "/servers?x=1", headers={"Content-Type": "a/b"}, body=b"{}", token="user")
    with http_pod() as http:
        client.send(a_pod_at(http.url), request)
        client.send(a_pod_at(http.url), PodRequest("GET", "/usages", "placement", token="user"))

    first, second = http.seen
    assert (first.method, first.path, first.body) == ("POST", "/v2.1/servers?x=1", b"{}")
    assert first.headers["x-auth-token"] == "user"
    assert first.headers["content-type"] == "a/b"
    assert second.path == "/placement/usages"


def test_a_users_401_is_the_users_and_is_asked_once(client):
    with http_pod(accepting()) as http:
        reply = client.send(a_pod_at(http.url, credential_ref="a"), PodRequest("GET", "/", token="user"))
    assert reply.status == 401
    assert len(http.seen) == 1


def test_without_a_token_the_pods_own_credential_is_used(client):
    with http_pod(accepting("service-1")) as http:
        assert client.send(a_pod_at(http.url, credential_ref="a"), PodRequest("GET", "/")).status == 200


def test_a_service_token_that_is_refused_is_renewed_once(client):
    with http_pod(accepting("service-2")) as http:
        reply = client.send(a_pod_at(http.url, credential_ref="a"), PodRequest("GET", "/"))
    assert reply.status == 200
    assert [seen.headers["x-auth-token"] for seen in http.seen] == ["service-1", "service-2"]


def test_a_401_of_our_credential_is_never_handed_on(client):
    with http_pod(accepting()) as http, pytest.raises(NoCredential, match="accept"):
        client.send(a_pod_at(http.url, credential_ref="a"), PodRequest("GET", "/"))
    assert len(http.seen) == 2


def test_a_proxy_that_asks_for_a_password_makes_no_token_void(client):
    with http_pod(lambda h: h.reply(401, ["<html>"])) as http:
        reply = client.send(a_pod_at(http.url, credential_ref="a"), PodRequest("GET", "/"))
    assert reply.status == 401
    assert len(http.seen) == 1


def test_a_pod_without_a_credential_cant_be_asked_in_the_background(client):
    with http_pod() as http, pytest.raises(NoCredential):
        client.send(a_pod_at(http.url), PodRequest("GET", "/"))
    assert http.seen == []


def test_a_pod_that_is_down_is_unreachable_and_got_nothing(client):
    with http_pod() as http:
        pass
    with pytest.raises(PodUnreachable, match="refused") as caught:
        client.send(a_pod_at(http.url), PodRequest("POST", "/servers", token="user"))
    assert (caught.value.pod_id, caught.value.sent) == ("pod-a", False)


def test_a_pod_that_hangs_is_unreachable_and_may_have_got_it(client):
    def hang_up(handler):
        handler.close_connection = True
        handler.connection.close()

    with http_pod(hang_up) as http, pytest.raises(PodUnreachable) as caught:
        client.send(a_pod_at(http.url), PodRequest("POST", "/servers", token="user"))
    assert caught.value.sent is True


def test_a_service_that_the_pod_lacks_is_unreachable(client):
    with pytest.raises(PodUnreachable, match="no image endpoint") as caught:
        client.send(a_pod_at("http://127.0.0.1:1"), PodRequest("GET", "/", "image", token="user"))
    assert caught.value.sent is False


def test_an_endpoint_that_was_recorded_before_the_rules_is_not_called():
    deployed = EndpointRules(allow_http=False)
    client = OpenStackPodClient(Wire(deployed, 0.5), deployed, Tokens(), Tokens())
    with http_pod() as http, pytest.raises(PodUnreachable, match="https"):
        client.send(a_pod_at(http.url), PodRequest("GET", "/", token="user"))
    assert http.seen == []


@pytest.mark.parametrize(
    "path",
    [
        "/../admin",
        "/servers/%2e%2e/%2E%2E/placement",
        "/servers/.",
        "servers",
        "",
        "/a b",
        "/a\r\nX: y",
        "/é",
    ],
)
def test_a_path_that_could_leave_the_service_is_refused(client, path):
    with http_pod() as http, pytest.raises(InvalidField):
        client.send(a_pod_at(http.url), PodRequest("GET", path, token="user"))
    assert http.seen == []


def test_a_name_with_dots_and_encoded_slashes_passes_as_it_is(client):
    path = "/servers/a..b/metadata/x%2F..%252e?name=../.."
    with http_pod() as http:
        client.send(a_pod_at(http.url), PodRequest("GET", path, token="user"))
    assert http.seen[0].path == "/v2.1" + path


def test_the_requests_id_follows_into_the_pod(client):
    with http_pod() as http:
        client.send(a_pod_at(http.url), PodRequest("GET", "/", token="user", request_id="req-1"))
        with correlated("req-2"):
            client.send(a_pod_at(http.url), PodRequest("GET", "/", token="user"))
    assert [seen.headers["x-openstack-request-id"] for seen in http.seen] == ["req-1", "req-2"]


def test_no_log_line_of_a_call_holds_its_token_or_body(client, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    secret = {"server": {"user_data": "c2VjcmV0LWRhdGE=", "adminPass": "hunter2"}}
    with http_pod(lambda h: h.reply(202, secret)) as http:
        request = PodRequest("POST", "/servers", body=str(secret).encode(), token="gAAAA-the-token")
        client.send(a_pod_at(http.url), request)
        with pytest.raises(PodUnreachable):
            client.send(a_pod_at("http://127.0.0.1:1"), request)
    told = caplog.text + capsys.readouterr().out
    assert "127.0.0.1" in told  # so something was logged
    assert not any(word in told for word in ("the-token", "c2VjcmV0LWRhdGE=", "hunter2"))


@pytest.mark.parametrize("value", ["\u2603", "a\nb", "a\x00", " a"])
def test_a_header_that_cannot_be_sent_is_the_callers_fault_and_not_the_pods(client, value):
    with http_pod() as http, pytest.raises(InvalidField) as caught:
        client.send(a_pod_at(http.url), PodRequest("POST", "/servers", headers={"accept": value}, token="t"))
    assert caught.value.field == "accept"
    assert http.seen == []


def test_our_token_is_not_sent_where_nobody_vouches_for(client):
    with http_pod() as http, pytest.raises(NoCredential):
        client.send(a_pod_at(http.url + "/evil", credential_ref="pod"), PodRequest("GET", "/"))
    assert http.seen == []
