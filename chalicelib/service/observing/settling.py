"""Settling: make a pod's balance agree with what was just observed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.model.claim import Share, gathering, settlement
from chalicelib.model.errors import NotFound, StoreBusy
from chalicelib.model.pod import Pod
from chalicelib.service.ports import ClaimStore, PodStore

MOST_ATTEMPTS = 5  # lost to releases, other refreshes and operators; never to claims


@dataclass(frozen=True, slots=True)
class Settling:
    """Ends the claims that an observation covers and corrects what is free by the difference.

    ``settle_seconds`` is after which time a claim ends whose servers nobody saw. It must be longer than it
    takes from a claim until its servers show in a report: the create's own time, the pod's scheduler, and
    the skew of our clocks.
    """

    claims: ClaimStore
    pods: PodStore
    settle_seconds: float = 180.0

    def settle(
        self, pod: Pod, observed_at: datetime, ended: Sequence[Share] = (), waiting: Sequence[Share] = ()
    ) -> None:
        """Settle by an observation that ``pod`` carries and that began at ``observed_at``. Raises StoreBusy.

        ``ended`` are the shares that the observation leaves no need for, ``waiting`` those of servers without
        a host as yet. An observation older than the one settled last changes nothing, and neither does one of
        a pod that is gone.
        """
        # Not ``anew_when_overtaken``: a balance that was just opened is a second reason to go round, a lost
        # race is no error to ``gather``, and who gives up here reports a busy store.
        lost = 0
        while lost < MOST_ATTEMPTS:
            balance = self.claims.read(pod.pod_id)
            if balance is None or balance.generation != pod.generation:
                # An operator wrote the pod meanwhile, so its new limits are read.
                try:
                    pod = replace(self.pods.get(pod.pod_id), capacity=pod.capacity)
                except NotFound:
                    return
            if balance is None:
                self.claims.open(pod)
                lost += 1
                continue
            settled = settlement(balance, pod, observed_at, self.settle_seconds, ended, waiting=waiting)
            if settled is None:
                return
            if not self.claims.settle(settled):
                lost += 1
            elif settled.complete:
                return
        raise StoreBusy(f"the claims on {pod.pod_name} change too fast to be settled")

    def gather(self, pod_id: str, now: datetime, freed: Sequence[Share] = ()) -> None:
        """Give back what is ``freed`` in a pod that doesn't report, and put its old claims under one token.

        When somebody else writes the balance meanwhile, the next round does it. Raises StoreBusy.
        """
        for share in freed:
            self.claims.release_share(share)
        balance = self.claims.read(pod_id)
        gathered = gathering(balance, now) if balance is not None else None
        if gathered is not None:
            self.claims.settle(gathered)
