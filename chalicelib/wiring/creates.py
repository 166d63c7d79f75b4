"""Creates: what makes servers, keeps their intents, and finds what is lost, on given adapters."""

from __future__ import annotations

from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.locality import Locality
from chalicelib.service.creating.attempts import Attempts
from chalicelib.service.creating.binding import Binder
from chalicelib.service.creating.choosing import Choosing
from chalicelib.service.creating.finding import Finding
from chalicelib.service.creating.flavors import Flavors
from chalicelib.service.creating.intents import Intents
from chalicelib.service.creating.keypair_imports import KeypairImports
from chalicelib.service.creating.project_pods import ProjectPods
from chalicelib.service.creating.remembering import Remembering
from chalicelib.service.creating.repeats import Repeats
from chalicelib.service.creating.server import ServerCreation
from chalicelib.settings import Settings
from chalicelib.wiring import quotas
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.shared import Shared


def intents(outside: Adapters, chosen: Settings) -> Intents:
    """What writes down what a create is about to make."""
    return Intents(
        outside.intents, outside.locations, outside.clock, outside.ids, chosen.intent_settle_seconds
    )


def finding(outside: Adapters) -> Finding:
    """What looks for the servers of a create whose answer was lost."""
    return Finding(Remembering(outside.locations, outside.decisions, outside.clock), outside.pause)


def repeats(outside: Adapters, shared: Shared) -> Repeats:
    """What knows the creates by their keys."""
    return Repeats(outside.intents, shared.roster, finding(outside), outside.clock)


def locality(outside: Adapters, chosen: Settings, shared: Shared) -> Locality:
    """What tells which pods hold what a create names."""
    return Locality(
        lookup=outside.resources,
        fan_out=shared.fan_out,
        clock=outside.clock,
        deadline_seconds=chosen.search_timeout_seconds,
        stretched=frozenset(chosen.stretched_networks.lower().replace(",", " ").split()),
    )


def server_creation(
    outside: Adapters, chosen: Settings, shared: Shared, places: Locality, imports: KeypairImports
) -> ServerCreation:
    """What makes servers, in the pod that is chosen for each."""
    binder = Binder(
        choosing=Choosing(
            claiming=shared.claiming,
            decisions=outside.decisions,
            ids=outside.ids,
        ),
        bindings=outside.bindings,
        project_pods=ProjectPods(outside.projects),
        profiles=shared.in_force,
        clock=outside.clock,
    )
    looking = finding(outside)
    return ServerCreation(
        snapshots=shared.snapshots,
        flavors=Flavors(outside.flavors, shared.fan_out, chosen.search_timeout_seconds),
        locality=places,
        specs=shared.specs,
        quota=quotas.claiming(outside, chosen, shared),
        attempts=Attempts(binder, SERVERS),
        client=shared.client,
        keypairs=imports,
        remembering=looking.remembering,
        intents=intents(outside, chosen),
        finding=looking,
        repeats=repeats(outside, shared),
        clock=outside.clock,
    )
