"""Job messages: each is one slice of a job. The queue may deliver it more than once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol

from chalicelib import observability, wiring


class Record(Protocol):
    """A message of the queue, as Chalice gives it to a handler."""

    body: str

    def to_dict(self) -> dict[str, Any]:
        """The message as Lambda sent it."""


def run(records: Iterable[Record]) -> dict[str, list[dict[str, str]]]:
    """Run each message's slice. The result names those that failed, so that only they are delivered again."""
    failed = []
    for record in records:
        try:
            asked = json.loads(record.body)
            wiring.services().slices.run(asked["job_id"], asked["turn"])
        except Exception:
            # Whatever the error is, the other messages must still be run.
            observability.logger().exception("slice of a job failed", extra={"slice": record.body})
            failed.append({"itemIdentifier": record.to_dict()["messageId"]})
    return {"batchItemFailures": failed}


def wake(event: Any) -> dict[str, list[str]]:
    """Send the slices again of running jobs that have lost their message."""
    return {"woken": [job.job_id for job in wiring.services().slices.wake()]}
