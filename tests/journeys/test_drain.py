"""A pod is taken out of service and put back, by HTTP, with its bindings moved by a job."""

from __future__ import annotations

from datetime import timedelta

from chalice.test import Client

from app import app


def admin(gateway, method, path, body=None):
    answer = gateway.call(method, f"/v1.0{path}", body, user="admin")
    assert answer.status < 300, answer.body
    return answer.body


def deliver(gateway):
    """Deliver the queue's messages, as its subscription does, until none is left."""
    messages = gateway.stores.queue.messages
    with Client(app) as client:
        while messages:
            message = messages.pop(0)
            body = f'{{"job_id": "{message.job_id}", "turn": {message.turn}}}'
            event = client.events.generate_sqs_event([body], queue_name="jobs")
            assert client.lambda_.invoke("run_jobs", event).payload == {"batchItemFailures": []}


def test_a_drain_is_planned_run_and_undone_and_its_story_can_be_read(gateway):
    held, other = "Pod1", "Pod2"
    pod, rival = gateway.pods[held], gateway.pods[other]
    admin(gateway, "POST", f"/pods/{rival.pod_id}/cordon")
    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) == held
    admin(gateway, "POST", f"/pods/{rival.pod_id}/uncordon")

    plan = admin(gateway, "GET", f"/pods/{pod.pod_id}/drain-plan")["drain_plan"]
    assert [(row["to_pod_name"], row["judged_by"]["flavor"]) for row in plan["bindings"]] == [
        (other, "m1.tiny")
    ]

    job = admin(gateway, "POST", f"/pods/{pod.pod_id}/drain", {"rate_per_minute": 60})["job"]
    deliver(gateway)
    job = admin(gateway, "GET", f"/jobs/{job['job_id']}")["job"]
    assert (job["state"], job["progress"]["moved"]) == ("done", 1)
    (step,) = admin(gateway, "GET", f"/jobs/{job['job_id']}/steps")["steps"]
    history = admin(gateway, "GET", f"/bindings/{step['binding_id']}/history")["events"]
    assert history[-1]["reason"] == f"drain of {held}, job {job['job_id']}"
    decision = admin(gateway, "GET", f"/decisions/{history[-1]['decision_id']}")["decision"]
    assert decision["pod_name"] == other
    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) == other

    admin(gateway, "POST", f"/jobs/{job['job_id']}/undo")
    deliver(gateway)
    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) == held


def test_a_pod_in_maintenance_takes_nothing_new_and_keeps_its_project(gateway):
    held = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])
    pod = gateway.pods[held]
    now = gateway.stores.clock()
    window = {"start": now.isoformat(), "end": (now + timedelta(hours=1)).isoformat(), "reason": "switches"}

    shown = admin(gateway, "PUT", f"/pods/{pod.pod_id}", {"pod": {"generation": 1, "windows": [window]}})[
        "pod"
    ]
    assert shown["next_window"]["open"] is True
    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) != held

    admin(gateway, "PUT", f"/pods/{pod.pod_id}", {"pod": {"generation": 2, "windows": []}})
    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) == held
