import socket
import struct
import subprocess
import sys
import time

import pytest

from chalicelib.adapters.openstack import connections, wire
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.wire import Wire, WireError
from tests.adapters.openstack.http_pod import http_pod


@pytest.fixture
def on_laptop() -> Wire:
    return Wire(EndpointRules(allow_http=True), connect_timeout_seconds=0.5)


def test_a_request_arrives_as_it_was_given(on_laptop):
    body = b'{"server": {"name":  "a", "x": 1.0}}'
    with http_pod() as pod:
        url = pod.url + "/v2.1/servers/a%2Fb%20c?tag=1&tag=2&name=%5Ea"
        on_laptop.call("POST", url, {"X-Auth-Token": "t", "Content-Type": "application/json"}, body=body)

    (seen,) = pod.seen
    assert (seen.method, seen.path, seen.body) == (
        "POST",
        "/v2.1/servers/a%2Fb%20c?tag=1&tag=2&name=%5Ea",
        body,
    )
    assert seen.headers["x-auth-token"] == "t"
    assert seen.headers["content-type"] == "application/json"


def test_the_answer_comes_with_its_status_and_headers_in_lower_case(on_laptop):
    with http_pod(lambda h: h.reply(409, {"conflict": 1}, X_Compute_Request_Id="req-1")) as pod:
        reply = on_laptop.call("GET", pod.url, {})

    assert (reply.status, reply.body) == (409, b'{"conflict": 1}')
    assert reply.headers["x-compute-request-id"] == "req-1"
    assert "content-length" not in reply.headers


def test_our_request_id_goes_along_as_the_global_one(on_laptop):
    with http_pod() as pod:
        on_laptop.call("GET", pod.url, {}, request_id="req-7")

    assert pod.seen[0].headers["x-openstack-request-id"] == "req-7"


def test_a_redirect_is_an_answer_and_is_not_followed(on_laptop):
    with http_pod() as other, http_pod(lambda h: h.reply(302, Location=other.url + "/")) as pod:
        reply = on_laptop.call("GET", pod.url, {"X-Auth-Token": "t"})

    assert reply.status == 302
    assert other.seen == []


@pytest.mark.parametrize("sent", [True, False])
def test_whatever_goes_wrong_it_is_told_whether_something_was_sent(on_laptop, monkeypatch, sent):
    def fail(*_, **__):
        raise RecursionError("unforeseen")

    monkeypatch.setattr(*((wire, "_reply") if sent else (on_laptop.session, "request")), fail)
    with http_pod() as pod, pytest.raises(WireError, match="unforeseen") as error:
        on_laptop.call("POST", pod.url, {}, body=b"{}")

    assert error.value.sent is sent


def test_a_refused_connection_sent_nothing(on_laptop):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(WireError, match="refused") as caught:
        on_laptop.call("POST", f"http://127.0.0.1:{port}/", {})
    assert caught.value.sent is False


def test_a_connection_that_isnt_answered_in_time_sent_nothing(on_laptop):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:  # fill the backlog, so that the next connection gets no answer
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        with pytest.raises(WireError) as caught:
            on_laptop.call("POST", f"http://127.0.0.1:{full.getsockname()[1]}/", {})
        for client in waiting:
            client.close()
    assert caught.value.sent is False


def test_a_name_that_nobody_knows_sent_nothing(on_laptop):
    with pytest.raises(WireError) as caught:
        on_laptop.call("POST", "http://pod.invalid/", {})
    assert caught.value.sent is False


def test_a_read_that_timed_out_may_have_arrived_and_is_sent_once(on_laptop):
    with http_pod(lambda h: time.sleep(0.6)) as pod:
        with pytest.raises(WireError, match="timed out") as caught:
            on_laptop.call("POST", pod.url, {}, body=b"{}", read_timeout_seconds=0.2)
        time.sleep(0.2)
    assert caught.value.sent is True
    assert len(pod.seen) == 1


def _reset(handler):
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def test_a_reset_after_sending_may_have_arrived_and_is_sent_once(on_laptop):
    with http_pod(_reset) as pod:
        with pytest.raises(WireError) as caught:
            on_laptop.call("POST", pod.url, {}, body=b"{}")
        time.sleep(0.1)
    assert caught.value.sent is True
    assert len(pod.seen) == 1


def test_what_the_last_call_sent_says_nothing_about_the_next(on_laptop):
    with http_pod() as pod:
        on_laptop.call("GET", pod.url, {})
    with pytest.raises(WireError) as caught:
        on_laptop.call("GET", "http://pod.invalid/", {})
    assert caught.value.sent is False


def test_a_connection_is_used_again_while_it_is_fresh(on_laptop):
    with http_pod() as pod:
        for _ in range(3):
            on_laptop.call("GET", pod.url, {})
    assert pod.connections == 1


@pytest.mark.parametrize("stopped", ["monotonic", "time"])
def test_a_connection_that_idled_is_never_used_again(on_laptop, monkeypatch, stopped):
    running = {"monotonic": "time", "time": "monotonic"}[stopped]
    now = getattr(time, running)()
    with http_pod() as pod:
        on_laptop.call("GET", pod.url, {})
        monkeypatch.setattr(connections, running, lambda: now + connections.IDLE_SECONDS + 1)
        on_laptop.call("POST", pod.url, {})
    assert pod.connections == 2


def test_no_cookie_of_one_answer_goes_with_the_next_request(on_laptop):
    with http_pod(lambda h: h.reply(Set_Cookie="session=tenant-a; Path=/")) as pod:
        reply = on_laptop.call("GET", pod.url, {})
        on_laptop.call("GET", pod.url, {})
    assert "cookie" not in pod.seen[1].headers
    assert "set-cookie" not in reply.headers


