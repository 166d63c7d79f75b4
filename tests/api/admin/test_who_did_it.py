"""Whose doing it was: each write of an operator is in the log, and each write of a pod in its history."""

import json
import re

import pytest
from chalice.test import Client

from app import app
from chalicelib import observability, wiring
from chalicelib.api.admin.table import TABLE
from chalicelib.model.binding import change_of
from chalicelib.model.location import Location
from tests.api.admin.conversation import Conversation
from tests.api.admin.test_pods import NEW
from tests.builders import NOW, PROJECT, a_binding, a_hybrid_pod, a_pod
from tests.service.desk import Desk

BINDING = f"/v1.0/bindings/{PROJECT}:az1:general"
BOUND = {"pod_binding": {"tenant_id": "p9", "pod_id": "b", "reason": "pilot"}}
DRAIN = ("POST", "/v1.0/pods/a/drain", {"rate_per_minute": 60})
JOB = "/v1.0/jobs/id-1"
ZONE = "/v1.0/profiles/zone:az1"
WRITTEN = ("PUT", ZONE, {"profile": {"version": 0, "tie_margin": 0.1}})

# One way to have each route do its work; the last call is the route's own.
INSIDE = "/v1.0/pods/hybrid/projects/p"
LET_IN = ("PUT", INSIDE, {"project": {"credential_ref": "ours-there"}})
CALLS = {
    "POST /pods": [("POST", "/v1.0/pods", {"pod": NEW})],
    "PUT /pods/{pod_id}": [("PUT", "/v1.0/pods/a", {"pod": {"generation": 1, "weight": 5}})],
    "DELETE /pods/{pod_id}": [("DELETE", "/v1.0/pods/b")],
    "POST /pods/{pod_id}/cordon": [("POST", "/v1.0/pods/a/cordon")],
    "POST /pods/{pod_id}/uncordon": [("POST", "/v1.0/pods/a/cordon"), ("POST", "/v1.0/pods/a/uncordon")],
    "POST /pods/{pod_id}/drain": [DRAIN],
    "POST /pods/{pod_id}/disable": [("POST", "/v1.0/pods/a/disable")],
    "POST /pods/{pod_id}/enable": [("POST", "/v1.0/pods/a/disable"), ("POST", "/v1.0/pods/a/enable")],
    "POST /pods/{pod_id}/refresh": [("POST", "/v1.0/pods/a/refresh")],
    "PUT /pods/{pod_id}/projects/{tenant_id}": [LET_IN],
    "DELETE /pods/{pod_id}/projects/{tenant_id}": [LET_IN, ("DELETE", INSIDE)],
    "POST /bindings": [("POST", "/v1.0/bindings", BOUND)],
    "DELETE /bindings/{binding_id}": [("DELETE", BINDING)],
    "POST /bindings/{binding_id}/rebind": [
        ("POST", f"{BINDING}/rebind", {"pod_id": "b", "reason": "make room"})
    ],
    "DELETE /locations/{location_id}": [("DELETE", "/v1.0/locations/server-1?reason=gone")],
    "POST /locations/{location_id}/move": [
        ("POST", "/v1.0/locations/server-1/move", {"pod_id": "b", "reason": "it is there"})
    ],
    "POST /decisions/dry-run": [
        (
            "POST",
            "/v1.0/decisions/dry-run",
            {"decision": {"project_id": "p", "flavor": {"vcpus": 1, "ram_mb": 1}}},
        )
    ],
    "PUT /profiles/{profile_name}": [WRITTEN],
    "DELETE /profiles/{profile_name}": [WRITTEN, ("DELETE", ZONE)],
    "POST /profiles/dry-run": [("POST", "/v1.0/profiles/dry-run", {"profile": {}})],
    "POST /profiles/{profile_name}/restore": [WRITTEN, ("POST", f"{ZONE}/restore", {"version": 1})],
    "POST /jobs/{job_id}/stop": [DRAIN, ("POST", f"{JOB}/stop")],
    "POST /jobs/{job_id}/resume": [DRAIN, ("POST", f"{JOB}/stop"), ("POST", f"{JOB}/resume")],
    "POST /jobs/{job_id}/undo": [DRAIN, ("POST", f"{JOB}/undo")],
}


