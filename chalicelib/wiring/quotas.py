"""Quotas: the services that give, count and show them, on given adapters."""

from __future__ import annotations

from chalicelib.service.creating.quota_claims import QuotaClaiming
from chalicelib.service.kinds.first import First
from chalicelib.service.kinds.usage_reports import UsageReports
from chalicelib.service.observing.quota_net import QuotaNet
from chalicelib.service.operating.quota_limits import QuotaLimits
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.shared import Shared

NET_SECONDS = 10.0  # what is left of a refresh's minute when all pods were observed


def claiming(outside: Adapters, chosen: Settings, shared: Shared) -> QuotaClaiming:
    """What counts the creates of a project against its limits."""
    return QuotaClaiming(
        quotas=shared.quotas,
        usages=outside.usages,
        reader=shared.usage,
        locations=outside.locations,
        clock=outside.clock,
        pause=outside.pause,
        settle_seconds=chosen.claim_settle_seconds,
    )


def limits(outside: Adapters, shared: Shared, first: First) -> QuotaLimits:
    """What reads and writes limits."""
    return QuotaLimits(shared.quotas, outside.quotas, outside.usages, shared.usage, first)


def usage_reports(outside: Adapters, chosen: Settings, shared: Shared) -> UsageReports:
    """What tells who used what."""
    return UsageReports(
        roster=shared.roster,
        projects=outside.projects,
        located=shared.located,
        client=shared.client,
        fan_out=shared.fan_out,
        deadline_seconds=chosen.list_timeout_seconds,
    )


def net(outside: Adapters, shared: Shared) -> QuotaNet:
    """What gives the limits to the pods, beside the circuits, which creates alone open."""
    return QuotaNet(outside.quotas, outside.pods, outside.client, shared.fan_out, NET_SECONDS)
