"""Each function's role allows all that its stores do, and nothing more."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from types import SimpleNamespace

import pytest

from chalicelib import wiring
from chalicelib.adapters.dynamodb.claim_items import ClaimItem
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.snapshot_store import DynamoSnapshotStore
from chalicelib.adapters.memory.job_queue import MemoryJobQueue
from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import change_of
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.claim import Share
from chalicelib.model.errors import BindingConflict, PodUnreachable
from chalicelib.model.intent import Marker
from chalicelib.model.job import LEASE_SECONDS as JOB_LEASE_SECONDS
from chalicelib.model.keypair import Keypair
from chalicelib.model.location import Location
from chalicelib.model.page import BindingQuery
from chalicelib.model.pod import PodState
from chalicelib.model.pod_request import PodReply
from chalicelib.model.quota import Holder, QuotaSet
from chalicelib.model.shared_write import UnfinishedWrite
from chalicelib.model.sighting import Sighting, Stage
from chalicelib.model.snapshot import snapshot_of
from chalicelib.model.stray import Stray
from chalicelib.model.sweep import FoundServer
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.scheduler.profile_version import ProfileVersion
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.observing.lease import LEASE_SECONDS
from chalicelib.service.observing.reconciling import Reconciled
from chalicelib.service.observing.snapshots import Snapshots
from chalicelib.service.operating.keypair_clean_up import CleanedUp
from chalicelib.settings import Settings
from deployment.queues import HIDDEN_SECONDS, RUN_SECONDS
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
from tests.deployment.permissions import CHALICE, Recorder, allowed, statements

POLICIES = ("api", "refresh", "errand", "jobs", "wake", "keypairs")


class Reader:
    """Observes two pods: one is out of reach, the other has a flavor and hosts."""

    def read(self, pod):
        if pod.pod_id == "b":
            raise PodUnreachable("b", "timed out", sent=False)
        return CapacityReport(a_capacity(), {"m1.small": a_flavor()})


def stores_of(database):
    """The adapters of a deployment, but for the pods and the queue; a snapshot needs several items."""
    numbers = count(1)
    return replace(
        wiring.in_deployment(database, Settings(), lambda: NOW),
        snapshots=DynamoSnapshotStore(database, lambda: NOW, part_bytes=100),
        reader=Reader(),
        queue=MemoryJobQueue(),
        ids=lambda: f"id-{next(numbers)}",
    )


@pytest.fixture
def stores(database):
    """The adapters of other functions, whose calls aren't recorded."""
    return stores_of(database)


@pytest.fixture
def recorded(database, embedded_dynamo):
    """The same tables through another client, whose calls are recorded."""
    own = Database(database.prefix, PatientConnection("us-east-1", embedded_dynamo))
    return Recorded(stores_of(own), Recorder(own.connection.client, own.prefix))


@dataclass
class Recorded:
    """The stores of one function, and what their calls need to be allowed."""

    stores: wiring.Adapters
    recorder: Recorder

    @property
    def needs(self):
        return self.recorder.needs

    @property
    def services(self):
        return wiring.build_services(self.stores, Settings())


def test_the_api_may_do_what_requests_do_and_no_more(recorded, stores):
    stores.capacities.save("a", CapacityReport(a_capacity(), {"m1.small": a_flavor()}))
    things = (
        use_quotas,
        use_claims,
        use_snapshots,
        use_bindings,
        use_locations,
        use_intents,
        use_decisions,
        use_profiles,
        use_unfinished,
        use_rates,
    )
    for use in (use_pods, *things, use_troubles, use_jobs, use_keypairs):
        use(recorded.stores)

    assert recorded.needs == allowed("api")


def use_pods(stores):
    stores.pods.create(a_pod("a"))
    before = stores.pods.get("a")
    renamed = stores.pods.update(before, replace(before, pod_name="Other"))
    assert stores.pods.list()
    stores.capacities.get("a")
    stores.pods.delete(renamed)
    assert stores.pods.history("a")
    stores.capacities.delete("a")


def use_claims(stores):
    stores.pods.create(a_pod("c"))
    claim = stores.claims.claim(a_claim("c", Amounts(vcpus=1)), Amounts(vcpus=1))
    stores.claims.release_share(claim.share(0))
    stores.claims.release(claim)
    stores.claims.read("c")
    stores.claims.open(stores.pods.get("c"))


