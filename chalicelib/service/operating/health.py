"""Health: which pods report, which are out of reach, whether they have the same flavors, and the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.model.errors import StoreBusy
from chalicelib.model.flavor_differences import FlavorDifference, flavor_differences
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.shared_write import UnfinishedWrite
from chalicelib.model.stray import Stray
from chalicelib.service.asking.roster import is_in_service
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.ports import Clock, PodStore, QuotaStore, StrayStore, UnfinishedStore


@dataclass(frozen=True, slots=True)
class PodCondition:
    """A pod and what is wrong with it, in words; nothing when all is well.

    ``quotas_missing`` is how many quotas an admin has written that it hasn't got as its own limits yet.
    """

    pod: Pod
    problem: str = ""
    quotas_missing: int = 0


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What was seen ``at`` a moment; ``store_error`` is empty while the store answers.

    ``unfinished`` are writes for every pod that weren't done in all of them. ``flavors`` tells how the pods
    in service differ about flavors, as they last reported them. ``strays`` are servers that creates
    left behind.
    """

    at: datetime
    pods: tuple[PodCondition, ...] = ()
    store_error: str = ""
    unfinished: tuple[UnfinishedWrite, ...] = ()
    flavors: tuple[FlavorDifference, ...] = ()
    strays: tuple[Stray, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether the store or a pod has a problem, a write is unfinished, or a flavor has two sizes.

        Strays count too. Disabled pods don't count, nor do flavors that only some pods have: they may be made
        for those.
        """
        amiss = any(c.problem for c in self.pods if c.pod.state is not PodState.DISABLED)
        return (
            bool(self.store_error or self.unfinished or self.strays)
            or amiss
            or any(each.harms for each in self.flavors)
        )


@dataclass(frozen=True, slots=True)
class Health:
    """Looks at every pod's last refresh, its circuit, and the age of its report."""

    pods: PodStore
    troubles: Troubles
    quotas: QuotaStore
    unfinished: UnfinishedStore
    strays: StrayStore
    clock: Clock
    max_report_age_seconds: float = 300.0

    def report(self) -> HealthReport:
        """What is known of all pods now; a store that doesn't answer is part of the report."""
        at = self.clock()
        try:
            pods, quotas, unfinished = self.pods.list(), self.quotas.list(), self.unfinished.list()
            strays = self.strays.list()
        except StoreBusy as error:
            return HealthReport(at, store_error=str(error) or "the store does not answer")
        circuits = self.troubles.open_circuits(pods)
        return HealthReport(
            at,
            tuple(
                PodCondition(
                    pod,
                    self._problem(pod, at, circuits),
                    sum(quota.missing_in(pod.pod_id) for quota in quotas) if pod.az_name else 0,
                )
                for pod in pods
            ),
            unfinished=tuple(each for each in unfinished if each.is_left(at)),
            flavors=tuple(flavor_differences(pod for pod in pods if is_in_service(pod))),
            strays=tuple(strays),
        )

    def _problem(self, pod: Pod, at: datetime, circuits: frozenset[str]) -> str:
        if not pod.az_name:
            return ""  # the top region has no servers and so no report
        if pod.health.error or not pod.proven:
            return _failure(pod)
        if pod.pod_id in circuits:
            return "didn't answer the last calls: creates pass it over until a refresh gets through"
        if pod.capacity is None:
            return "never reported"
        if at - pod.capacity.reported_at > timedelta(seconds=self.max_report_age_seconds):
            return f"its report is older than {self.max_report_age_seconds:g} seconds"
        return ""


def _failure(pod: Pod) -> str:
    """Why the last refresh failed, and whether the pod takes nothing for that."""
    if pod.proven:
        return pod.health.error
    why = pod.health.error or "no refresh has got through to it since its address was written"
    return f"isn't proven, and takes nothing: {why}"
