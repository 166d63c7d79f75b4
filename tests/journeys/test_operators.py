"""What operators do to pods, by HTTP: why and by whom can be read afterwards, and errors name all at once."""

from __future__ import annotations

import json

from chalicelib import observability
from tests.journeys.test_drain import deliver


def ask(gateway, method, path, body=None, user="admin"):
    answer = gateway.call(method, f"/v1.0{path}", body, user=user)
    assert answer.status < 300, answer.body
    return answer


def a_colleague(gateway):
    """A second operator; the id under which histories and logs know him."""
    return gateway.cloud.keystone.add_user("colleague", "colleague-pass", "admin", "admin").id


def test_an_operator_asks_why_a_pod_takes_nothing_and_who_said_so(gateway):
    pod_id = gateway.pods["Pod1"].pod_id
    his_id = a_colleague(gateway)

    cordoned = ask(gateway, "POST", f"/pods/{pod_id}/cordon", {"reason": "new switches"}, "colleague")
    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) == "Pod2"
    shown = ask(gateway, "GET", f"/pods/{pod_id}").body["pod"]
    assert (shown["state"], shown["state_reason"]) == ("cordoned", "new switches")

    registered, last = ask(gateway, "GET", f"/pods/{pod_id}/history").body["events"]
    assert (registered["action"], registered["changes"]["pod_name"]) == (
        "registered",
        {"before": None, "after": "Pod1"},
    )
    assert registered["user_id"] != his_id
    assert (last["action"], last["reason"], last["user_id"]) == ("cordoned", "new switches", his_id)
    assert last["request_id"] == cordoned.headers["x-openstack-request-id"]
    assert last["changes"] == {"state": {"before": "enabled", "after": "cordoned"}}


def test_a_deleted_pods_history_can_still_be_read(gateway):
    pod_id = gateway.pods["Pod3"].pod_id
    ask(gateway, "POST", f"/pods/{pod_id}/disable", {"reason": "moved out"})
    ask(gateway, "DELETE", f"/pods/{pod_id}?reason=scrapped")

    assert gateway.call("GET", f"/v1.0/pods/{pod_id}", user="admin").status == 404
    events = ask(gateway, "GET", f"/pods/{pod_id}/history").body["events"]
    assert [(event["action"], event["reason"]) for event in events] == [
        ("registered", ""),
        ("disabled", "moved out"),
        ("deleted", "scrapped"),
    ]


def test_a_disabled_pod_is_back_in_service_after_one_call(gateway):
    pod_id, other = gateway.pods["Pod1"].pod_id, gateway.pods["Pod2"].pod_id
    ask(gateway, "POST", f"/pods/{other}/cordon")
    ask(gateway, "POST", f"/pods/{pod_id}/disable", {"reason": "broken"})
    assert gateway.create(availability_zone="az1").status == 409

    enabled = ask(gateway, "POST", f"/pods/{pod_id}/enable", {"reason": "mended"}).body["pod"]

    assert (enabled["state"], enabled["state_reason"]) == ("enabled", "")
    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) == "Pod1"


def test_an_undo_is_told_as_the_doing_of_who_undid(gateway):
    pod = gateway.pods["Pod1"]
    ask(gateway, "POST", f"/pods/{gateway.pods['Pod2'].pod_id}/cordon")
    gateway.create(availability_zone="az1")
    ask(gateway, "POST", f"/pods/{gateway.pods['Pod2'].pod_id}/uncordon")
    his_id = a_colleague(gateway)
    drained = ask(gateway, "POST", f"/pods/{pod.pod_id}/drain", {"rate_per_minute": 60, "reason": "moving"})
    job_id = drained.body["job"]["job_id"]
    deliver(gateway)

    undone = ask(gateway, "POST", f"/jobs/{job_id}/undo", {"reason": "staying"}, "colleague")
    deliver(gateway)

    (step,) = ask(gateway, "GET", f"/jobs/{job_id}/steps").body["steps"]
    moved, returned = ask(gateway, "GET", f"/bindings/{step['binding_id']}/history").body["events"][1:]
    assert moved["request_id"] == drained.headers["x-openstack-request-id"]
    assert (returned["pod_id"], returned["user_id"]) == (pod.pod_id, his_id)
    assert returned["request_id"] == undone.headers["x-openstack-request-id"]
    events = ask(gateway, "GET", f"/jobs/{job_id}").body["job"]["events"]
    assert [(event["action"], event["reason"]) for event in events] == [
        ("started", "moving"),
        ("undone", "staying"),
    ]
    assert events[1]["user_id"] == his_id != events[0]["user_id"]


def test_an_action_is_logged_with_its_user_and_its_request(gateway, capsys):
    observability.logger().setLevel("INFO")
    his_id = a_colleague(gateway)
    answer = ask(gateway, "POST", f"/pods/{gateway.pods['Pod1'].pod_id}/cordon", None, "colleague")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    told = [line for line in lines if line.get("route") == "/v1.0/pods/{pod_id}/cordon"]
    assert [(line["user_id"], line["correlation_id"]) for line in told] == [
        (his_id, answer.headers["x-openstack-request-id"])
    ]


def test_one_error_names_all_that_an_operator_mistyped(gateway):
    pod = {"pod_nam": "Pod9", "weight": 500, "windows": [{"start": "soon"}], "": 1}

    answer = gateway.call("POST", "/v1.0/pods?forse=true", {"pod": pod}, user="admin")

    assert answer.status == 400
    assert [wrong["field"] for wrong in answer.body["error"]["fields"]] == [
        "forse",
        "pod_nam",
        '""',
        "pod_name",
        "weight",
        "windows[0].end",
        "windows[0].start",
    ]


def test_an_action_with_a_body_that_nobody_understands_is_refused(gateway):
    pod_id = gateway.pods["Pod1"].pod_id

    for verb in ("cordon", "uncordon", "drain", "disable", "enable", "refresh"):
        answer = gateway.call("POST", f"/v1.0/pods/{pod_id}/{verb}", {"resaon": "x"}, user="admin")
        assert (answer.status, answer.body["error"]["field"]) == (400, "resaon"), verb
    assert len(ask(gateway, "GET", f"/pods/{pod_id}/history").body["events"]) == 1