def use_quotas(stores):
    """Use quotas as an admin, a create and the health page do."""
    stores.quotas.put(QuotaSet(Holder(PROJECT)).written({"cores": 8}))
    stores.quotas.get(Holder(PROJECT))
    stores.quotas.of_project(PROJECT)
    stores.quotas.list()
    stores.usages.begin(PROJECT, Amounts())
    claim = stores.usages.claim(a_claim(PROJECT, Amounts(vcpus=1)), Amounts() - Amounts(vcpus=8))
    stores.usages.release(claim)
    stores.usages.read(PROJECT)
    stores.usages.forget(PROJECT)


def use_snapshots(stores):
    """Use snapshots as an operator's write and a create do."""
    snapshots = Snapshots(stores.snapshots, stores.pods, stores.clock, cache_seconds=0.0)
    for _ in range(2):
        snapshots.rebuild()
        assert snapshots.current().version


def use_bindings(stores):
    bindings, projects = stores.bindings, stores.projects
    bindings.commit(change_of(None, a_binding("a")), also=[projects.addition(PROJECT, "a")])
    with suppress(BindingConflict):
        bindings.commit(change_of(None, a_binding("b")))
    bindings.of_project(PROJECT, "general")
    bindings.history(a_binding().key)
    for query in ({"project_id": PROJECT}, {"pod_id": "a"}, {"az_name": "az1"}, {}):
        bindings.find(BindingQuery(**query))
    projects.add(PROJECT, "b")
    projects.pod_ids(PROJECT)
    projects.projects_in("a")


def use_locations(stores):
    for _ in range(2):
        stores.locations.remember(Location("server", PROJECT, "a", NOW, pod_request_id="req-pod"))
    stores.locations.end("server", NOW)
    stores.locations.get("server")
    stores.locations.of_project(PROJECT, "a")
    assert stores.locations.of_pod_request("req-pod")
    stores.locations.of_pod("a")


def use_intents(stores):
    """Use intents as a create does, whose binding is new or kept."""
    change = change_of(None, a_binding("i", az_name="az9"))
    stores.bindings.commit(change, also=[stores.intents.write(an_intent())])
    stores.intents.get(an_intent().slot)
    done = replace(an_intent(), generation=1).done(("new",), None)
    stores.intents.put(done, [stores.locations.addition(Location("new", PROJECT, "a", NOW))])


def use_decisions(stores):
    stores.decisions.save(decide(snapshot_of([a_pod()]), a_spec(), SPREAD, "decision-1"))
    stores.decisions.get("decision-1")
    assert stores.decisions.list(PROJECT)
    assert stores.decisions.list()
    stores.decisions.of_request("req-1")


def use_rates(stores):
    stores.rates.report("p#requests#1", "process-1", 5, NOW)


def use_unfinished(stores):
    stores.unfinished.put(UnfinishedWrite("call-1", "flavor 1", "DELETE /flavors/1", NOW, "req-1", "user-1"))
    stores.unfinished.list()
    stores.unfinished.forget("call-1")


def use_profiles(stores):
    stores.profiles.put(ProfileVersion("default", 1, {}))
    stores.profiles.get("az1")
    stores.profiles.history("default")
    stores.profiles.list()


def use_troubles(stores):
    troubles = Troubles(stores.troubles, stores.clock)
    troubles.open_circuits([])
    for _ in range(2):
        troubles.call_failed("a")


def use_jobs(stores):
    stores.jobs.create(a_job())
    stores.jobs.update(stores.jobs.get("job-1"))
    stores.jobs.list()
    stores.jobs.steps("job-1")
    stores.jobs.steps_about("job-1", [a_binding().key])
    stores.bindings.in_pod("a", "", 1)


def use_keypairs(stores):
    stores.keypairs.put(Keypair("user-1", "key", NOW))
    stores.keypairs.get("user-1", "key")
    stores.keypairs.of_user("user-1")
    stores.keypairs.adopted("user-1", ["a"])
    stores.keypairs.adopted_from("user-1")


@pytest.fixture
def refresh(recorded, stores):
    """A refresh whose calls are recorded; other functions registered pods, and made a server that failed."""
    for pod_id in ("a", "b"):
        stores.pods.create(a_pod(pod_id))
    stores.claims.claim(a_claim("a", Amounts(vcpus=1)), Amounts())
    stores.locations.remember(Location("server", PROJECT, "a", NOW, share=Share("a", "t1", 0)))
    Troubles(stores.troubles, stores.clock).call_failed("a")
    failed = Sighting("server", Stage.FREED, found_no_host=True)
    stores.intents.put(an_intent("f" * 40, pod_id="a").failed())
    stray = FoundServer("stray", PROJECT, "vm", NOW, marker=Marker("f" * 40, 1))
    pages = {"": [FoundServer("found", "another", "vm", NOW), stray]}
    servers = SimpleNamespace(
        changed_since=lambda pod, since: [failed], page=lambda pod, since, after: pages.get(after, [])
    )
    return wiring.build_services(replace(recorded.stores, servers=servers), Settings()).capacity_refresh


