"""Adapters: the outside world as the services see it, of a deployment or in memory."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.adapters.aws_lambda.errands import Errands
from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.adapters.dynamodb.capacity_store import DynamoCapacityStore
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.decision_store import DynamoDecisionStore
from chalicelib.adapters.dynamodb.intent_store import DynamoIntentStore
from chalicelib.adapters.dynamodb.job_store import DynamoJobStore
from chalicelib.adapters.dynamodb.keypair_store import DynamoKeypairStore
from chalicelib.adapters.dynamodb.lease_store import DynamoLeaseStore
from chalicelib.adapters.dynamodb.location_store import DynamoLocationStore
from chalicelib.adapters.dynamodb.pod_number_store import DynamoPodNumberStore
from chalicelib.adapters.dynamodb.pod_store import DynamoPodStore
from chalicelib.adapters.dynamodb.profile_store import DynamoProfileStore
from chalicelib.adapters.dynamodb.project_store import DynamoProjectStore
from chalicelib.adapters.dynamodb.quota_store import DynamoQuotaStore
from chalicelib.adapters.dynamodb.rate_store import DynamoRateStore
from chalicelib.adapters.dynamodb.snapshot_store import DynamoSnapshotStore
from chalicelib.adapters.dynamodb.stray_store import DynamoStrayStore
from chalicelib.adapters.dynamodb.trouble_store import DynamoTroubleStore
from chalicelib.adapters.dynamodb.unfinished_store import DynamoUnfinishedStore
from chalicelib.adapters.dynamodb.usage_store import DynamoUsageStore
from chalicelib.adapters.keystone.tokens import KeystoneTokenValidator
from chalicelib.adapters.openstack.capacity_reader import OpenStackCapacityReader
from chalicelib.adapters.openstack.client import OpenStackPodClient
from chalicelib.adapters.openstack.credentials import PROJECTS, Credentials, ProjectLogins
from chalicelib.adapters.openstack.directory import KeystoneDirectory
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.flavor_lookup import OpenStackFlavorLookup
from chalicelib.adapters.openstack.public_keys import fingerprint_of
from chalicelib.adapters.openstack.resource_lookup import OpenStackResourceLookup
from chalicelib.adapters.openstack.secrets import AwsSecrets
from chalicelib.adapters.openstack.server_reader import OpenStackServerReader
from chalicelib.adapters.openstack.wire import Wire
from chalicelib.adapters.sqs.job_queue import SqsJobQueue
from chalicelib.model.pod import Pod
from chalicelib.service.ports import (
    BindingStore,
    CapacityReader,
    CapacityStore,
    ClaimStore,
    Clock,
    DecisionStore,
    EndpointPolicy,
    Fingerprint,
    FlavorLookup,
    Ids,
    IntentStore,
    JobQueue,
    JobStore,
    KeypairStore,
    LeaseStore,
    LocationStore,
    Pause,
    PodClient,
    PodDirectory,
    PodNumberStore,
    PodRefresh,
    PodStore,
    ProfileStore,
    ProjectDirectory,
    ProjectStore,
    QuotaStore,
    RateStore,
    ResourceLookup,
    ServerReader,
    SnapshotStore,
    StrayStore,
    TokenValidator,
    TroubleStore,
    UnfinishedStore,
    UsageStore,
)
from chalicelib.settings import Settings


def now() -> datetime:
    """The time, aware UTC."""
    return datetime.now(UTC)


def fresh_id() -> str:
    """A random UUID in its dashed form."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Adapters:
    """The outside world, as the services see it; tests bring their own."""

    pods: PodStore
    numbers: PodNumberStore
    snapshots: SnapshotStore
    leases: LeaseStore
    capacities: CapacityStore
    troubles: TroubleStore
    claims: ClaimStore
    bindings: BindingStore
    projects: ProjectStore
    intents: IntentStore
    strays: StrayStore
    locations: LocationStore
    decisions: DecisionStore
    unfinished: UnfinishedStore
    rates: RateStore
    profiles: ProfileStore
    jobs: JobStore
    quotas: QuotaStore
    usages: UsageStore
    keypairs: KeypairStore
    queue: JobQueue
    tokens: TokenValidator
    client: PodClient
    reader: CapacityReader
    servers: ServerReader
    directory: PodDirectory
    projects_inside: ProjectDirectory
    policy: EndpointPolicy
    flavors: FlavorLookup
    resources: ResourceLookup
    fingerprint: Fingerprint
    clock: Clock
    ids: Ids
    remote_refresh: PodRefresh | None = None
    pause: Pause = time.sleep


