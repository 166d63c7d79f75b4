"""Checks: what must hold at every moment, and what must hold once all is quiet."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.model.affinity import GENERAL
from chalicelib.model.binding import BindingKey
from chalicelib.model.claim import opening_balance
from tests.builders import PROJECT, ZONE
from tests.crash.clients import Create, Delete, Listing
from tests.crash.novas import Made
from tests.crash.scenarios import Story
from tests.crash.settle import emptied
from tests.crash.world import QUOTA, World


def at_rest(story: Story) -> list[str]:
    """What is wrong with a world in which nothing is under way."""
    return [
        *story.world.wrong,
        *_servers(story),
        *_locations(story),
        *_clients(story),
        *_lists(story),
        *_history(story.world),
        *_asked_again(story),
    ]


def given_back(story: Story) -> list[str]:
    """What is still taken when the tenant has deleted everything."""
    story.world.once.clear()
    emptied(story)
    return [*story.world.wrong, *_locations(story), *_claims(story.world), *_quota(story)]


def _alive(world: World) -> dict[str, Made]:
    return {made.server.id: made for made in world.novas.servers() if made.alive}


def _deleted_by_owner(story: Story) -> set[str]:
    deletes = {client.server_id for client in story.clients if isinstance(client, Delete)}
    return deletes | story.world.deleted_behind_our_back


def _servers(story: Story) -> Iterator[str]:
    """Every server is located; what was acknowledged runs."""
    alive, gone = _alive(story.world), _deleted_by_owner(story)
    for server_id, made in alive.items():
        location = story.world.stores.locations.get(server_id)
        if location is None or location.ended_at is not None:
            yield f"{made.server.name} in {made.pod_id} has no location"
        elif (location.pod_id, location.project_id) != (made.pod_id, made.server.project_id):
            yield f"{made.server.name} is in {made.pod_id}, and located in {location.pod_id}"
    for create in story.creates:
        for server_id in create.accepted:
            if server_id not in alive and server_id not in gone:
                yield f"{create.name} was acknowledged, and its server is gone"
        made_of_it = [made for made in story.world.novas.servers() if made.create == create.name]
        if create.accepted and len(made_of_it) < create.count:
            yield f"{create.name} was acknowledged, and made {len(made_of_it)} of {create.count}"


def _locations(story: Story) -> Iterator[str]:
    """No location outlives its server."""
    alive = _alive(story.world)
    for pod_id in story.world.novas.pods:
        for location in story.world.stores.locations.of_pod(pod_id):
            if location.resource_id not in alive:
                yield f"{location.resource_id} is located in {pod_id}, where it isn't any more"


def _clients(story: Story) -> Iterator[str]:
    """The same create is told of the same server; who was refused has none; who deleted is rid of it."""
    alive = _alive(story.world)
    for client in story.clients:
        if any("trio2o:" in body for body in client.bodies):
            yield f"a client sees our marker: {client.bodies}"
        if any("Unexpected gateway error" in body for body in client.bodies):
            yield f"{client.role} meets an error that nobody foresaw"
        if isinstance(client, Create):
            if len(set(client.accepted)) > 1:
                yield f"{client.name} was told of several servers: {client.accepted}"
            if client.key and not client.certain:
                yield f"{client.name} never learns what came of it: {client.statuses}"
            if client.refused and any(made.create == client.name for made in alive.values()):
                yield f"{client.name} was refused with {client.refused}, and runs"
        if isinstance(client, Delete) and client.certain and client.server_id in alive:
            yield f"{client.server_id} was deleted, and runs"


def _asked_again(story: Story) -> Iterator[str]:
    """The same key gets the same answer for days."""
    for create in story.creates:
        if create.key and create.accepted:
            create.ask(story.world)
            if create.statuses[-1] != 202 or create.accepted[-1] != create.accepted[0]:
                yield f"{create.name} was told of {create.accepted[0]}, and then {create.bodies[-1]}"


def _lists(story: Story) -> Iterator[str]:
    """A list shows every server once, and nothing of our marker."""
    listing = Listing.of(story.world)
    shown = sorted(row["id"] for row in listing.rows)
    if shown != sorted(_alive(story.world)):
        yield f"a list shows {shown}, and there are {sorted(_alive(story.world))}"
    if "trio2o:" in str(listing.rows):
        yield f"a list shows our marker: {listing.rows}"


def _history(world: World) -> Iterator[str]:
    """The events of a binding have no gap, and the last one is what is stored."""
    key = BindingKey(PROJECT, ZONE, GENERAL)
    binding, events = world.stores.bindings.get(key), world.stores.bindings.history(key)
    generations = [event.generation for event in events]
    if generations != list(range(1, len(events) + 1)):
        yield f"the history has gaps: {generations}"
    if binding is not None and generations[-1:] != [binding.generation]:
        yield f"the binding is of generation {binding.generation}, and its history of {generations}"


def _claims(world: World) -> Iterator[str]:
    """All room is free again."""
    for pod in world.stores.pods.list():
        balance = world.stores.claims.read(pod.pod_id)
        if balance is None or balance.claims or balance.free != opening_balance(pod).free:
            yield f"{pod.pod_id} has {balance}, and it should have {opening_balance(pod).free}"


def _quota(story: Story) -> Iterator[str]:
    """The whole quota can be used again. The pods are opened first, since quota alone is asked here."""
    story.world.clock.passes(600)
    whole = Create(name="vm-9", key="key-9", count=QUOTA)
    story.clients.append(whole)
    whole.ask(story.world)
    if not whole.accepted:
        yield f"the whole quota can't be used again: {whole.statuses} {whole.bodies}"
