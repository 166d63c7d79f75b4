"""Shared: the services that several others need, one of each in a process."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.trouble import Breaker
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.home_pod import HomePods
from chalicelib.service.asking.known_locations import KnownLocations
from chalicelib.service.asking.quotas import Quotas
from chalicelib.service.asking.roster import Roster
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.asking.usage import UsageReader
from chalicelib.service.asking.watched_client import WatchedClient
from chalicelib.service.creating.claims import Claiming
from chalicelib.service.creating.profile_cache import ProfileCache
from chalicelib.service.creating.spec import Specs
from chalicelib.service.kinds.located import Located
from chalicelib.service.observing.snapshots import PublishedPods, Snapshots
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import Adapters


@dataclass(frozen=True, slots=True)
class Shared:
    """What several services share, since there must be one of each: caches, threads, the watched client."""

    fan_out: FanOut
    troubles: Troubles
    specs: Specs
    client: WatchedClient
    snapshots: Snapshots
    roster: Roster
    home_pods: HomePods
    pods: PublishedPods
    claiming: Claiming
    in_force: ProfileCache
    located: Located
    quotas: Quotas
    usage: UsageReader

    @classmethod
    def on(cls, outside: Adapters, chosen: Settings) -> Shared:
        """Make them on the given adapters."""
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
        pods = PublishedPods(outside.pods, snapshots, changed=roster.forget)
        claiming = Claiming(outside.claims, pods, outside.clock)
        located = Located(
            roster=roster,
            locations=outside.locations,
            known=KnownLocations(outside.locations, outside.clock),
            projects=outside.projects,
            client=client,
            fan_out=fan_out,
            clock=outside.clock,
            search_seconds=chosen.search_timeout_seconds,
            give_back=claiming.release_share,
        )
        return cls(
            fan_out=fan_out,
            troubles=troubles,
            specs=Specs(troubles, chosen.default_az_name),
            client=client,
            snapshots=snapshots,
            roster=roster,
            home_pods=HomePods(roster, outside.bindings, outside.projects, chosen.default_az_name),
            pods=pods,
            claiming=claiming,
            in_force=ProfileCache(outside.profiles, outside.clock, chosen.profile_cache_seconds),
            located=located,
            quotas=Quotas(outside.quotas, outside.clock, chosen.default_quotas, chosen.quota_cache_seconds),
            usage=UsageReader(
                roster=roster,
                projects=outside.projects,
                locations=outside.locations,
                client=client,
                fan_out=fan_out,
                deadline_seconds=chosen.search_timeout_seconds,
            ),
        )