def in_deployment(database: Database, chosen: Settings, clock: Clock = now) -> Adapters:
    """The adapters of a deployment: DynamoDB, SQS, Keystone and the pods themselves."""
    secrets = AwsSecrets(chosen.aws_region, url=chosen.dynamodb_url)  # one emulator has both
    outside = _Outside.of(chosen, clock, secrets)
    capacities = DynamoCapacityStore(database)
    # The API's role can't read credentials: it sends an errand for what needs one.
    errands = (
        Errands(
            chosen.errand_function,
            chosen.aws_region,
            outside.directory.microversions,
            outside.directory.endpoints_by_token,
        )
        if chosen.errand_function
        else None
    )
    return Adapters(
        pods=DynamoPodStore(database, capacities),
        numbers=DynamoPodNumberStore(database),
        snapshots=DynamoSnapshotStore(database, clock),
        leases=DynamoLeaseStore(database),
        capacities=capacities,
        troubles=DynamoTroubleStore(database, clock),
        claims=DynamoClaimStore(database),
        bindings=DynamoBindingStore(database),
        projects=DynamoProjectStore(database),
        intents=DynamoIntentStore(database, clock, chosen.intent_ttl_days),
        strays=DynamoStrayStore(database),
        locations=DynamoLocationStore(database, clock, chosen.location_ttl_days),
        decisions=DynamoDecisionStore(database, clock, chosen.decision_ttl_days),
        unfinished=DynamoUnfinishedStore(database),
        rates=DynamoRateStore(database),
        profiles=DynamoProfileStore(database),
        jobs=DynamoJobStore(database),
        quotas=DynamoQuotaStore(database),
        usages=DynamoUsageStore(database),
        keypairs=DynamoKeypairStore(database, clock),
        queue=SqsJobQueue(chosen.job_queue_url, chosen.aws_region, local=bool(chosen.dynamodb_url)),
        tokens=outside.tokens,
        client=outside.client,
        reader=outside.reader,
        servers=OpenStackServerReader(outside.client),
        directory=errands or outside.directory,
        projects_inside=outside.projects_inside,
        policy=outside.rules,
        flavors=OpenStackFlavorLookup(outside.client),
        resources=OpenStackResourceLookup(outside.client),
        fingerprint=fingerprint_of,
        clock=clock,
        ids=fresh_id,
        remote_refresh=errands,
    )


def in_memory(
    chosen: Settings = Settings(), clock: Clock = now, ids: Ids = fresh_id, pods: Iterable[Pod] = ()
) -> Adapters:
    """Memory stores that hold ``pods``, and Keystone and the pods as in a deployment.

    For tests and simulations, which replace what they want to script: ``replace(in_memory(), client=...)``.
    No connection is opened and nothing is asked until a service does.
    """
    from chalicelib.adapters import memory  # never loaded in a deployment

    outside = _Outside.of(chosen, clock, None)
    capacities, claims = memory.MemoryCapacityStore(), memory.MemoryClaimStore()
    return Adapters(
        pods=memory.MemoryPodStore(pods, capacities, claims),
        numbers=memory.MemoryPodNumberStore(),
        snapshots=memory.MemorySnapshotStore(),
        leases=memory.MemoryLeaseStore(),
        capacities=capacities,
        troubles=memory.MemoryTroubleStore(),
        claims=claims,
        bindings=memory.MemoryBindingStore(),
        projects=memory.MemoryProjectStore(),
        intents=memory.MemoryIntentStore(clock, chosen.intent_ttl_days),
        strays=memory.MemoryStrayStore(),
        locations=memory.MemoryLocationStore(clock, chosen.location_ttl_days),
        decisions=memory.MemoryDecisionStore(clock, chosen.decision_ttl_days),
        unfinished=memory.MemoryUnfinishedStore(),
        rates=memory.MemoryRateStore(),
        profiles=memory.MemoryProfileStore(),
        jobs=memory.MemoryJobStore(),
        quotas=memory.MemoryQuotaStore(),
        usages=memory.MemoryUsageStore(),
        keypairs=memory.MemoryKeypairStore(),
        queue=memory.MemoryJobQueue(),
        tokens=outside.tokens,
        client=outside.client,
        reader=outside.reader,
        servers=OpenStackServerReader(outside.client),
        directory=outside.directory,
        projects_inside=outside.projects_inside,
        policy=outside.rules,
        flavors=OpenStackFlavorLookup(outside.client),
        resources=OpenStackResourceLookup(outside.client),
        fingerprint=fingerprint_of,
        clock=clock,
        ids=ids,
    )


@dataclass(frozen=True, slots=True)
class _Outside:
    """Keystone and the pods, over one connection pool."""

    rules: EndpointRules
    tokens: KeystoneTokenValidator
    client: OpenStackPodClient
    reader: OpenStackCapacityReader
    directory: KeystoneDirectory
    projects_inside: ProjectLogins

    @classmethod
    def of(cls, chosen: Settings, clock: Clock, secrets: AwsSecrets | None) -> _Outside:
        rules = EndpointRules(chosen.allow_http, chosen.allow_private)
        wire = Wire(rules, chosen.connect_timeout_seconds, chosen.ca_bundle)
        credentials = Credentials(chosen, wire.session, secrets)
        of_projects = Credentials(chosen, wire.session, secrets, family=PROJECTS)
        client = OpenStackPodClient(wire, rules, credentials, of_projects)
        return cls(
            rules,
            KeystoneTokenValidator(
                wire, chosen.auth_url, clock, chosen.token_cache_seconds, chosen.token_cache_size
            ),
            client,
            OpenStackCapacityReader(client, clock, chosen.refresh_deadline_seconds),
            KeystoneDirectory(credentials, client, wire, chosen.auth_url, chosen.interface),
            ProjectLogins(of_projects),
        )
