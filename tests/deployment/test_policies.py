"""Each function's role: enough for all that its stores do, and nothing more."""

import json
from contextlib import suppress
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import pytest

from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.adapters.dynamodb.capacity_store import DynamoCapacityStore
from chalicelib.adapters.dynamodb.claim_items import ClaimItem
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.decision_store import DynamoDecisionStore
from chalicelib.adapters.dynamodb.job_store import DynamoJobStore
from chalicelib.adapters.dynamodb.location_store import DynamoLocationStore
from chalicelib.adapters.dynamodb.pod_store import DynamoPodStore
from chalicelib.adapters.dynamodb.profile_store import DynamoProfileStore
from chalicelib.adapters.dynamodb.project_store import DynamoProjectStore
from chalicelib.adapters.dynamodb.snapshot_store import DynamoSnapshotStore
from chalicelib.adapters.dynamodb.trouble_store import DynamoTroubleStore
from chalicelib.adapters.memory.job_queue import MemoryJobQueue
from chalicelib.model.binding import change_of
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.errors import BindingConflict, PodUnreachable
from chalicelib.model.listing import BindingQuery
from chalicelib.model.location import Location
from chalicelib.model.pod import PodState
from chalicelib.model.resources import Amounts
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.scheduler.profile_version import ProfileVersion
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.observing.capacity import CapacityRefresh
from chalicelib.service.observing.settling import Settling
from chalicelib.service.observing.snapshots import Snapshots
from chalicelib.service.operating.drains import Draining
from chalicelib.service.operating.jobs import Jobs
from deployment.queues import RUN_SECONDS
from tests.builders import NOW, PROJECT, a_binding, a_capacity, a_flavor, a_job, a_pod, a_spec
from tests.deployment.permissions import CHALICE, Recorder, allowed, statements

POLICIES = ("api", "refresh", "errand", "jobs", "wake")


@pytest.fixture
def recorded(database, embedded_dynamo):
    """The test's tables over a client of its own, that is listened to."""
    own = Database(database.prefix, PatientConnection("us-east-1", embedded_dynamo))
    return own, Recorder(own.connection.client, own.prefix)


def now():
    return NOW


def test_the_api_may_do_what_requests_do_and_no_more(recorded, database):
    DynamoCapacityStore(database).save("a", CapacityReport(a_capacity(), {"m1.small": a_flavor()}))
    database, recorder = recorded
    things = (use_claims, use_snapshots, use_bindings, use_locations, use_decisions, use_profiles)
    for use in (use_pods, *things, use_troubles, use_jobs):
        use(database)

    assert recorder.needs == allowed("api")


def use_pods(database):
    capacities = DynamoCapacityStore(database)
    pods = DynamoPodStore(database, capacities)
    pods.create(a_pod("a"))
    pod = pods.get("a")
    renamed = pods.update(pod, replace(pod, pod_name="Other"))
    assert pods.list()
    capacities.get("a")
    pods.delete(renamed)
    capacities.delete("a")


def use_claims(database):
    claims = DynamoClaimStore(database)
    pods = DynamoPodStore(database)
    pods.create(a_pod("c"))
    claims.release(claims.claim("c", Amounts(vcpus=1), Amounts(vcpus=1), NOW))
    claims.read("c")
    claims.open(pods.get("c"))


def use_snapshots(database):
    """As an operator's write and a create do, with one too large for an item."""
    store = DynamoSnapshotStore(database, now, part_bytes=100)
    snapshots = Snapshots(store, DynamoPodStore(database), now)
    for _ in range(2):
        snapshots.rebuild()
        assert snapshots.current().version


def use_bindings(database):
    bindings, projects = DynamoBindingStore(database), DynamoProjectStore(database)
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


def use_locations(database):
    locations = DynamoLocationStore(database, now)
    for _ in range(2):
        locations.remember(Location("server", PROJECT, "a", NOW))
    locations.end("server", NOW)
    locations.get("server")
    locations.of_project(PROJECT, "a")
    locations.of_pod("a")


def use_decisions(database):
    decisions = DynamoDecisionStore(database, now)
    decisions.save(decide([a_pod()], a_spec(), SPREAD, "decision-1"))
    decisions.get("decision-1")
    assert decisions.list(PROJECT)
    assert decisions.list()
    decisions.of_request("req-1")


def use_profiles(database):
    profiles = DynamoProfileStore(database)
    profiles.put(ProfileVersion("default", 1, {}))
    profiles.get("az1")
    profiles.history("default")
    profiles.list()


def use_troubles(database):
    troubles = Troubles(DynamoTroubleStore(database, now), now)
    troubles.open_circuits([])
    for _ in range(2):
        troubles.call_failed("a")


def use_jobs(database):
    jobs = DynamoJobStore(database)
    jobs.create(a_job())
    jobs.update(jobs.get("job-1"))
    jobs.list()
    jobs.steps("job-1")


class Reader:
    """Two pods, of which one is out of reach; the other has a flavor and hosts."""

    def read(self, pod):
        if pod.pod_id == "b":
            raise PodUnreachable("b", "timed out", sent=False)
        return CapacityReport(a_capacity(), {"m1.small": a_flavor()})