def test_there_is_a_call_for_every_route_that_writes():
    assert set(CALLS) == {f"{row.method} {row.path}" for row in TABLE if row.method != "GET"}


@pytest.fixture
def bound():
    desk = Desk(a_pod("a"), a_pod("b"), a_pod("far", "az2"), a_hybrid_pod())
    desk.bindings.commit(change_of(None, a_binding("a")))
    desk.locations.remember(Location("server-1", PROJECT, "far", NOW))
    wiring.use(desk.services)
    yield Conversation(desk)
    wiring.use(None)


@pytest.mark.parametrize("route", CALLS)
def test_a_write_is_logged_with_its_user_and_its_request(bound, capsys, route):
    observability.logger().setLevel("INFO")
    with Client(app) as client:
        for method, url, *body in CALLS[route]:
            sent = {"X-Auth-Token": "operator", "Content-Type": "application/json"}
            raw = json.dumps(body[0]).encode() if body else b""
            reply = client.http.request(method, url, headers=sent, body=raw)
            assert reply.status_code < 300, reply.body

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    line = [line for line in lines if line.get("message") == "request"][-1]
    assert f"{line['method']} {line['route']}" == re.sub(" ", " /v1.0", route)
    assert line["user_id"] == "op-1"
    assert line["correlation_id"] == reply.headers["X-Openstack-Request-Id"]


@pytest.mark.parametrize("route", CALLS)
def test_each_write_of_a_pod_leaves_one_event_in_its_history(bound, monkeypatch, route):
    store, written = bound.desk.pod_store, []
    for write in ("create", "update", "delete"):

        def noted(pod, *more, write=getattr(store, write)):
            result = write(pod, *more)
            written.append(pod.pod_id)
            return result

        monkeypatch.setattr(store, write, noted)

    before = {pod.pod_id for pod in bound.desk.pods.list()}
    for number, (method, url, *body) in enumerate(CALLS[route]):
        seen = len(written)
        reply = bound.ask(method, url, *body, request_id=f"req-{number}")
        assert reply.status < 300, reply.body
        for pod_id in set(written):
            events = store.history(pod_id)
            assert len(events) == written.count(pod_id)
            assert all(event.deed.user_id == "op-1" for event in events)
            if pod_id in written[seen:]:
                assert events[-1].deed.request_id == f"req-{number}"

    assert bool(written) is (route in WRITERS)
    for pod_id in set(written):
        first = 2 if pod_id in before else 1
        generations = [event.generation for event in store.history(pod_id)]
        assert generations == list(range(first, first + len(generations)))


WRITERS = {route for route in CALLS if "/pods" in route or "/jobs" in route} - {"POST /pods/{pod_id}/refresh"}


def test_a_pods_history_tells_who_did_what_when_and_why(operator):
    clock = operator.desk.clock
    pod_id = operator.ask("POST", "/v1.0/pods", {"pod": NEW, "reason": "hall 3"}).body["pod"]["pod_id"]
    url = f"/v1.0/pods/{pod_id}"
    for number, (method, end, body) in enumerate(
        [
            ("POST", "/cordon", {"reason": "new switches"}),
            ("PUT", "", {"pod": {"generation": 2, "weight": 5}, "reason": "more of it"}),
            ("POST", "/uncordon", None),
            ("POST", "/disable", {"reason": "broken"}),
            ("POST", "/enable", {}),
            ("POST", "/drain", {"reason": "moving out"}),
            ("DELETE", "?reason=gone%20for%20good", None),
        ],
        start=2,
    ):
        clock.passes(60)
        token = "colleague" if number % 2 else "operator"
        assert operator.ask(method, url + end, body, token, f"req-{number}").status < 300

    events = operator.ask("GET", f"{url}/history").body["events"]
    assert [(event["action"], event["user_id"], event["reason"]) for event in events] == [
        ("registered", "op-1", "hall 3"),
        ("cordoned", "op-1", "new switches"),
        ("changed", "op-2", "more of it"),
        ("uncordoned", "op-1", ""),
        ("disabled", "op-2", "broken"),
        ("enabled", "op-1", ""),
        ("drained", "op-2", "moving out"),
        ("disabled", "op-1", "gone for good"),
        ("deleted", "op-1", "gone for good"),
    ]
    assert [event["generation"] for event in events] == list(range(1, 10))
    assert events[2] == {
        "generation": 3,
        "action": "changed",
        "pod_name": "Pod9",
        "changes": {"weight": {"before": 0.0, "after": 5.0}},
        "at": "2025-06-01T12:02:00Z",
        "user_id": "op-2",
        "request_id": "req-3",
        "reason": "more of it",
    }


