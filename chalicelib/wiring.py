"""Wiring: the one place where services meet their adapters."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Lock

from chalicelib import settings as environment
from chalicelib.adapters.aws_lambda.errands import Errands
from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.adapters.dynamodb.capacity_store import DynamoCapacityStore
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.connection import Database, shared_database
from chalicelib.adapters.dynamodb.decision_store import DynamoDecisionStore
from chalicelib.adapters.dynamodb.job_store import DynamoJobStore
from chalicelib.adapters.dynamodb.location_store import DynamoLocationStore
from chalicelib.adapters.dynamodb.pod_store import DynamoPodStore
from chalicelib.adapters.dynamodb.profile_store import DynamoProfileStore
from chalicelib.adapters.dynamodb.project_store import DynamoProjectStore
from chalicelib.adapters.dynamodb.snapshot_store import DynamoSnapshotStore
from chalicelib.adapters.dynamodb.trouble_store import DynamoTroubleStore
from chalicelib.adapters.keystone.tokens import KeystoneTokenValidator
from chalicelib.adapters.openstack.capacity_reader import OpenStackCapacityReader
from chalicelib.adapters.openstack.client import OpenStackPodClient
from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.directory import KeystoneDirectory, open_versions
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.flavor_lookup import OpenStackFlavorLookup
from chalicelib.adapters.openstack.resource_lookup import OpenStackResourceLookup
from chalicelib.adapters.openstack.secrets import AwsSecrets
from chalicelib.adapters.openstack.wire import Wire
from chalicelib.adapters.sqs.job_queue import SqsJobQueue
from chalicelib.model.deadline import Deadline
from chalicelib.model.trouble import Breaker
from chalicelib.service.access import Access
from chalicelib.service.binding import Binder
from chalicelib.service.capacity import CapacityRefresh
from chalicelib.service.catalog import Catalog
from chalicelib.service.claiming import Claiming
from chalicelib.service.decisions import Decisions
from chalicelib.service.draining import Draining
from chalicelib.service.explaining import Explaining
from chalicelib.service.fan_out import FanOut
from chalicelib.service.flavors import Flavors
from chalicelib.service.follow_up import FollowUp
from chalicelib.service.health import Health
from chalicelib.service.jobs import Jobs
from chalicelib.service.listing import Listing
from chalicelib.service.locality import Locality
from chalicelib.service.locating import Locating
from chalicelib.service.pod_proof import PodProof
from chalicelib.service.pod_references import PodReferences
from chalicelib.service.pods import Pods
from chalicelib.service.ports import (
    BindingStore,
    CapacityReader,
    CapacityStore,
    ClaimStore,
    Clock,
    DecisionStore,
    EndpointPolicy,
    FlavorLookup,
    Ids,
    JobQueue,
    JobStore,
    LocationStore,
    PodClient,
    PodDirectory,
    PodRefresh,
    PodStore,
    ProfileStore,
    ProjectStore,
    ResourceLookup,
    SnapshotStore,
    TokenValidator,
    TroubleStore,
)
from chalicelib.service.profile_cache import ProfileCache
from chalicelib.service.profiles import Profiles
from chalicelib.service.rebinding import Rebinding
from chalicelib.service.rehearsal import Rehearsal
from chalicelib.service.remembering import Remembering
from chalicelib.service.roster import Roster
from chalicelib.service.servers import Servers
from chalicelib.service.settling import Settling
from chalicelib.service.snapshots import PublishedPods, Snapshots
from chalicelib.service.troubles import Troubles
from chalicelib.service.watched_client import WatchedClient
from chalicelib.settings import Settings


@dataclass(frozen=True, slots=True)
class Adapters:
    """The outside world, as the services see it; tests bring their own."""

    pods: PodStore
    snapshots: SnapshotStore
    capacities: CapacityStore
    troubles: TroubleStore
    claims: ClaimStore
    bindings: BindingStore
    projects: ProjectStore
    locations: LocationStore
    decisions: DecisionStore
    profiles: ProfileStore
    jobs: JobStore
    queue: JobQueue
    tokens: TokenValidator
    client: PodClient
    reader: CapacityReader
    directory: PodDirectory
    policy: EndpointPolicy
    flavors: FlavorLookup
    resources: ResourceLookup
    clock: Clock
    ids: Ids
    elsewhere: PodRefresh | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """What views and events ask."""

    access: Access
    servers: Servers
    listing: Listing
    locating: Locating
    catalog: Catalog
    pods: Pods
    rebinding: Rebinding
    decisions: Decisions
    explaining: Explaining
    profiles: Profiles
    rehearsal: Rehearsal
    health: Health
    jobs: Jobs
    capacity_refresh: CapacityRefresh
    pod_refresh: PodRefresh
    follow_up: FollowUp


@dataclass(frozen=True, slots=True)
class _Shared:
    """What several services use, and must be one of: caches, threads, the watched client."""

    fan_out: FanOut
    troubles: Troubles
    client: WatchedClient
    snapshots: Snapshots
    roster: Roster
    pods: PublishedPods
    in_force: ProfileCache
    locating: Locating


def build(outside: Adapters, chosen: Settings) -> Services:
    """The services on the given adapters."""
    shared = _shared(outside, chosen)
    pods = _pods(outside, shared)
    profiles = Profiles(outside.profiles, shared.pods, outside.clock, changed=shared.in_force.forget)
    capacity_refresh = _capacity_refresh(outside, chosen, shared)
    return Services(
        access=Access(outside.tokens),
        servers=_servers(outside, chosen, shared),
        listing=_listing(outside, chosen, shared),
        locating=shared.locating,
        catalog=Catalog(shared.roster, shared.client, shared.fan_out, chosen.list_timeout_seconds),
        pods=pods,
        rebinding=Rebinding(outside.bindings, shared.pods, outside.projects, outside.clock),
        decisions=_decisions(outside, chosen, shared),
        explaining=Explaining(outside.decisions, outside.locations, shared.locating),
        profiles=profiles,
        rehearsal=Rehearsal(outside.decisions, outside.profiles, profiles, shared.pods),
        health=Health(shared.pods, shared.troubles, outside.clock),
        jobs=_jobs(outside, shared, pods),
        capacity_refresh=capacity_refresh,
        pod_refresh=outside.elsewhere or capacity_refresh,
        follow_up=_follow_up(outside, chosen, shared),
    )


def _shared(outside: Adapters, chosen: Settings) -> _Shared:
    fan_out = FanOut(chosen.fan_out_workers)
    troubles = Troubles(
        outside.troubles,
        outside.clock,
        Breaker(chosen.breaker_failures, chosen.breaker_window_seconds, chosen.breaker_open_seconds),
        chosen.build_failure_half_life_seconds,
        chosen.trouble_cache_seconds,
    )
    client = WatchedClient(outside.client, troubles)
    snapshots = Snapshots(outside.snapshots, outside.pods, outside.clock, chosen.snapshot_cache_seconds)
    roster = Roster(outside.pods, outside.clock, chosen.roster_cache_seconds)
    locating = Locating(
        roster=roster,
        locations=outside.locations,
        projects=outside.projects,
        client=client,
        fan_out=fan_out,
        clock=outside.clock,
        search_seconds=chosen.search_timeout_seconds,
    )
    return _Shared(
        fan_out=fan_out,
        troubles=troubles,
        client=client,
        snapshots=snapshots,
        roster=roster,
        pods=PublishedPods(outside.pods, snapshots, changed=roster.forget),
        in_force=ProfileCache(outside.profiles, outside.clock, chosen.profile_cache_seconds),
        locating=locating,
    )


def _servers(outside: Adapters, chosen: Settings, shared: _Shared) -> Servers:
    binder = Binder(
        pods=shared.pods,
        bindings=outside.bindings,
        projects=outside.projects,
        profiles=shared.in_force,
        decisions=outside.decisions,
        clock=outside.clock,
        ids=outside.ids,
        claims=outside.claims,
    )
    locality = Locality(
        lookup=outside.resources,
        fan_out=shared.fan_out,
        clock=outside.clock,
        deadline_seconds=chosen.search_timeout_seconds,
        stretched=frozenset(chosen.stretched_networks.lower().replace(",", " ").split()),
    )
    return Servers(
        snapshots=shared.snapshots,
        flavors=Flavors(outside.flavors, shared.fan_out, chosen.search_timeout_seconds),
        locality=locality,
        binder=binder,
        client=shared.client,
        remembering=Remembering(outside.locations, shared.client, outside.clock),
        troubles=shared.troubles,
        clock=outside.clock,
        default_az_name=chosen.default_az_name,
    )


def _listing(outside: Adapters, chosen: Settings, shared: _Shared) -> Listing:
    return Listing(
        roster=shared.roster,
        projects=outside.projects,
        locations=outside.locations,
        locating=shared.locating,
        client=shared.client,
        fan_out=shared.fan_out,
        deadline_seconds=chosen.list_timeout_seconds,
    )


def _pods(outside: Adapters, shared: _Shared) -> Pods:
    return Pods(
        store=shared.pods,
        capacities=outside.capacities,
        proof=PodProof(outside.directory, outside.policy),
        references=PodReferences(
            outside.bindings, outside.locations, outside.projects, outside.claims, outside.jobs
        ),
        clock=outside.clock,
        ids=outside.ids,
    )


def _decisions(outside: Adapters, chosen: Settings, shared: _Shared) -> Decisions:
    return Decisions(
        decisions=outside.decisions,
        pods=shared.pods,
        bindings=outside.bindings,
        profiles=outside.profiles,
        troubles=shared.troubles,
        clock=outside.clock,
        ids=outside.ids,
        default_az_name=chosen.default_az_name,
    )


def _jobs(outside: Adapters, shared: _Shared, pods: Pods) -> Jobs:
    draining = Draining(
        pods=shared.pods,
        bindings=outside.bindings,
        projects=outside.projects,
        profiles=outside.profiles,
        decisions=outside.decisions,
        jobs=outside.jobs,
        troubles=shared.troubles,
        clock=outside.clock,
        ids=outside.ids,
    )
    return Jobs(
        store=outside.jobs,
        queue=outside.queue,
        draining=draining,
        pods=pods,
        bindings=outside.bindings,
        clock=outside.clock,
        ids=outside.ids,
    )


def _capacity_refresh(outside: Adapters, chosen: Settings, shared: _Shared) -> CapacityRefresh:
    return CapacityRefresh(
        pods=shared.pods,
        capacities=outside.capacities,
        reader=outside.reader,
        clock=outside.clock,
        settling=Settling(outside.claims, shared.pods, chosen.claim_settle_seconds),
        deadline_seconds=chosen.refresh_deadline_seconds,
        workers=chosen.refresh_workers,
        answered=shared.troubles.answered,
        publish=shared.snapshots.rebuild,
    )


def _follow_up(outside: Adapters, chosen: Settings, shared: _Shared) -> FollowUp:
    return FollowUp(
        pods=shared.pods,
        locations=outside.locations,
        client=outside.client,
        troubles=shared.troubles,
        claiming=Claiming(outside.claims, shared.pods, outside.clock),
        fan_out=shared.fan_out,
        clock=outside.clock,
        window_seconds=chosen.follow_up_seconds,
    )


def on_dynamodb(database: Database, chosen: Settings) -> Adapters:
    """The adapters of a deployment: DynamoDB, Keystone and the pods themselves."""
    rules = EndpointRules(allow_http=chosen.allow_http)
    wire = Wire(rules, chosen.connect_timeout_seconds, chosen.ca_bundle)
    secrets = None if chosen.dynamodb_url else AwsSecrets(chosen.aws_region)
    credentials = Credentials(chosen, wire.session, secrets)
    client = OpenStackPodClient(wire, rules, credentials)
    capacities = DynamoCapacityStore(database)
    # The API's role can't read credentials: there, what needs one is an errand.
    errands = (
        Errands(chosen.errand_function, chosen.aws_region, partial(open_versions, client))
        if chosen.errand_function
        else None
    )
    return Adapters(
        pods=DynamoPodStore(database, capacities),
        snapshots=DynamoSnapshotStore(database, now),
        capacities=capacities,
        troubles=DynamoTroubleStore(database, now),
        claims=DynamoClaimStore(database),
        bindings=DynamoBindingStore(database),
        projects=DynamoProjectStore(database),
        locations=DynamoLocationStore(database, now, chosen.location_ttl_days),
        decisions=DynamoDecisionStore(database, now, chosen.decision_ttl_days),
        profiles=DynamoProfileStore(database),
        jobs=DynamoJobStore(database),
        queue=SqsJobQueue(chosen.job_queue_url, chosen.aws_region, local=bool(chosen.dynamodb_url)),
        tokens=KeystoneTokenValidator(
            wire, chosen.auth_url, now, chosen.token_cache_seconds, chosen.token_cache_size
        ),
        client=client,
        reader=OpenStackCapacityReader(client, now, chosen.refresh_deadline_seconds),
        directory=errands or KeystoneDirectory(wire, credentials, client, chosen.interface),
        policy=rules,
        flavors=OpenStackFlavorLookup(client),
        resources=OpenStackResourceLookup(client),
        clock=now,
        ids=fresh_id,
        elsewhere=errands,
    )


def now() -> datetime:
    """The time, aware UTC."""
    return datetime.now(UTC)


def fresh_id() -> str:
    """A random UUID in its dashed form."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class _Served:
    services: Services
    settings: Settings


_building = Lock()
_served: list[_Served] = []


def services() -> Services:
    """The services of this process, built at the first need."""
    with _building:
        if not _served:
            chosen = environment.settings
            _served.append(_Served(build(on_dynamodb(shared_database(), chosen), chosen), chosen))
        return _served[0].services


def settings() -> Settings:
    """The settings in force."""
    return _served[0].settings if _served else environment.settings


def use(chosen: Services | None, under: Settings = environment.settings) -> None:
    """Serve with these from now on, as tests do; None builds a deployment's own at the next need."""
    with _building:
        _served[:] = [] if chosen is None else [_Served(chosen, under)]


def deadline() -> Deadline:
    """Until when a request that arrives now must have its answer from the pods.

    API Gateway gives up after 29 s and Lambda after 28: what is left then is for a process that had
    to start first, the location's write, and the answer.
    """
    return Deadline.after(settings().request_seconds, now)


def ids() -> Ids:
    """Where request ids come from."""
    return fresh_id
