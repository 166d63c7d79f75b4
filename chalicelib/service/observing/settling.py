"""Settling: make a pod's balance agree with what was just observed of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.model.claim import gathering, settlement
from chalicelib.model.errors import NotFound, StoreBusy
from chalicelib.model.pod import Pod
from chalicelib.service.ports import ClaimStore, PodStore

MOST_ATTEMPTS = 5  # lost to releases, other refreshes and operators; never to claims


@dataclass(frozen=True, slots=True)
class Settling:
    """Drops the claims that an observation covers and corrects what is free by the difference.

    ``settle_seconds`` must be longer than it takes from a claim until its servers show in a report:
    the create's own time, the pod's scheduler, and the skew of our clocks.
    """

    claims: ClaimStore
    pods: PodStore
    settle_seconds: float = 180.0

    def settle(self, pod: Pod, observed_at: datetime) -> None:
        """Settle by an observation that ``pod`` carries and that began at ``observed_at``. Raises StoreBusy.

        An observation older than the one settled last changes nothing, and neither does one of a pod
        that is gone.
        """
        # Not ``anew_when_overtaken``: a balance that was just opened is a second reason to go round, a lost
        # race is no error to ``gather``, and who gives up here reports a busy store.
        for _ in range(MOST_ATTEMPTS):
            balance = self.claims.read(pod.pod_id)
            if balance is None or balance.generation != pod.generation:
                # An operator wrote the pod meanwhile, so its new limits are read.
                try:
                    pod = replace(self.pods.get(pod.pod_id), capacity=pod.capacity)
                except NotFound:
                    return
            if balance is None:
                self.claims.open(pod)
                continue
            settled = settlement(balance, pod, observed_at, self.settle_seconds)
            if settled is None or self.claims.settle(settled):
                return
        raise StoreBusy(f"the claims on {pod.pod_name} change too fast to be settled")

    def gather(self, pod_id: str, now: datetime) -> None:
        """Put the old claims of a pod that doesn't report under one minute.

        When somebody else writes the balance meanwhile, the next round does it.
        """
        balance = self.claims.read(pod_id)
        gathered = gathering(balance, now) if balance is not None else None
        if gathered is not None:
            self.claims.settle(gathered)