def test_a_history_is_paged_by_generation_and_an_unknown_pod_has_none(operator):
    for verb in ("cordon", "uncordon", "cordon"):
        operator.ask("POST", f"/v1.0/pods/a/{verb}")

    def page(query):
        events = operator.ask("GET", f"/v1.0/pods/a/history{query}").body["events"]
        return [event["generation"] for event in events]

    assert page("?limit=2&marker=") == [2, 3]
    assert page("?limit=2&marker=3") == [4]
    assert page("?marker=4") == []
    assert operator.ask("GET", "/v1.0/pods/b/history").body == {"events": []}
    assert operator.ask("GET", "/v1.0/pods/gone/history").status == 404
    assert operator.refused("GET", "/v1.0/pods/a/history?marker=x&limit=0") == (400, "marker")


def test_a_pod_shows_why_it_is_out_of_service_until_it_is_back(operator):
    def after(verb, body=None):
        shown = operator.ask("POST", f"/v1.0/pods/a/{verb}", body).body["pod"]
        return shown["state"], shown["state_reason"], shown["generation"]

    assert after("cordon", {"reason": "new switches"}) == ("cordoned", "new switches", 2)
    assert after("cordon") == ("cordoned", "new switches", 2)
    assert after("cordon", {"reason": "new cables too"}) == ("cordoned", "new cables too", 3)
    assert after("drain", {"reason": ""}) == ("draining", "", 4)
    assert after("disable", {"reason": "broken"}) == ("disabled", "broken", 5)
    assert after("enable", {"reason": "mended"}) == ("enabled", "", 6)
    assert after("enable") == ("enabled", "", 6)
    assert after("uncordon") == ("enabled", "", 6)

    told = {"pod": {"generation": 6, "state": "cordoned"}, "reason": "by an update"}
    pod = operator.ask("PUT", "/v1.0/pods/a", told).body["pod"]
    assert (pod["state"], pod["state_reason"]) == ("cordoned", "by an update")
    sent_back = {"pod": {**pod, "weight": 5}, "reason": "more of it"}
    assert operator.ask("PUT", "/v1.0/pods/a", sent_back).body["pod"]["state_reason"] == "by an update"
    claimed = {"pod": {"generation": 8, "state_reason": "mine"}}
    assert operator.refused("PUT", "/v1.0/pods/a", claimed) == (400, "state_reason")


def test_a_disabled_pod_comes_back_by_enable_alone(operator):
    operator.ask("POST", "/v1.0/pods/a/disable")

    assert [
        operator.refused("POST", f"/v1.0/pods/a/{verb}")[0] for verb in ("cordon", "uncordon", "drain")
    ] == [409] * 3
    assert operator.ask("POST", "/v1.0/pods/a/enable").body["pod"]["state"] == "enabled"