@pytest.fixture
def refresh(recorded, database):
    """A refresh over the listened tables, with pods that others registered before."""
    for pod_id in ("a", "b"):
        DynamoPodStore(database, DynamoCapacityStore(database)).create(a_pod(pod_id))
    Troubles(DynamoTroubleStore(database, now), now).call_failed("a")
    troubles = Troubles(DynamoTroubleStore(recorded[0], now), now)
    capacities = DynamoCapacityStore(recorded[0])
    pods = DynamoPodStore(recorded[0], capacities)
    settling = Settling(DynamoClaimStore(recorded[0]), pods)
    store = DynamoSnapshotStore(recorded[0], now, part_bytes=100)
    publish = Snapshots(store, pods, now).rebuild
    answered = troubles.answered
    return CapacityRefresh(pods, capacities, Reader(), now, settling, answered=answered, publish=publish)


def lose_balance(database, pod_id):
    """As in a pod that is older than balances."""
    database.table(ClaimItem)(pod_id).delete()


def test_the_refresh_may_read_pods_and_write_reports(recorded, refresh, database):
    refresh.refresh_all()
    lose_balance(database, "a")
    refresh.refresh_all()
    locations = DynamoLocationStore(recorded[0], now)
    locations.created_since("a", NOW, 10)
    locations.build_failed("server", NOW)

    assert recorded[1].needs == allowed("refresh")


def test_an_errand_may_refresh_one_pod(recorded, refresh, database):
    lose_balance(database, "a")
    for pod_id in ("a", "a", "b"):
        refresh.refresh(pod_id)

    assert recorded[1].needs == allowed("errand")


@pytest.fixture
def jobs(recorded, database):
    """Jobs over the listened tables: a pod with three projects, of which one fits nowhere else."""
    capacities = DynamoCapacityStore(database)
    pods = DynamoPodStore(database, capacities)
    for pod_id in ("a", "b"):
        pods.create(a_pod(pod_id, state=PodState.DRAINING if pod_id == "a" else PodState.ENABLED))
        capacities.save(pod_id, CapacityReport(a_capacity(), {"m1.small": a_flavor()}))
    for project_id, zone in (("p1", "az1"), ("p2", "az1"), ("p3", "az9")):
        DynamoBindingStore(database).commit(change_of(None, a_binding("a", zone, project_id=project_id)))
    DynamoDecisionStore(database, now).save(decide([a_pod()], a_spec(project_id="p1"), SPREAD, "decision-1"))
    return jobs_over(recorded[0])


def jobs_over(database):
    pods = DynamoPodStore(database, DynamoCapacityStore(database))
    fresh = count(1)
    bindings, store = DynamoBindingStore(database), DynamoJobStore(database)
    draining = Draining(
        pods=pods,
        bindings=bindings,
        projects=DynamoProjectStore(database),
        profiles=DynamoProfileStore(database),
        decisions=DynamoDecisionStore(database, now),
        jobs=store,
        troubles=Troubles(DynamoTroubleStore(database, now), now),
        clock=now,
        ids=lambda: f"id-{next(fresh)}",
    )
    readers = SimpleNamespace(get=pods.get)
    return Jobs(store, MemoryJobQueue(), draining, readers, bindings, now, lambda: "job-1")


def test_a_slice_may_move_bindings_there_and_back_and_no_more(recorded, jobs, database):
    DynamoJobStore(database).create(a_job(pod_id="a", pod_name="A"))
    rival = DynamoBindingStore(database)
    jobs.run("job-1", 1)
    outcomes = [step.outcome.value for step in jobs.store.steps("job-1")]
    moved = rival.get(a_binding(project_id="p1").key)
    rival.commit(change_of(moved, moved.moved("b", NOW, "by hand"), request_id="req-9"))
    with suppress(BindingConflict):
        jobs.bindings.commit(change_of(moved, moved.moved("a", NOW, "late"), request_id="req-8"))
    job = DynamoJobStore(database).update(jobs.store.get("job-1").restarted(NOW, undoing=True))
    jobs.run("job-1", job.turn)

    assert outcomes == ["moved", "moved", "left"]
    assert [step.outcome.value for step in jobs.store.steps("job-1")] == ["kept", "returned", "left"]
    assert recorded[1].needs == allowed("jobs")


def test_the_clock_may_look_for_jobs_and_no_more(recorded, jobs):
    jobs.wake()

    assert recorded[1].needs == allowed("wake")


def test_only_who_starts_or_runs_jobs_may_use_their_queue():
    used = {p: {a for s in statements(p) for a in s["Action"] if a.startswith("sqs:")} for p in POLICIES}

    send = {"sqs:SendMessage"}
    receive = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    assert used == {"api": send, "refresh": set(), "errand": set(), "jobs": send | receive, "wake": send}
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
    ("policy", "reads"),
    [("api", False), ("refresh", True), ("errand", True), ("jobs", False), ("wake", False)],
)
def test_credentials_are_read_by_background_functions_and_never_by_the_api(policy, reads):
    secrets = [s for s in statements(policy) if any("secretsmanager" in a for a in s["Action"])]

    assert bool(secrets) is reads
    for statement in secrets:
        ((name,),) = (resource.values() for resource in statement["Resource"])
        assert name.endswith(":secret:trio2o/*")


@pytest.mark.parametrize(
    ("policy", "function"),
    [
        ("api", "APIHandler"),
        ("refresh", "RefreshCapacity"),
        ("errand", "PodErrand"),
        ("jobs", "RunJobs"),
        ("wake", "WakeJobs"),
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
    assert functions["refresh_capacity"]["reserved_concurrency"] == 1
    assert functions["run_jobs"]["lambda_timeout"] == RUN_SECONDS, "a message is hidden for six times that"
    assert all(f["lambda_memory_size"] >= 512 for f in functions.values())
