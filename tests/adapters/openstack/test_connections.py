"""Where a connection may go: the address that was checked, whatever a name server says the next time."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
from keystoneauth1.identity.v3 import Password

from chalicelib.adapters.openstack.connections import under_way
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.wire import Wire, WireError
from tests.adapters.openstack.http_pod import http_pod

METADATA = "169.254.169.254"


class NameServer:
    """Answers each question with the next of its answers, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, host, port, *_, **__):
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port, 0, 0) if ":" in address else (address, port),
            )
            for address in addresses
        ]


@pytest.fixture
def connected_to(monkeypatch):
    """The addresses to which sockets were connected; none of those leads to a network."""
    reached = []

    class Recorded(socket.socket):
        def connect(self, address):
            reached.append(address[0])
            raise ConnectionRefusedError("recorded")

    monkeypatch.setattr(socket, "socket", Recorded)
    return reached


def call(rules, url="https://rebinding.example/v2.1", **headers):
    return Wire(rules, connect_timeout_seconds=0.5).call("GET", url, headers)


@pytest.mark.parametrize("second", [METADATA, "10.0.0.5", "127.0.0.1", "::1"])
def test_a_name_that_is_rebound_after_the_check_leads_to_what_was_checked(monkeypatch, connected_to, second):
    server = NameServer(["8.8.8.8"], [second])
    monkeypatch.setattr(socket, "getaddrinfo", server)

    with pytest.raises(WireError, match="recorded"):
        call(EndpointRules())

    assert (server.asked, connected_to) == (["rebinding.example"], ["8.8.8.8"])


@pytest.mark.parametrize(
    "address",
    [
        METADATA,
        "10.0.0.5",
        "127.0.0.1",
        "::1",
        "fe80::1%2",
        "fc00::1",
        "::ffff:10.0.0.5",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "::169.254.169.254",
    ],
)
@pytest.mark.parametrize("beside", [[], ["8.8.8.8"]])
def test_a_name_with_a_refused_address_is_not_connected_to_at_all(monkeypatch, connected_to, address, beside):
    monkeypatch.setattr(socket, "getaddrinfo", NameServer([*beside, address]))

    with pytest.raises(WireError, match="must not be") as caught:
        call(EndpointRules())

    assert (connected_to, caught.value.sent) == ([], False)


def test_private_addresses_are_connected_to_where_the_stage_allows_them(monkeypatch, connected_to):
    monkeypatch.setattr(socket, "getaddrinfo", NameServer(["10.0.0.5"]))

    with pytest.raises(WireError, match="recorded"):
        call(EndpointRules(allow_private=True))

    assert connected_to == ["10.0.0.5"]


@pytest.mark.parametrize("url", ["http://nova.example/v2.1", "ftp://nova.example/", "file:///etc/passwd"])
def test_no_other_scheme_is_called_whoever_names_the_url(monkeypatch, connected_to, url):
    monkeypatch.setattr(socket, "getaddrinfo", NameServer(["8.8.8.8"]))

    with pytest.raises(WireError) as caught:
        call(EndpointRules(), url)

    assert (connected_to, caught.value.sent) == ([], False)


def test_a_keystone_or_pod_that_redirects_leads_nowhere():
    with http_pod() as other, http_pod(lambda h: h.reply(307, Location=other.url + "/v3/auth/tokens")) as pod:
        wire = Wire(EndpointRules(allow_http=True), 0.5)
        login = Password(pod.url + "/v3", username="u", password="p", project_name="p", user_domain_name="d")
        with pytest.raises(Exception, match="Invalid response"):
            login.get_token(wire.session)
        assert wire.call("GET", pod.url, {"X-Auth-Token": "t"}).status == 307

        assert other.seen == []


@contextmanager
def a_tls_server():
    """Waits for one handshake; gives its port, and the names that clients asked for."""
    asked, context = [], ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda sock, name, _: asked.append(name) or ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            client, _ = server.accept()
            with client, pytest.raises(ssl.SSLError):
                context.wrap_socket(client, server_side=True)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], asked
        thread.join(5)


def test_the_handshake_is_with_the_name_and_not_with_the_address(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", NameServer(["127.0.0.1"]))

    with a_tls_server() as (port, asked), pytest.raises(WireError):
        call(EndpointRules(allow_http=True), f"https://nova.example:{port}/")

    assert asked == ["nova.example"]
    assert under_way.sent is False


def test_the_host_that_a_pod_is_told_is_the_name(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", NameServer(["127.0.0.1"]))

    with http_pod() as pod:
        port = pod.url.rpartition(":")[2]
        call(EndpointRules(allow_http=True), f"http://nova.example:{port}/")

    assert pod.seen[0].headers["host"] == f"nova.example:{port}"
