"""No pod: what to tell the client when no pod can take its request."""

from __future__ import annotations

from chalicelib.model.errors import NoPod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.engine import explain
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.rule import About
from chalicelib.service.asking.roster import serves
from chalicelib.service.creating.apart import apart


def no_pod(decision: Decision, snapshot: Snapshot, profile: Profile) -> NoPod:
    """The error for a decision without a pod: 400, 503, 403 or 409.

    It may be shown to the tenant, so it tells counts by filter and names no pod.
    """
    zone = decision.spec.az_name
    if not decision.zone_known:
        return NoPod(400, "The requested availability zone is not available", decision.decision_id)
    if profile.about(About.NAMED) and (told := apart(decision.spec, snapshot)):
        return NoPod(400, told, decision.decision_id)
    where = f"availability zone {zone}" if zone else "any availability zone"
    if _waits_for_a_circuit(decision, snapshot, profile):
        return NoPod(503, f"What could take this in {where} doesn't answer now.", decision.decision_id)
    if decision.access_denied:
        return NoPod(403, f"The project may not use {where}.", decision.decision_id)
    if zone and _has_it_in_another_size(decision.spec, snapshot):
        flavor = f"Flavor {decision.spec.flavor.flavor_id}"
        told = f"{flavor} has another size in {where} than it is shown with, so it can't be used there."
        return NoPod(409, told, decision.decision_id)
    elsewhere = {rule.name for rule in profile.about(About.ZONE)}  # the request isn't about those pods
    counts = [f"{n} by {name}" for name, n in decision.rejected_counts.items() if name not in elsewhere]
    detail = f" Pods rejected: {', '.join(counts)}." if counts else ""
    return NoPod(409, f"No room in {where} for this request now.{detail}", decision.decision_id)


def _waits_for_a_circuit(decision: Decision, snapshot: Snapshot, profile: Profile) -> bool:
    """Whether some pod fails only the breaker filter, so that a retry may soon work."""
    temporary = {rule.name for rule in profile.about(About.TROUBLE)}
    silent = (snapshot[place] for place in snapshot.places_of(decision.spec.open_circuits))
    told = ({rejection.filter for rejection in explain(pod, decision.spec, profile)} for pod in silent)
    return any(against and against <= temporary for against in told)


def _has_it_in_another_size(spec: RequestSpec, snapshot: Snapshot) -> bool:
    """Whether pods that may serve the project in the zone have the flavor, and none of them in its size."""
    asked, there = spec.flavor, [pod for pod in snapshot.kinds if pod.az_name == spec.az_name]
    catalogues = [pod.catalogue for pod in there if serves(pod, spec.project_id)]
    if None in catalogues:  # its own Nova has the last word
        return False
    offered = [found for each in catalogues if (found := (each or {}).get(asked.flavor_id)) is not None]
    return bool(offered) and all(flavor.size != asked.size for flavor in offered)
