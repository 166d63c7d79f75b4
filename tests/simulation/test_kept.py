"""The command reads from a real HTTP server, so that these tests see what goes over the wire."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from simulation import kept
from simulation.arrival import read as read_arrivals
from simulation.site_file import read as read_site
from tests.simulation.test_recorded import a_decision, a_pod_as_told

DECISIONS = [a_decision(at=f"2026-11-20T12:0{n}:00Z", request=f"r{n}", decision_id=f"d{n}") for n in range(5)]


class AdminApi(BaseHTTPRequestHandler):
    """Answers as /v1.0 does, with two rows a page at most, if the token is ``good``."""

    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        url = urlsplit(self.path)
        if self.headers["X-Auth-Token"] != "good":
            self._answer(401, {"error": {"code": 401, "title": "Unauthorized"}})
        elif url.path.startswith("/moved/"):
            self._answer(302, {})
        elif url.path == "/text/jobs":
            self._answer(200, "hello")
        else:
            self._answer(200, self._found(url.path.removeprefix("/v1.0/").split("/"), parse_qs(url.query)))

    def _found(self, parts, query):
        lists = {"decisions": DECISIONS[::-1], "pods": [a_pod_as_told()], "jobs": [{"request_id": "r1"}]}
        if parts[0] == "pods" and parts[-1] == "capacity":
            return {"capacity": a_pod_as_told()["capacity"]}
        if len(parts) == 2:
            return {"decision": next(d for d in DECISIONS if d["decision_id"] == parts[1])}
        rows = [{"pod_id": "a", "job_id": "j", **row} for row in lists[parts[0]]]
        ids = [row[f"{parts[0][:-1]}_id"] for row in rows]
        after = ids.index(query["marker"][0]) + 1 if "marker" in query else 0
        return {parts[0]: rows[after : after + 2]}

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Location", "/v1.0/stolen")
        self.end_headers()
        self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

    def log_message(self, *said):
        """Log nothing."""


@contextmanager
def serving():
    with ThreadingHTTPServer(("127.0.0.1", 0), AdminApi) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        AdminApi.asked = []
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def url(monkeypatch):
    monkeypatch.setenv("OS_TOKEN", "good\n")  # a token that is read from a file often ends with a line break
    with serving() as address:
        yield address


def test_the_last_creates_become_a_workload_and_a_site(url, tmp_path, capsys):
    place = tmp_path / "new"

    assert kept.main([f"{url}/v1.0/", "--lifetime-hours", "2", "--out", str(place)]) == 0

    # The second decision is a drain's and is left out. Times count from the first.
    arrivals = read_arrivals(place / "workload.csv")
    assert [(a.time, a.lifetime) for a in arrivals] == [(60.0 * n, 7200.0) for n in (0, 2, 3, 4)]
    site = read_site(place / "site.json")
    assert {a.flavor for a in arrivals} == site.flavors.keys()
    assert [pod.pod.pod_name for pod in site.pods] == ["Pod1"]
    assert "4 arrivals of 4 creates, 1 pods" in capsys.readouterr().out


def test_no_more_are_read_than_are_asked_for(url, tmp_path):
    assert kept.main([f"{url}/v1.0", "--last", "1", "--out", str(tmp_path)]) == 0

    assert [asked for asked in AdminApi.asked if "/decisions/" in asked] == ["/v1.0/decisions/d4"]


@pytest.mark.parametrize(
    ("token", "path", "told"),
    [
        ("", "/v1.0", "OS_TOKEN is not set"),
        ("two\nlines", "/v1.0", "OS_TOKEN is no token"),
        ("bad", "/v1.0", "answered 401"),
        ("good", "/moved", "answered 302"),
        ("good", "/text", "is no JSON"),
    ],
)
def test_what_can_not_be_asked_is_told_and_ends_with_2(url, monkeypatch, capsys, tmp_path, token, path, told):
    monkeypatch.setenv("OS_TOKEN", token)

    assert kept.main([url + path, "--out", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_token_doesnt_follow_a_redirection(url):
    get = kept.gateway(f"{url}/moved", "good")

    with pytest.raises(kept.Unreadable, match="answered 302"):
        get("/decisions")
    assert AdminApi.asked == ["/moved/decisions"]


def test_a_gateway_that_isnt_there_is_told(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("OS_TOKEN", "good")

    assert kept.main(["http://127.0.0.1:1/v1.0", "--out", str(tmp_path)]) == 2
    assert "can't be read" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--last", "0"], ["--lifetime-hours", "-1"], ["--lifetime-hours", "nan"]])
def test_numbers_that_make_no_sense_are_refused(url, words):
    with pytest.raises(SystemExit) as ended:
        kept.main([f"{url}/v1.0", *words])

    assert ended.value.code == 2
