"""The queue: the embedded SQS and the poller do what SQS and Lambda do on AWS."""

from __future__ import annotations

import json
import threading
from itertools import count

import pytest
from chalice.app import Chalice

from chalicelib.adapters.sqs.job_queue import SqsJobQueue
from chalicelib.model.errors import Unavailable
from local import queues

numbers = count(1)


@pytest.fixture
def queue(embedded_dynamo):
    """A client of the embedded SQS, and the URL of a queue that only this test uses."""
    sqs = queues.client(embedded_dynamo)
    return sqs, queues.create(sqs, f"test{next(numbers)}-jobs")


class Inbox:
    """Takes messages; the first ``failures`` deliveries fail."""

    def __init__(self, failures=0):
        self.bodies, self.failures, self.heard = [], failures, threading.Event()

    def __call__(self, messages):
        self.bodies += [json.loads(message["Body"]) for message in messages]
        if self.failures:
            self.failures -= 1
            return {message["MessageId"] for message in messages}
        self.heard.set()
        return set()


def test_a_slice_that_the_app_sends_is_delivered_once_and_gone(queue):
    sqs, url = queue
    inbox = Inbox()
    poller = queues.Poller(sqs, url, inbox)
    poller.start()

    SqsJobQueue(url, "us-east-1", local=True).send("job-1", 3, 0)

    assert inbox.heard.wait(10)
    poller.stop()
    assert inbox.bodies == [{"job_id": "job-1", "turn": 3}]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_message_that_failed_comes_again(queue):
    sqs, url = queue
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    inbox = Inbox(failures=1)
    poller = queues.Poller(sqs, url, inbox)
    poller.start()

    sqs.send_message(QueueUrl=url, MessageBody='{"n": 1}')

    assert inbox.heard.wait(15)
    poller.stop()
    assert inbox.bodies == [{"n": 1}, {"n": 1}]


def test_a_delayed_slice_waits(queue):
    sqs, url = queue
    SqsJobQueue(url, "us-east-1", local=True).send("job-1", 1, 600)

    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)


def test_without_a_queue_a_slice_cant_be_sent():
    with pytest.raises(Unavailable, match="TRIO2O_JOB_QUEUE_URL"):
        SqsJobQueue("", "us-east-1").send("job-1", 1, 0)


def test_a_queue_that_doesnt_answer_is_unavailable():
    with pytest.raises(Unavailable):
        SqsJobQueue("http://127.0.0.1:9/0/jobs", "us-east-1", local=True).send("job-1", 1, 0)


def test_messages_reach_the_apps_handler_with_its_middleware_and_its_failures_come_back():
    app = Chalice(app_name="small", configure_logs=False)
    seen = []

    @app.middleware("all")
    def watch(event, get_response):
        seen.append("middleware")
        return get_response(event)

    @app.on_sqs_message(queue="jobs", name="run_jobs")
    def run_jobs(event):
        seen.extend(record.body for record in event)
        return {"batchItemFailures": [{"itemIdentifier": "m2"}]}

    messages = [{"MessageId": m, "ReceiptHandle": "r", "Body": f"body of {m}"} for m in ("m1", "m2")]

    assert queues.deliver_to(app)(messages) == {"m2"}
    assert seen == ["middleware", "body of m1", "body of m2"]
