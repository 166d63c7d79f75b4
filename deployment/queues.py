"""Queues: the queue of jobs, and the dead-letter queue for messages that failed too often."""

from __future__ import annotations

from deployment import Json

QUEUE = "JobQueue"
DEAD_LETTERS = "JobDeadLetters"
# Chalice's name for the subscription of ``run_jobs`` to the queue.
SUBSCRIPTION = "RunJobsSqsEventSource"
RUN_SECONDS = 60
# AWS advises six times the function's time-out: a throttled delivery then isn't taken for a failed one.
HIDDEN_SECONDS = 6 * RUN_SECONDS
DELIVERIES = 5
DEAD_LETTERS_KEPT_SECONDS = 14 * 24 * 3600


def queues() -> Json:
    """Both queues by their logical names. They are encrypted, and named ``<prefix>-<name>`` as tables are."""
    return {
        QUEUE: _queue(
            "jobs",
            VisibilityTimeout=HIDDEN_SECONDS,
            RedrivePolicy={
                "deadLetterTargetArn": {"Fn::GetAtt": [DEAD_LETTERS, "Arn"]},
                "maxReceiveCount": DELIVERIES,
            },
        ),
        DEAD_LETTERS: _queue("jobs-dead-letters", MessageRetentionPeriod=DEAD_LETTERS_KEPT_SECONDS),
    }


def _queue(name: str, **properties: object) -> Json:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "QueueName": {"Fn::Sub": f"${{TablePrefix}}-{name}"},
            "SqsManagedSseEnabled": True,
            **properties,
        },
    }
