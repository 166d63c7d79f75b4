import json
from types import SimpleNamespace

from chalice.app import Chalice
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.events import jobs
from tests.builders import a_job


def a_record(message_id, body):
    return SimpleNamespace(body=body, to_dict=lambda: {"messageId": message_id, "body": body})


class Slices:
    """Runs slices; one of a job that is called bad fails."""

    def __init__(self):
        self.ran = []

    def run(self, job_id, turn):
        if job_id == "bad":
            raise ValueError("no store")
        self.ran.append((job_id, turn))

    def wake(self):
        return [a_job("late")]


def test_messages_that_fail_are_named_and_the_others_run(monkeypatch):
    slices = Slices()
    monkeypatch.setattr(wiring, "services", lambda: SimpleNamespace(slices=slices))
    bodies = ['{"job_id": "one", "turn": 1}', '{"job_id": "bad", "turn": 1}', "no JSON", "{}"]
    bodies.append('{"job_id": "two", "turn": 7}')

    answer = jobs.run([a_record(f"m{n}", body) for n, body in enumerate(bodies)])

    assert slices.ran == [("one", 1), ("two", 7)]
    assert answer == {"batchItemFailures": [{"itemIdentifier": f"m{n}"} for n in (1, 2, 3)]}


def test_the_app_runs_messages_as_lambda_delivers_them(monkeypatch):
    slices = Slices()
    monkeypatch.setattr(wiring, "services", lambda: SimpleNamespace(slices=slices))
    assert isinstance(app, Chalice)

    with Client(app) as client:
        event = client.events.generate_sqs_event(['{"job_id": "one", "turn": 1}'], queue_name="jobs")
        answer = client.lambda_.invoke("run_jobs", event).payload
        woken = client.lambda_.invoke(
            "wake_jobs", client.events.generate_cw_event("aws.events", "x", {}, [])
        ).payload

    assert slices.ran == [("one", 1)]
    assert json.loads(json.dumps(answer)) == {"batchItemFailures": []}
    assert woken == {"woken": ["late"]}
