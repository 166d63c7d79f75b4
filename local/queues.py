"""Queues: hands the messages of the embedded SQS to the app, as SQS and Lambda do on AWS."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from chalice.app import Chalice
from chalice.local import LambdaContext

URL = "TRIO2O_JOB_QUEUE_URL"
WAIT_SECONDS = 1
HIDDEN_SECONDS = 60
DELIVERIES = 5
_HANDLER = "run_jobs"
_STOP_SECONDS = 5.0
_PAUSE_SECONDS = 1.0
_log = logging.getLogger(__name__)

Message = dict[str, Any]


def client(url: str) -> Any:
    """A client of the embedded SQS. Requests must be signed, but the keys may be any."""
    from botocore.session import get_session

    return get_session().create_client(
        "sqs",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def create(sqs: Any, name: str) -> str:
    """Create a queue with its dead-letter queue, if they aren't there; returns the queue's URL."""
    dead = sqs.create_queue(QueueName=f"{name}-dead-letters")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    redrive = (
        f'{{"deadLetterTargetArn": "{asked["Attributes"]["QueueArn"]}", "maxReceiveCount": {DELIVERIES}}}'
    )
    attributes = {"VisibilityTimeout": str(HIDDEN_SECONDS), "RedrivePolicy": redrive}
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def provide() -> None:
    """Create the job queue and name it in the environment, if the environment names none.

    To be called before the app is imported, since the app reads its settings then.
    """
    database, prefix = os.environ.get("TRIO2O_DYNAMODB_URL"), os.environ.get("TRIO2O_TABLE_PREFIX", "trio2o")
    if database and not os.environ.get(URL):
        os.environ[URL] = create(client(database), f"{prefix}-jobs")


class Poller:
    """Hands a queue's messages to ``deliver``, in a thread of its own, and deletes those that succeeded.

    ``deliver`` takes messages and returns the ids of those that failed. SQS delivers these again later.
    """

    def __init__(self, sqs: Any, url: str, deliver: Callable[[Sequence[Message]], set[str]]) -> None:
        """Prepare; ``start`` begins to receive."""
        self._sqs = sqs
        self._url = url
        self._deliver = deliver
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue", daemon=True)

    def start(self) -> None:
        """Receive from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Receive no more; what is being handled gets five seconds to end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._round()
            except Exception:
                # The queue or the app may have failed for a moment only, so we go on after a pause.
                _log.exception("a round of the queue failed")
                self._stopping.wait(_PAUSE_SECONDS)

    def _round(self) -> None:
        received = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=1, WaitTimeSeconds=WAIT_SECONDS, AttributeNames=["All"]
        )
        messages = received.get("Messages", [])
        if not messages:
            # An emulator may answer at once though it was asked to wait.
            self._stopping.wait(WAIT_SECONDS / 4)
            return
        failed = self._deliver(messages)
        for message in messages:
            if message["MessageId"] not in failed:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])


def deliver_to(app: Chalice) -> Callable[[Sequence[Message]], set[str]]:
    """A ``deliver`` that runs the app's queue handler with its middleware, as Lambda would."""
    handler = app.handler_map[_HANDLER]

    def deliver(messages: Sequence[Message]) -> set[str]:
        context = LambdaContext(_HANDLER, memory_size=1024, max_runtime_ms=60_000)
        answer = handler(sqs_event(messages), context)
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}

    return deliver


def sqs_event(messages: Sequence[Message]) -> dict[str, Any]:
    """The event with which Lambda hands SQS messages to a function."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:jobs",
                "awsRegion": "us-east-1",
            }
            for message in messages
        ]
    }