def lose_balance(database, pod_id):
    """Leave a pod without a balance, as one is that is older than balances."""
    database.table(ClaimItem)(pod_id).delete()


def give_quotas(recorded, stores):
    """Give an admin's limits to pods that are proven and take them."""
    stores.quotas.put(QuotaSet(Holder(PROJECT)).written({"cores": 8}))
    taken = SimpleNamespace(send=lambda pod, request: PodReply(200, {}, b"{}"))
    wiring.build_services(replace(recorded.stores, client=taken), Settings()).quota_net.spread()


def reconcile(recorded, stores):
    """Conclude creates and look after strays, in pods that list some of the servers."""
    ids = {letter: letter * 40 for letter in "123"}
    for intent_id in ids.values():
        stores.intents.put(an_intent(intent_id, pod_id="a", decision_id="t1", settle_at=NOW))
    stores.intents.put(replace(stores.intents.get(ids["3"][:32]), absent_at=NOW))
    stores.strays.put(Stray("old", "no-more", PROJECT, "vm", NOW, NOW, "trio2o:abc:1"))
    mine = FoundServer("lost", PROJECT, "vm", NOW)
    servers = SimpleNamespace(
        marked=lambda pod, marker, project_id, since: [mine] if marker.intent_id == ids["1"] else [],
        page=lambda pod, since, after: [],
    )
    told = {"services": [{"status": "enabled"}]}
    client = SimpleNamespace(send=lambda pod, request: PodReply(200, {}, json.dumps(told).encode()))
    outside = replace(recorded.stores, servers=servers, client=client)
    assert wiring.build_services(outside, Settings()).reconciling.run() == Reconciled(2, strays=1)


def test_the_refresh_may_read_pods_and_write_reports(recorded, refresh, database, stores):
    with recorded.services.lease.taken():
        refresh.refresh_all()
        lose_balance(database, "a")
        refresh.refresh_all()
        give_quotas(recorded, stores)
        reconcile(recorded, stores)

    assert recorded.needs == allowed("refresh")


def test_an_errand_may_refresh_one_pod(recorded, refresh, database):
    lose_balance(database, "a")
    for pod_id in ("a", "a", "b"):
        refresh.refresh(pod_id)

    assert recorded.needs == allowed("errand")


@pytest.fixture
def slices(recorded, stores):
    """Slices whose calls are recorded, and a pod with three projects, of which one fits nowhere else."""
    for pod_id in ("a", "b"):
        stores.pods.create(a_pod(pod_id, state=PodState.DRAINING if pod_id == "a" else PodState.ENABLED))
        stores.capacities.save(pod_id, CapacityReport(a_capacity(), {"m1.small": a_flavor()}))
    for project_id, zone in (("p1", "az1"), ("p2", "az1"), ("p3", "az9")):
        stores.bindings.commit(change_of(None, a_binding("a", zone, project_id=project_id)))
    stores.decisions.save(decide(snapshot_of([a_pod()]), a_spec(project_id="p1"), SPREAD, "decision-1"))
    return recorded.services.slices


def test_a_slice_may_move_bindings_there_and_back_and_no_more(recorded, slices, stores):
    stores.jobs.create(a_job(pod_id="a", pod_name="A"))
    slices.run("job-1", 1)
    outcomes = [step.outcome.value for step in stores.jobs.steps("job-1")]
    moved = stores.bindings.get(a_binding(project_id="p1").key)
    stores.bindings.commit(change_of(moved, moved.moved("b", NOW, "by hand"), request_id="req-9"))
    with suppress(BindingConflict):
        recorded.stores.bindings.commit(change_of(moved, moved.moved("a", NOW, "late"), request_id="req-8"))
    job = stores.jobs.update(stores.jobs.get("job-1").restarted(NOW, undoing=True))
    slices.run("job-1", job.turn)

    assert outcomes == ["moved", "moved", "left"]
    assert [step.outcome.value for step in stores.jobs.steps("job-1")] == ["kept", "returned", "left"]
    assert recorded.needs == allowed("jobs")


