"""Build: the services on given adapters; the one place where services meet each other."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.service.access import Access
from chalicelib.service.asking.elsewhere import Elsewhere
from chalicelib.service.asking.home_pod import HomePods
from chalicelib.service.asking.pod_numbers import PodNumbers
from chalicelib.service.asking.quotas import Quotas
from chalicelib.service.asking.rates import Rates
from chalicelib.service.asking.roster import Roster
from chalicelib.service.asking.silences import Silences
from chalicelib.service.creating.keypair_imports import KeypairImports
from chalicelib.service.creating.keypairs import Keypairs
from chalicelib.service.creating.server import ServerCreation
from chalicelib.service.creating.server_groups import ServerGroups
from chalicelib.service.kinds.all_pods import AllPods
from chalicelib.service.kinds.every_holder import EveryHolder
from chalicelib.service.kinds.every_pod import EveryPod
from chalicelib.service.kinds.first import First
from chalicelib.service.kinds.held import Held
from chalicelib.service.kinds.located import Located
from chalicelib.service.kinds.merged import Merged
from chalicelib.service.kinds.usage_reports import UsageReports
from chalicelib.service.observing.capacity import CapacityRefresh
from chalicelib.service.observing.lease import Lease
from chalicelib.service.observing.quota_net import QuotaNet
from chalicelib.service.observing.reconciling import Reconciling
from chalicelib.service.operating.aggregates import Aggregates
from chalicelib.service.operating.bindings import Bindings
from chalicelib.service.operating.decisions import Decisions
from chalicelib.service.operating.drains import Drains
from chalicelib.service.operating.explaining import Explaining
from chalicelib.service.operating.external_events import ExternalEvents
from chalicelib.service.operating.health import Health
from chalicelib.service.operating.jobs import Jobs
from chalicelib.service.operating.keypair_clean_up import KeypairCleanUp
from chalicelib.service.operating.locations import Locations
from chalicelib.service.operating.pending import Pending
from chalicelib.service.operating.pod_projects import PodProjects
from chalicelib.service.operating.pods import Pods
from chalicelib.service.operating.profiles import Profiles
from chalicelib.service.operating.quota_limits import QuotaLimits
from chalicelib.service.operating.rehearsal import Rehearsal
from chalicelib.service.operating.slices import Slices
from chalicelib.service.ports import PodRefresh
from chalicelib.settings import Settings
from chalicelib.wiring import creates, lists, observing, operating, quotas
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.keypairs import keypair_clean_up, keypair_imports, keypairs
from chalicelib.wiring.rates import rates
from chalicelib.wiring.shared import Shared


@dataclass(frozen=True, slots=True)
class Services:
    """The services that views and events call."""

    access: Access
    servers: ServerCreation
    keypair_imports: KeypairImports
    keypairs: Keypairs
    keypair_clean_up: KeypairCleanUp
    located: Located
    elsewhere: Elsewhere
    merged: Merged
    first: First
    every_pod: EveryPod
    every_holder: EveryHolder
    held: Held
    server_groups: ServerGroups
    all_pods: AllPods
    aggregates: Aggregates
    external_events: ExternalEvents
    quotas: Quotas
    quota_limits: QuotaLimits
    usage_reports: UsageReports
    quota_net: QuotaNet
    rates: Rates
    reconciling: Reconciling
    roster: Roster
    home_pods: HomePods
    pods: Pods
    pod_projects: PodProjects
    bindings: Bindings
    locations: Locations
    decisions: Decisions
    explaining: Explaining
    profiles: Profiles
    rehearsal: Rehearsal
    health: Health
    jobs: Jobs
    slices: Slices
    drains: Drains
    capacity_refresh: CapacityRefresh
    pod_refresh: PodRefresh
    lease: Lease


def build_services(outside: Adapters, chosen: Settings) -> Services:
    """The services on the given adapters."""
    shared = Shared.on(outside, chosen)
    pods = operating.pods(outside, shared)
    profiles = Profiles(outside.profiles, shared.pods, outside.clock, changed=shared.in_force.forget)
    drains, pending = operating.drains(outside, shared), Pending(outside.bindings, outside.jobs)
    capacity_refresh = observing.capacity_refresh(outside, chosen, shared)
    locality = creates.locality(outside, chosen, shared)
    all_pods = AllPods(
        shared.roster,
        shared.client,
        shared.fan_out,
        PodNumbers(outside.numbers),
        chosen.list_timeout_seconds,
        chosen.read_timeout_seconds,
    )
    silences = Silences(shared.client, outside.clock)
    first = First(shared.roster, silences, chosen.list_timeout_seconds)
    imports = keypair_imports(outside, chosen, shared)
    merged = lists.merged(outside, chosen, shared)
    held = Held(lists.used(shared), shared.client, chosen.list_timeout_seconds)
    return Services(
        access=Access(outside.tokens),
        servers=creates.server_creation(outside, chosen, shared, locality, imports),
        keypair_imports=imports,
        keypairs=keypairs(outside, chosen, shared, imports.adoption),
        keypair_clean_up=keypair_clean_up(outside, chosen, shared),
        located=shared.located,
        elsewhere=Elsewhere(locality, shared.roster),
        merged=merged,
        first=first,
        every_pod=EveryPod(
            shared.roster,
            shared.client,
            shared.fan_out,
            outside.unfinished,
            outside.clock,
            outside.ids,
            chosen.read_timeout_seconds,
        ),
        every_holder=EveryHolder(shared.roster, shared.client),
        held=held,
        server_groups=ServerGroups(held, merged, shared.quotas),
        all_pods=all_pods,
        aggregates=Aggregates(all_pods),
        external_events=ExternalEvents(all_pods, outside.locations),
        quotas=shared.quotas,
        quota_limits=quotas.limits(outside, shared, first),
        usage_reports=quotas.usage_reports(outside, chosen, shared),
        quota_net=quotas.net(outside, shared),
        rates=rates(outside, chosen),
        reconciling=observing.reconciling(outside, chosen),
        roster=shared.roster,
        home_pods=shared.home_pods,
        pods=pods,
        pod_projects=PodProjects(
            shared.pods, outside.projects_inside, outside.bindings, outside.locations, outside.clock
        ),
        bindings=Bindings(outside.bindings, shared.pods, outside.projects, outside.clock),
        locations=Locations(outside.locations, outside.projects, shared.pods, outside.clock),
        decisions=operating.decisions(outside, shared),
        explaining=Explaining(outside.decisions, outside.locations, shared.located),
        profiles=profiles,
        rehearsal=Rehearsal(outside.decisions, outside.profiles, profiles, shared.pods),
        health=Health(
            shared.pods, shared.troubles, outside.quotas, outside.unfinished, outside.strays, outside.clock
        ),
        jobs=Jobs(outside.jobs, outside.queue, pending, pods, outside.clock, outside.ids),
        slices=Slices(outside.jobs, outside.queue, drains, pending, shared.pods, outside.clock),
        drains=drains,
        capacity_refresh=capacity_refresh,
        pod_refresh=outside.remote_refresh or capacity_refresh,
        lease=Lease(outside.leases, outside.clock),
    )
