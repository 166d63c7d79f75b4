"""Settle: the clock runs on, clients ask again when they were told to, and the gateway's clock ticks."""

from __future__ import annotations

from datetime import timedelta

from tests.crash.clients import Delete
from tests.crash.scenarios import Story, a_minute
from tests.crash.world import World

MOST_MINUTES = 40
LEAST_MINUTES = 3  # two refreshes end the location of what is gone; one more shows that nothing changes then


def settle(story: Story) -> None:
    """Go on until nothing is under way any more; what isn't quiet then never will be."""
    for minute in range(1, MOST_MINUTES + 1):
        a_minute(story)
        if minute >= LEAST_MINUTES and not under_way(story):
            return
    story.world.wrong.append(f"after {MOST_MINUTES} minutes still under way: {under_way(story)}")


def under_way(story: Story) -> list[str]:
    """What is still to come."""
    world = story.world
    posting = world.stores.intents.posting(world.clock() + timedelta(days=1), limit=10)
    return [
        *(f"{what} at {at:%H:%M:%S}" for at, what in world.clock.to_come),
        *(f"{client.role} is asked for again" for client in story.clients if client.next_at is not None),
        *(f"intent {intent.intent_id} is {intent.state}" for intent in posting),
        *(f"claims on {pod_id}: {b.claims}" for pod_id, b in _balances(world) if b.claims),
    ]


def _balances(world: World) -> list[tuple[str, object]]:
    read = ((pod_id, world.stores.claims.read(pod_id)) for pod_id in world.novas.pods)
    return [(pod_id, balance) for pod_id, balance in read if balance is not None]


def emptied(story: Story) -> None:
    """The tenant deletes all that it has, and the clock runs on until that is counted."""
    for made in list(story.world.novas.servers()):
        if made.alive:
            delete = Delete(server_id=made.server.id)
            story.clients.append(delete)
            delete.ask(story.world)
    settle(story)