def test_the_clock_may_look_for_jobs_and_no_more(recorded, slices):
    slices.wake()

    assert recorded.needs == allowed("wake")


def test_the_clean_up_of_keypairs_may_do_that_and_no_more(recorded, stores):
    stores.pods.create(a_pod("a"))
    stores.capacities.save("a", CapacityReport(a_capacity(), {"m1.small": a_flavor()}))
    left = frozenset({"a", "no-more"})
    stores.keypairs.put(Keypair("user-1", "key", NOW, unsure_in=left, clean_at=NOW))
    nothing = SimpleNamespace(send=lambda pod, request: PodReply(404, {}, b'{"itemNotFound": {}}'))
    cleaning = wiring.build_services(replace(recorded.stores, client=nothing), Settings()).keypair_clean_up

    assert cleaning.run() == CleanedUp(1, 0)
    assert recorded.needs == allowed("keypairs")


def test_only_who_starts_or_runs_jobs_may_use_their_queue():
    used = {p: {a for s in statements(p) for a in s["Action"] if a.startswith("sqs:")} for p in POLICIES}

    send = {"sqs:SendMessage"}
    receive = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    assert used == {
        "api": send,
        "refresh": set(),
        "errand": set(),
        "jobs": send | receive,
        "wake": send,
        "keypairs": set(),
    }
    for policy in POLICIES:
        for statement in statements(policy):
            if statement["Action"][0].startswith("sqs:"):
                assert statement["Resource"] == [{"Fn::GetAtt": ["JobQueue", "Arn"]}]


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_is_allowed_on_everything(policy):
    for statement in statements(policy):
        assert not any("*" in action for action in statement["Action"])
        for resource in statement["Resource"]:
            wild = "*" in json.dumps(resource)
            assert not wild or statement["Action"] == ["secretsmanager:GetSecretValue"], resource


@pytest.mark.parametrize(
    ("policy", "family"),
    [
        ("api", "-projects"),
        ("refresh", ""),
        ("errand", ""),
        ("jobs", None),
        ("wake", None),
        ("keypairs", ""),
    ],
)
def test_the_api_reads_projects_credentials_and_background_functions_those_of_pods(policy, family):
    secrets = [s for s in statements(policy) if any("secretsmanager" in a for a in s["Action"])]

    assert bool(secrets) is (family is not None)
    for statement in secrets:
        ((name,),) = (resource.values() for resource in statement["Resource"])
        assert name.endswith(f":secret:${{TablePrefix}}{family}/*"), "of this stage, and of no other"


@pytest.mark.parametrize(
    ("policy", "function"),
    [
        ("api", "APIHandler"),
        ("refresh", "RefreshCapacity"),
        ("errand", "PodErrand"),
        ("jobs", "RunJobs"),
        ("wake", "WakeJobs"),
        ("keypairs", "CleanKeypairs"),
    ],
)
def test_a_function_writes_its_own_log_and_no_other(policy, function):
    (logs,) = [s for s in statements(policy) if any(a.startswith("logs:") for a in s["Action"])]

    assert logs["Resource"] == [{"Fn::GetAtt": [f"{function}Logs", "Arn"]}]
    assert logs["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


def test_each_function_has_a_policy_a_memory_and_a_time_of_its_own():
    config = json.loads((CHALICE / "config.json").read_text())
    functions = config["lambda_functions"]

    assert config["autogen_policy"] is False
    assert config["api_gateway_endpoint_type"] == "REGIONAL"
    assert {f["iam_policy_file"] for f in functions.values()} == {f"policy-{p}.json" for p in POLICIES}
    assert functions["api_handler"]["lambda_timeout"] < 29, "API Gateway hangs up after 29 s"
    assert functions["refresh_capacity"]["lambda_timeout"] < 60, "the next tick comes after a minute"
    assert functions["refresh_capacity"]["lambda_timeout"] <= LEASE_SECONDS, (
        "its lease isn't over before it is"
    )
    assert not any("reserved_concurrency" in f for f in functions.values()), "a new account can't reserve"
    assert functions["run_jobs"]["lambda_timeout"] == RUN_SECONDS, "a message is hidden for six times that"
    assert RUN_SECONDS <= JOB_LEASE_SECONDS <= HIDDEN_SECONDS, "who is given a failed slice may begin it"
    assert all(f["lambda_memory_size"] >= 512 for f in functions.values())
