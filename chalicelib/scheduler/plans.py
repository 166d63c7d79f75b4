"""Plans: the last few that were made from each snapshot, kept while somebody holds the snapshot."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from weakref import WeakKeyDictionary

from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.plan import Plan, make_plan
from chalicelib.scheduler.profile import Profile

MOST_PLANS = 32  # kept for one snapshot
MOST_DRIFT = 0.02  # of a score: a plan that is older is made again


class Plans:
    """Plans by snapshot and by what they are for; the one that wasn't used for longest goes first.

    Any number of threads may ask. Two that miss the same plan at once both make it, which does no harm.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: WeakKeyDictionary[Snapshot, dict[Hashable, Plan]] = WeakKeyDictionary()

    def of(self, snapshot: Snapshot) -> list[Plan]:
        """Those of a snapshot, the last used last."""
        with self._lock:
            return list(self._of.get(snapshot.original, {}).values())

    def snapshots(self) -> int:
        """How many snapshots have plans here."""
        with self._lock:
            return len(self._of)

    def get(self, snapshot: Snapshot, key: Hashable) -> Plan | None:
        """The plan for a key, if it is there."""
        with self._lock:
            plans = self._of.setdefault(snapshot.original, {})
            plan = plans.pop(key, None)
            if plan is not None:
                plans[key] = plan
            return plan

    def put(self, snapshot: Snapshot, key: Hashable, plan: Plan) -> None:
        """Keep a plan, in place of an older one for its key."""
        with self._lock:
            plans = self._of.setdefault(snapshot.original, {})
            plans.pop(key, None)
            plans[key] = plan
            while len(plans) > MOST_PLANS:
                del plans[next(iter(plans))]


PLANS = Plans()


def plan_for(snapshot: Snapshot, spec: RequestSpec, profile: Profile) -> Plan:
    """The plan that fits a request; it may be older than the request, by no more than MOST_DRIFT."""
    # To all projects that no access list names the pods look the same.
    project_id = spec.project_id if spec.project_id in snapshot.named_projects else ""
    key = (profile.rules, profile.preferences, project_id, *spec.shared)
    plan = PLANS.get(snapshot, key)
    if plan is None or plan.drift(spec, profile) > MOST_DRIFT:
        plan = make_plan(snapshot.original, spec.of_class(project_id), profile)
        PLANS.put(snapshot, key, plan)
    return plan
