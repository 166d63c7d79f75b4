"""Finding: what came of a create whose answer was lost, by the marker on its servers."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.errors import PodUnreachable, Unavailable
from chalicelib.model.pod import Pod
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.creating.making import Making, written_answer
from chalicelib.service.creating.remembering import Remembering
from chalicelib.service.ports import Pause

# Before each look. A server is listed as soon as Nova has taken its create, but that may take a while.
PAUSES = (0.0, 0.5, 1.0, 2.0)
LEAST_SECONDS = 1.0  # for the answer to the client


@dataclass(frozen=True, slots=True)
class Finding:
    """Looks for the servers of a create in its pod, until the client's time is over."""

    remembering: Remembering
    pause: Pause

    def made(self, making: Making, pod: Pod) -> PodAnswer | None:
        """The answer of a create whose own was lost; None when its servers aren't there by now.

        They may still come, or the pod can't tell.
        """
        for seconds in PAUSES:
            if making.place is None or making.request.deadline.left_seconds() < seconds + LEAST_SECONDS:
                return None
            if seconds:
                self.pause(seconds)
            try:
                answer = self.settled(making, pod)
            except (PodUnreachable, PodRefused, Unavailable):
                continue
            if answer is not None:
                return answer
        return None

    def settled(self, making: Making, pod: Pod) -> PodAnswer | None:
        """The same, by one look; None when the pod says that they aren't there.

        Raises PodUnreachable, PodRefused, Unavailable.
        """
        rows = making.with_marker(pod)
        if not rows:
            return None
        observability.logger().warning("create found by its marker", extra={"pod": pod.pod_name})
        first = min(rows, key=lambda row: str(row.get("name")))
        reply = written_answer(making.order, first["id"], first)
        complete = len(rows) >= making.intent.written.count or making.intent.is_settled
        self.remembering.found(making, pod, rows, complete, reply)
        return PodAnswer(pod, reply)