def test_neither_proxy_nor_netrc_of_the_environment_counts(on_laptop, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with http_pod() as pod:
        assert on_laptop.call("GET", pod.url, {}).status == 200
    assert "authorization" not in pod.seen[0].headers


def test_an_answer_that_is_too_large_is_cut_off(on_laptop, monkeypatch):
    monkeypatch.setattr(wire, "MAX_BODY_BYTES", 1000)
    with (
        http_pod(lambda h: h.reply(200, "x" * 5000)) as pod,
        pytest.raises(WireError, match="over 1000") as caught,
    ):
        on_laptop.call("GET", pod.url, {})
    assert caught.value.sent is True


CUT_OFF_SECONDS = 2.5  # what trickles does so for 3 s; a busy machine is late for a time-out of 0.4 s


def _trickle(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def test_an_answer_that_trickles_is_cut_off_at_the_time_out(on_laptop):
    started = time.monotonic()
    with http_pod(_trickle) as pod, pytest.raises(WireError, match="timed out") as caught:
        on_laptop.call("GET", pod.url, {}, read_timeout_seconds=0.4)
    assert caught.value.sent is True
    assert time.monotonic() - started < CUT_OFF_SECONDS


def _trickle_headers(handler):
    handler.connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n")
    for number in range(30):
        handler.connection.sendall(b"X-Slow-%d: 1\r\n" % number)
        time.sleep(0.1)
    handler.connection.sendall(b"\r\n")


def test_headers_that_trickle_are_cut_off_at_the_time_out(on_laptop):
    started = time.monotonic()
    with http_pod(_trickle_headers) as pod, pytest.raises(WireError, match="timed out") as caught:
        on_laptop.call("POST", pod.url, {}, body=b"{}", read_timeout_seconds=0.4)
    assert caught.value.sent is True
    assert time.monotonic() - started < CUT_OFF_SECONDS


def _late_twice(handler):
    time.sleep(0.4)
    handler.send_response(200)
    handler.send_header("Content-Length", "1")
    handler.end_headers()
    time.sleep(0.4)
    handler.wfile.write(b"x")


def test_headers_and_body_share_one_time_out(on_laptop):
    with http_pod(_late_twice) as pod, pytest.raises(WireError, match="timed out"):
        on_laptop.call("GET", pod.url, {}, read_timeout_seconds=0.6)


def test_a_large_body_that_nobody_takes_is_cut_off_at_the_time_out(on_laptop):
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(WireError) as caught:
            on_laptop.call("POST", url, {}, body=b"x" * 16_000_000, read_timeout_seconds=0.4)
    assert caught.value.sent is True
    assert time.monotonic() - started < CUT_OFF_SECONDS


def test_all_addresses_of_a_name_share_one_connect_time_out(on_laptop, monkeypatch):
    asked = []

    class Never(socket.socket):
        def connect(self, address):
            asked.append(self.gettimeout())
            time.sleep(self.gettimeout())
            raise OSError("no route")

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", 80)) for n in (1, 2, 3)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "socket", Never)
    with pytest.raises(WireError, match=r"no route|timed out") as caught:
        on_laptop.call("POST", "http://many.example/", {})
    assert caught.value.sent is False
    assert sum(asked) < 0.6  # each on its own would be given 0.5 s, and 1.5 s together


def test_an_address_is_refused_before_the_handshake(monkeypatch):
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as metadata:
        metadata.settimeout(0.3)
        deployed = Wire(EndpointRules(allow_http=False), connect_timeout_seconds=0.5)
        with pytest.raises(WireError, match="must not be this machine") as caught:
            deployed.call("GET", f"https://localhost:{metadata.getsockname()[1]}/", {})
        try:
            client, _ = metadata.accept()
            client.settimeout(0.3)
            heard.append(client.recv(100))
        except TimeoutError:
            pass
    assert caught.value.sent is False
    assert b"".join(heard) == b""


def _cut_short(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"servers": []}')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def test_an_answer_cut_short_is_no_answer(on_laptop):
    with http_pod(_cut_short) as pod, pytest.raises(WireError) as caught:
        on_laptop.call("GET", pod.url, {})
    assert caught.value.sent is True


def _chunked(handler):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for piece in (b'{"a"', b": 1}"):
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    handler.wfile.write(b"0\r\n\r\n")


def test_a_chunked_answer_is_put_together_and_its_connection_kept(on_laptop):
    with http_pod(_chunked) as pod:
        replies = [on_laptop.call("GET", pod.url, {}) for _ in range(2)]
    assert [reply.body for reply in replies] == [b'{"a": 1}'] * 2
    assert "transfer-encoding" not in replies[0].headers
    assert pod.connections == 1


def test_a_name_that_leads_to_a_refused_address_is_left_before_anything_is_sent():
    deployed = Wire(EndpointRules(allow_http=False), connect_timeout_seconds=0.5)
    with http_pod() as pod:
        url = pod.url.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(WireError, match="must not be this machine") as caught:
            deployed.call("GET", url, {"X-Auth-Token": "t"})
    assert caught.value.sent is False
    assert pod.seen == []


def test_calling_pods_loads_no_sdk():
    code = (
        "import sys; import chalicelib.adapters.openstack.client, chalicelib.adapters.keystone.tokens, "
        "chalicelib.adapters.openstack.capacity_reader, chalicelib.adapters.openstack.directory; "
        "sys.exit('openstack' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
