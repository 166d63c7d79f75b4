"""Job messages: each is one slice of a job, and may come twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol

from chalicelib import observability, wiring


class Record(Protocol):
    """A message, as Chalice hands it over."""

    body: str

    def to_dict(self) -> dict[str, Any]:
        """The message as Lambda sent it."""


def run(records: Iterable[Record]) -> dict[str, list[dict[str, str]]]:
    """Run each message's slice; those that failed are named, so that they alone come again."""
    failed = []
    for record in records:
        try:
            asked = json.loads(record.body)
            wiring.services().slices.run(asked["job_id"], asked["turn"])
        except Exception:
            # Whatever it is, the other messages of the batch are no worse for it.
            observability.logger().exception("slice of a job failed", extra={"slice": record.body})
            failed.append({"itemIdentifier": record.to_dict()["messageId"]})
    return {"batchItemFailures": failed}


def wake(event: Any) -> dict[str, list[str]]:
    """Each minute: set going again what has lost its message."""
    return {"woken": [job.job_id for job in wiring.services().slices.wake()]}