def test_a_refused_deletion_says_in_the_history_why_the_state_was_put_back(operator, monkeypatch):
    operator.ask("POST", "/v1.0/pods/a/cordon", {"reason": "new switches"})
    count, looks = operator.desk.projects.projects_in, []
    monkeypatch.setattr(
        operator.desk.projects,
        "projects_in",
        lambda pod_id: looks.append(pod_id) or [*count(pod_id), *["p1"] * (len(looks) // 2)],
    )

    assert operator.ask("DELETE", "/v1.0/pods/a", {"reason": "old"}).status == 409

    events = operator.ask("GET", "/v1.0/pods/a/history").body["events"]
    assert [event["action"] for event in events] == ["cordoned", "disabled", "cordoned"]
    assert "1 project placed there" in events[-1]["reason"]
    assert operator.ask("GET", "/v1.0/pods/a").body["pod"]["state_reason"] == "new switches"


@pytest.mark.parametrize("url", ["/v1.0/pods/a", BINDING])
def test_a_deletion_takes_one_reason_by_query_or_body_and_no_empty_one_by_query(bound, url):
    assert bound.refused("DELETE", f"{url}?reason=x", {"reason": "y"}) == (400, "reason")
    assert bound.refused("DELETE", f"{url}?reason=") == (400, "reason")


@pytest.mark.parametrize("route", [route for route in CALLS if "dry-run" not in route])
def test_every_write_refuses_what_it_does_not_know_and_names_all_of_it(operator, route):
    method, path = route.split()
    url = "/v1.0" + re.sub(r"{(\w+)}", "a", path)

    reply = operator.ask(method, f"{url}?colour=red&size=2", {"": 1, "hue": 2})

    assert reply.status == 400
    assert {"colour", "size", '""', "hue"} <= {wrong["field"] for wrong in reply.body["error"]["fields"]}


@pytest.mark.parametrize("verb", ["cordon", "uncordon", "drain", "disable", "enable"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": 5}, "reason"),
        ({"reason": "x" * 256}, "reason"),
        ({"reason": "a\nb"}, "reason"),
        ({"why": "x"}, "why"),
        ({verb: None for verb in ("cordon",)}, "cordon"),
        ([], "body"),
        (b"null", "body"),
        (b"cordon", "body"),
    ],
)
def test_a_bad_reason_is_a_400_and_changes_nothing(operator, verb, body, field):
    assert operator.refused("POST", f"/v1.0/pods/a/{verb}", body) == (400, field)
    assert operator.ask("GET", "/v1.0/pods/a").body["pod"]["generation"] == 1


def test_an_undo_is_its_own_operators_in_the_job_the_pod_and_the_bindings(bound):
    def deliver():
        while bound.desk.queue.messages:
            message = bound.desk.queue.messages.pop(0)
            bound.desk.slices.run(message.job_id, message.turn)

    bound.ask("POST", "/v1.0/pods/a/cordon", {"reason": "new switches"})
    bound.ask(
        "POST", "/v1.0/pods/a/drain", {"rate_per_minute": 600, "reason": "moving out"}, "operator", "req-2"
    )
    deliver()
    bound.ask("POST", f"{JOB}/undo", {"reason": "staying"}, "colleague", "req-3")
    deliver()

    job = bound.ask("GET", JOB).body["job"]
    assert (job["user_id"], job["reason"]) == ("op-1", "moving out")
    assert [(e["action"], e["user_id"], e["request_id"], e["reason"]) for e in job["events"]] == [
        ("started", "op-1", "req-2", "moving out"),
        ("undone", "op-2", "req-3", "staying"),
    ]
    moves = bound.ask("GET", f"{BINDING}/history").body["events"][1:]
    assert [(e["pod_id"], e["user_id"], e["request_id"]) for e in moves] == [
        ("b", "op-1", "req-2"),
        ("a", "op-2", "req-3"),
    ]
    pods = bound.ask("GET", "/v1.0/pods/a/history").body["events"]
    assert [(e["action"], e["user_id"], e["reason"]) for e in pods] == [
        ("cordoned", "op-1", "new switches"),
        ("drained", "op-1", "job id-1: moving out"),
        ("cordoned", "op-2", "undo of job id-1: staying"),
    ]
    assert bound.ask("GET", "/v1.0/pods/a").body["pod"]["state_reason"] == "new switches"


def test_a_resumed_jobs_moves_are_those_of_who_resumed_it_and_a_stop_says_whose_it_was(bound):
    bound.ask(*DRAIN)
    stopped = bound.ask("POST", f"{JOB}/stop", {"reason": "lunch"}, "colleague", "req-2").body["job"]
    bound.desk.queue.messages.clear()
    resumed = bound.ask("POST", f"{JOB}/resume", None, "colleague", "req-3").body["job"]
    message = bound.desk.queue.messages.pop()
    bound.desk.slices.run(message.job_id, message.turn)

    assert (stopped["state"], stopped["note"]) == ("stopped", "lunch")
    assert [(e["action"], e["user_id"], e["reason"]) for e in resumed["events"][1:]] == [
        ("stopped", "op-2", "lunch"),
        ("resumed", "op-2", ""),
    ]
    move = bound.ask("GET", f"{BINDING}/history").body["events"][-1]
    assert (move["pod_id"], move["user_id"], move["request_id"]) == ("b", "op-2", "req-3")
    assert (
        bound.ask("GET", f"/v1.0/decisions/{move['decision_id']}").body["decision"]["request_id"] == "req-3"
    )
