"""A call of every method of every store, on one small world: each port's writes and reads, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol, get_type_hints

from chalicelib import wiring
from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import BindingKey, change_of
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.claim import Settlement
from chalicelib.model.deed import Deed
from chalicelib.model.job import Outcome, Step
from chalicelib.model.keypair import Keypair
from chalicelib.model.location import Location
from chalicelib.model.page import BindingQuery
from chalicelib.model.quota import Holder, QuotaSet
from chalicelib.model.shared_write import UnfinishedWrite
from chalicelib.model.snapshot import snapshot_of
from chalicelib.model.stray import Stray
from chalicelib.model.sweep import Sweep
from chalicelib.model.trouble import Trouble
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.scheduler.profile_version import ProfileVersion
from tests.builders import (
    NOW,
    PROJECT,
    a_binding,
    a_capacity,
    a_claim,
    a_flavor,
    a_job,
    a_pod,
    a_spec,
    an_intent,
)

Call = Callable[[wiring.Adapters], Any]
LATER, LATEST = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
BOUND = a_binding("pod-a", decision_id="decision-1")
MOVED = change_of(BOUND, BOUND.moved("pod-b", LATER, "better"), request_id="req-2")
BACK = change_of(MOVED.after, MOVED.after.moved("pod-a", LATEST, "better"), request_id="req-3")
REPORT = CapacityReport(a_capacity(), {"m1.small": a_flavor()})
LATER_REPORT = CapacityReport(a_capacity(reported_at=LATER), {"m1.big": a_flavor("m1.big")})
LATEST_REPORT = CapacityReport(a_capacity(reported_at=LATEST), {"m1.small": a_flavor(vcpus=8)})
# The embedded DynamoDB takes a repeated transaction for another one if a number in it is spelled 0.0 or 1.0.
TROUBLE = Trouble("pod-a", failed_calls=1, first_failed_at=NOW, failed_builds=0.5, builds_at=NOW)
UNFINISHED = UnfinishedWrite("call-1", "flavor 1", "DELETE /flavors/1", NOW, "req-1", "user-1")
SMALL = Amounts(vcpus=1, ram_mb=1024, disk_gb=10, instances=1)
INTENT = an_intent()
STRAY = Stray("server-9", "pod-a", PROJECT, "vm", NOW, NOW, "trio2o:abc:1")
DEED = Deed(NOW, "op-1", "req-1", "by hand")
LOCATION = Location("server-1", PROJECT, "pod-a", NOW)
CLAIMED = a_claim("pod-a", SMALL.times(2), count=2)
QUOTA = QuotaSet(Holder(PROJECT), {"cores": 40}, generation=1)
USED = a_claim(PROJECT, SMALL.times(2), count=2)
KEYPAIR = Keypair("user-1", "key", NOW, unsure_in=frozenset({"pod-a"}), clean_at=NOW)
STEP = Step(BOUND.key, Outcome.MOVED, 2, NOW, "pod-b", "room", "decision-1")


def settle(stores: wiring.Adapters) -> None:
    """One of everything."""
    stores.pods.create(a_pod("pod-a"))
    stores.pods.create(a_pod("pod-b"))
    stores.snapshots.put(snapshot_of([a_pod("pod-a")], version=1))
    stores.capacities.save("pod-a", REPORT)
    stores.leases.take(NOW, LATER)
    stores.troubles.put(TROUBLE)
    stores.claims.claim(CLAIMED, CLAIMED.need)
    stores.bindings.commit(change_of(None, BOUND, request_id="req-1"))
    stores.projects.add(PROJECT, "pod-a")
    stores.intents.put(INTENT)
    stores.locations.remember(Location("server-1", PROJECT, "pod-a", NOW))
    stores.strays.put(STRAY)
    stores.decisions.save(a_decision("decision-1"))
    stores.unfinished.put(UNFINISHED)
    stores.rates.report("p#requests#1", "process-1", 5, LATER)
    stores.profiles.put(ProfileVersion("default", 1, {}))
    stores.jobs.create(a_job())
    stores.quotas.put(QUOTA)
    stores.usages.begin(PROJECT, Amounts())
    stores.usages.claim(USED, Amounts())
    stores.keypairs.put(KEYPAIR)


def a_decision(decision_id: str) -> Any:
    return decide(snapshot_of([a_pod()]), a_spec(request_id="req-1"), SPREAD, decision_id)


def with_step(stores: wiring.Adapters) -> Any:
    return stores.bindings.commit(
        MOVED, [stores.projects.addition(PROJECT, "pod-b"), stores.jobs.step_write(a_job(), STEP)]
    )


def settle_claims(stores: wiring.Adapters) -> None:
    """Settle, whatever it answers: who is refused by his own write reads again, and finds it settled."""
    seen = stores.claims.read("pod-a")
    assert seen is not None
    stores.claims.settle(Settlement(seen, LATER, SMALL, changed={CLAIMED.token: None}))


def settle_usage(stores: wiring.Adapters) -> None:
    seen = stores.usages.read(PROJECT)
    assert seen is not None
    stores.usages.settle(Settlement(seen, LATER, SMALL, changed={USED.token: None}))


# A write is called as it succeeds and, where its condition can fail, as it is refused.
WRITES: dict[str, list[Call]] = {
    "pods.create": [
        lambda s: s.pods.create(a_pod("pod-c")),
        lambda s: s.pods.create(a_pod("pod-c", pod_name="PodA")),
    ],
    "pods.update": [
        lambda s: s.pods.update(a_pod(), a_pod(pod_name="Renamed", weight=5.0)),
        lambda s: s.pods.update(a_pod(), a_pod(pod_name="PodB")),
        lambda s: s.pods.update(a_pod(generation=7), a_pod()),
    ],
    "pods.delete": [
        lambda s: s.pods.delete(a_pod()),
        lambda s: s.pods.delete(a_pod(generation=7)),
    ],
    "numbers.of": [lambda s: s.numbers.of(["pod-a", "pod-b"])],
    "snapshots.put": [lambda s: s.snapshots.put(snapshot_of([a_pod("pod-b")], version=2))],
    "leases.take": [
        lambda s: s.leases.take(LATER, LATER),
        lambda s: s.leases.take(NOW, LATER),
    ],
    "leases.give_back": [
        lambda s: s.leases.give_back(LATER),
        lambda s: s.leases.give_back(NOW),
    ],
    "capacities.save": [
        lambda s: s.capacities.save("pod-a", LATER_REPORT),
        lambda s: s.capacities.save("pod-b", REPORT),
    ],
    "capacities.failed": [
        lambda s: s.capacities.failed("pod-a", LATER, "timed out"),
        lambda s: s.capacities.failed("pod-a", NOW - timedelta(minutes=1), "timed out"),
    ],
    "capacities.delete": [lambda s: s.capacities.delete("pod-a")],
    "troubles.put": [
        lambda s: s.troubles.put(replace(TROUBLE, generation=1, failed_calls=2)),
        lambda s: s.troubles.put(replace(TROUBLE, pod_id="pod-b")),
        lambda s: s.troubles.put(replace(TROUBLE, failed_calls=2)),
    ],
    "claims.open": [lambda s: s.claims.open(a_pod())],
    "claims.claim": [
        lambda s: s.claims.claim(a_claim("pod-a", SMALL, token="t2"), SMALL),
        lambda s: s.claims.claim(a_claim("none-such", SMALL), SMALL),
    ],
    "claims.release": [lambda s: s.claims.release(CLAIMED)],
    "claims.release_share": [lambda s: s.claims.release_share(CLAIMED.share(1))],
    "claims.settle": [settle_claims],
    "bindings.commit": [
        with_step,
        lambda s: s.bindings.commit(change_of(None, a_binding("pod-b"), request_id="req-2")),
    ],
    "projects.add": [lambda s: s.projects.add(PROJECT, "pod-b")],
    "projects.addition": [with_step],
    "projects.forget": [lambda s: s.projects.forget("pod-a")],
    "intents.put": [
        lambda s: s.intents.put(
            replace(INTENT, generation=1).done(("server-1",), None),
            [s.locations.addition(Location("server-2", PROJECT, "pod-a", NOW))],
        ),
        lambda s: s.intents.put(INTENT.failed()),
    ],
    "intents.write": [
        lambda s: s.bindings.commit(MOVED, [s.intents.write(an_intent("b" * 40))]),
        lambda s: s.bindings.commit(MOVED, [s.intents.write(INTENT.failed())]),
    ],
    "locations.addition": [
        lambda s: s.intents.put(
            an_intent("b" * 40), [s.locations.addition(Location("server-1", PROJECT, "pod-b", NOW))]
        ),
    ],
    "locations.remember": [
        lambda s: s.locations.remember(Location("server-2", PROJECT, "pod-b", NOW)),
        lambda s: s.locations.remember(Location("server-1", PROJECT, "pod-b", NOW)),
    ],
    "locations.move": [lambda s: s.locations.move(LOCATION, "pod-b", DEED)],
    "strays.put": [
        lambda s: s.strays.put(replace(STRAY, server_id="server-8")),
        lambda s: s.strays.put(replace(STRAY, name="other")),
    ],
    "strays.forget": [lambda s: s.strays.forget("server-9")],
    "locations.end": [
        lambda s: s.locations.end("server-1", NOW),
        lambda s: s.locations.end("server-1", NOW, deed=DEED),
    ],
    "locations.build_failed": [
        lambda s: s.locations.build_failed("server-1", NOW),
        lambda s: s.locations.build_failed("none-such", NOW),
    ],
    "locations.keep_sweep": [lambda s: s.locations.keep_sweep(Sweep("pod-a", LATER, NOW, "server-1"))],
    "decisions.save": [lambda s: s.decisions.save(a_decision("decision-2"))],
    "unfinished.put": [
        lambda s: s.unfinished.put(replace(UNFINISHED, fates="done in PodA")),
        lambda s: s.unfinished.put(replace(UNFINISHED, call_id="call-2")),
    ],
    "unfinished.forget": [lambda s: s.unfinished.forget("call-1")],
    "rates.report": [
        lambda s: s.rates.report("p#requests#1", "process-1", 7, LATER),
        lambda s: s.rates.report("p#requests#1", "process-2", 5, LATER),
    ],
    "profiles.put": [lambda s: s.profiles.put(ProfileVersion("default", 2, {"tie_margin": 0.0}))],
    "jobs.create": [lambda s: s.jobs.create(a_job("job-2"))],
    "jobs.update": [
        lambda s: s.jobs.update(a_job(turn=2)),
        lambda s: s.jobs.update(a_job(generation=7)),
    ],
    "jobs.save_step": [
        lambda s: s.jobs.save_step(a_job(), STEP),
        lambda s: s.jobs.save_step(a_job(generation=7), STEP),
    ],
    "jobs.step_write": [with_step],
    "quotas.put": [
        lambda s: s.quotas.put(QUOTA.written({"cores": 8})),
        lambda s: s.quotas.put(QUOTA),
    ],
    "quotas.note": [
        lambda s: s.quotas.note(replace(QUOTA, set_in={"pod-a": 1})),
        lambda s: s.quotas.note(replace(QUOTA, generation=7)),
    ],
    "usages.begin": [
        lambda s: s.usages.begin("another", SMALL),
        lambda s: s.usages.begin(PROJECT, SMALL),
    ],
    "usages.claim": [
        lambda s: s.usages.claim(a_claim(PROJECT, SMALL, token="t2"), Amounts() - SMALL.times(9)),
        lambda s: s.usages.claim(a_claim(PROJECT, SMALL, token="t3"), SMALL),
    ],
    "usages.forget": [lambda s: s.usages.forget(PROJECT)],
    "usages.release": [lambda s: s.usages.release(USED)],
    "usages.settle": [settle_usage],
    "keypairs.put": [
        lambda s: s.keypairs.put(replace(KEYPAIR, generation=1, unsure_in=frozenset(), clean_at=None)),
        lambda s: s.keypairs.put(replace(KEYPAIR, name="other")),
        lambda s: s.keypairs.put(KEYPAIR),
    ],
    "keypairs.adopted": [lambda s: s.keypairs.adopted("user-1", ["pod-a"])],
}
# What another process may write about the same thing between the first of the calls above and its repeat.
RIVALS: dict[str, Call] = {
    "pods.create": lambda s: s.pods.update(a_pod("pod-c"), a_pod("pod-c", weight=9.0)),
    "pods.update": lambda s: s.pods.delete(a_pod(generation=2, pod_name="Renamed")),
    "pods.delete": lambda s: s.pods.create(a_pod("pod-d", pod_name="PodA")),
    "numbers.of": lambda s: s.numbers.of(["pod-c"]),
    "snapshots.put": lambda s: s.snapshots.put(snapshot_of([a_pod("pod-a")], version=3)),
    "leases.take": lambda s: s.leases.give_back(LATER),
    "leases.give_back": lambda s: s.leases.take(LATER, LATER),
    "capacities.save": lambda s: s.capacities.save("pod-a", LATEST_REPORT),
    "capacities.failed": lambda s: s.capacities.failed("pod-a", LATEST, "refused", reachable=True),
    "capacities.delete": lambda s: s.capacities.save("pod-a", LATEST_REPORT),
    "troubles.put": lambda s: s.troubles.put(replace(TROUBLE, generation=2, failed_calls=3)),
    "claims.open": lambda s: s.claims.claim(a_claim("pod-a", SMALL, token="t2"), SMALL),
    "claims.claim": lambda s: s.claims.claim(a_claim("pod-a", SMALL, token="t3"), SMALL),
    "claims.release": lambda s: s.claims.claim(a_claim("pod-a", SMALL, token="t2"), SMALL),
    "claims.release_share": lambda s: s.claims.release_share(CLAIMED.share(0)),
    "claims.settle": lambda s: s.claims.claim(a_claim("pod-a", SMALL, token="t2"), SMALL),
    "bindings.commit": lambda s: s.bindings.commit(BACK),
    "projects.add": lambda s: s.projects.forget("pod-b"),
    "projects.addition": lambda s: s.projects.forget("pod-b"),
    "projects.forget": lambda s: s.projects.add(PROJECT, "pod-a"),
    "intents.put": lambda s: s.locations.end("server-2", LATER, deleted=True),
    "intents.write": lambda s: s.intents.put(an_intent("b" * 40, generation=1).failed()),
    "locations.addition": lambda s: s.locations.build_failed("server-1", LATER),
    "locations.remember": lambda s: s.locations.end("server-2", LATER, deleted=True),
    "locations.end": lambda s: s.locations.remember(Location("server-1", PROJECT, "pod-b", NOW)),
    "locations.build_failed": lambda s: s.locations.end("server-1", LATER, deleted=True),
    "locations.move": lambda s: s.locations.end("server-1", LATER, deleted=True),
    "rates.report": lambda s: s.rates.report("p#requests#1", "process-3", 4, LATER),
    "strays.put": lambda s: s.strays.forget("server-8"),
    "strays.forget": lambda s: s.strays.put(replace(STRAY, server_id="server-9", name="again")),
    "locations.keep_sweep": lambda s: s.locations.keep_sweep(Sweep("pod-a", LATEST, LATER, "server-9")),
    "decisions.save": lambda s: s.decisions.save(a_decision("decision-3")),
    "unfinished.put": lambda s: s.unfinished.forget("call-1"),
    "unfinished.forget": lambda s: s.unfinished.put(UNFINISHED),
    "profiles.put": lambda s: s.profiles.put(ProfileVersion("default", 3, {})),
    "jobs.create": lambda s: s.jobs.update(a_job("job-2", turn=2)),
    "jobs.update": lambda s: s.jobs.update(a_job(turn=3, generation=2)),
    "jobs.save_step": lambda s: s.jobs.save_step(a_job(), replace(STEP, generation=3, reason="moved on")),
    "jobs.step_write": lambda s: s.jobs.update(a_job(turn=2)),
    "quotas.put": lambda s: s.quotas.put(replace(QUOTA, generation=3)),
    "quotas.note": lambda s: s.quotas.note(replace(QUOTA, set_in={"pod-a": 1, "pod-b": 1})),
    "usages.begin": lambda s: s.usages.forget("another"),
    "usages.claim": lambda s: s.usages.release(USED),
    "usages.forget": lambda s: s.usages.begin(PROJECT, SMALL),
    "usages.release": lambda s: s.usages.claim(
        a_claim(PROJECT, SMALL, token="t2"), Amounts() - SMALL.times(9)
    ),
    "usages.settle": lambda s: s.usages.claim(
        a_claim(PROJECT, SMALL, token="t2"), Amounts() - SMALL.times(9)
    ),
    "keypairs.put": lambda s: s.keypairs.put(replace(KEYPAIR, generation=2)),
    "keypairs.adopted": lambda s: s.keypairs.adopted("user-1", ["pod-b"]),
}
READS: dict[str, Call] = {
    "pods.get": lambda s: s.pods.get("pod-a"),
    "pods.list": lambda s: s.pods.list(),
    "pods.history": lambda s: s.pods.history("pod-a"),
    "snapshots.version": lambda s: s.snapshots.version(),
    "snapshots.get": lambda s: s.snapshots.get(),
    "capacities.get": lambda s: s.capacities.get("pod-a"),
    "troubles.list": lambda s: s.troubles.list(),
    "troubles.get": lambda s: s.troubles.get("pod-a"),
    "claims.read": lambda s: s.claims.read("pod-a"),
    "bindings.get": lambda s: s.bindings.get(BOUND.key),
    "bindings.of_project": lambda s: s.bindings.of_project(PROJECT, "general"),
    "bindings.in_pod": lambda s: s.bindings.in_pod("pod-a", "", 10),
    "bindings.find": lambda s: s.bindings.find(BindingQuery(project_id=PROJECT)),
    "bindings.history": lambda s: s.bindings.history(BindingKey(PROJECT, "az1", "general")),
    "projects.pod_ids": lambda s: s.projects.pod_ids(PROJECT),
    "projects.projects_in": lambda s: s.projects.projects_in("pod-a"),
    "intents.get": lambda s: s.intents.get(INTENT.slot),
    "intents.posting": lambda s: s.intents.posting(INTENT.settle_at, 10),
    "locations.get": lambda s: s.locations.get("server-1"),
    "locations.sweep": lambda s: s.locations.sweep("pod-a"),
    "locations.found": lambda s: s.locations.found(["server-1"]),
    "locations.of_project": lambda s: s.locations.of_project(PROJECT, "pod-a"),
    "locations.of_pod_request": lambda s: s.locations.of_pod_request("req-pod"),
    "locations.of_pod": lambda s: s.locations.of_pod("pod-a"),
    "locations.created_since": lambda s: s.locations.created_since("pod-a", NOW, 10),
    "locations.page_of_pod": lambda s: s.locations.page_of_pod("pod-a", None, 10),
    "strays.list": lambda s: s.strays.list(),
    "decisions.get": lambda s: s.decisions.get("decision-1"),
    "decisions.list": lambda s: s.decisions.list(),
    "decisions.of_request": lambda s: s.decisions.of_request("req-1"),
    "unfinished.list": lambda s: s.unfinished.list(),
    "profiles.get": lambda s: s.profiles.get("az1"),
    "profiles.newest": lambda s: s.profiles.newest("default"),
    "profiles.history": lambda s: s.profiles.history("default"),
    "profiles.list": lambda s: s.profiles.list(),
    "jobs.get": lambda s: s.jobs.get("job-1"),
    "jobs.list": lambda s: s.jobs.list(),
    "jobs.steps": lambda s: s.jobs.steps("job-1"),
    "jobs.steps_about": lambda s: s.jobs.steps_about("job-1", [BOUND.key]),
    "quotas.get": lambda s: s.quotas.get(QUOTA.holder),
    "quotas.of_project": lambda s: s.quotas.of_project(PROJECT),
    "quotas.list": lambda s: s.quotas.list(),
    "usages.read": lambda s: s.usages.read(PROJECT),
    "keypairs.get": lambda s: s.keypairs.get("user-1", "key"),
    "keypairs.of_user": lambda s: s.keypairs.of_user("user-1"),
    "keypairs.due": lambda s: s.keypairs.due(NOW, 10),
    "keypairs.adopted_from": lambda s: s.keypairs.adopted_from("user-1"),
}


def methods_of_stores() -> set[str]:
    """``store.method`` for every method that a store's port declares, its parents' too."""
    ports = {name: port for name, port in get_type_hints(wiring.Adapters).items() if _is_store(port)}
    return {
        f"{name}.{method}"
        for name, port in ports.items()
        for parent in port.__mro__
        if parent not in (object, Protocol) and issubclass(parent, Protocol)
        for method in vars(parent)
        if not method.startswith("_")
    }


def _is_store(port: Any) -> bool:
    return getattr(port, "__name__", "").endswith("Store")
