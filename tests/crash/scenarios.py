"""Scenarios: the stories whose every call is crashed, refused, lost, delayed and overlapped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from chalicelib.events import capacity
from chalicelib.model.deed import Deed
from chalicelib.model.pod import PodState
from tests.crash.backup import Backup
from tests.crash.clients import Client, Create, Delete
from tests.crash.outcomes import Crashed
from tests.crash.world import World

MOST_AT_ONCE = 4  # requests of one client: the first, and three that it sends again meanwhile
SETTLING_MINUTES = 9
QUARTER_SECONDS = 900.0


@dataclass
class Story:
    """A world with its clients; the first ``undisturbed`` calls are none that a plan may name."""

    world: World
    clients: list[Client] = field(default_factory=list)
    undisturbed: int = 0

    def __post_init__(self) -> None:
        self.world.meanwhile = {"retry": self._retry, "tick": tick}

    @property
    def creates(self) -> list[Create]:
        return [client for client in self.clients if isinstance(client, Create)]

    def begin(self, scenario: Scenario, once: Mapping[str, str] = {}) -> None:
        """Play the story, up to where its world is left to itself; ``once`` disturbs it by calls' names."""
        _minutes(self, 1)
        scenario.before(self)
        self.undisturbed = len(self.world.trace)
        self.world.once.update(once)
        scenario.act(self)

    def meets(self, client: Client) -> None:
        """Let a client come and ask for the first time."""
        self.clients.append(client)
        client.ask(self.world)

    def _retry(self, world: World) -> None:
        """The client of the request that is under way asks again, since it waits for no answer any more."""
        waiting = [client for client in self.clients if 0 < client.under_way < MOST_AT_ONCE]
        if waiting:
            waiting[-1].ask(world)


@dataclass(frozen=True)
class Scenario:
    """What happens ``before`` is undisturbed; ``act`` is what is explored.

    ``meanwhile`` is what others may do at each call of its ``role``.
    """

    name: str
    act: Callable[[Story], None]
    before: Callable[[Story], None] = lambda story: None
    meanwhile: tuple[str, ...] = ("tick",)
    role: str = "create"


def tick(world: World) -> None:
    """What the clock starts each minute, in a process of its own. What fails, the next one tries again."""
    with suppress(Crashed, Exception):
        world.process("tick").run(capacity.tick)


def a_minute(story: Story) -> None:
    """A minute in which clients ask when their time has come; its end is a tick."""
    world = story.world
    left = 60.0
    while True:
        due = [client.next_at for client in story.clients if client.next_at is not None]
        wait = max(0.0, (min(due) - world.clock()).total_seconds()) if due else left
        if wait >= left:
            break
        world.clock.passes(wait)
        left -= wait
        for client in story.clients:
            if client.next_at is not None and client.next_at <= world.clock():
                client.ask(world)
    world.clock.passes(left)
    tick(world)


def _minutes(story: Story, minutes: int) -> None:
    for _ in range(minutes):
        a_minute(story)


def _created(story: Story) -> None:
    story.meets(Create(name="vm-0", key="key-0"))
    _minutes(story, 2)


def _create(story: Story) -> None:
    story.meets(Create())


def _create_openly(story: Story) -> None:
    """Without a key, and at a microversion without tags."""
    story.meets(Create(key="", headers={}))


def _create_two(story: Story) -> None:
    story.meets(Create(count=2))


def _drained(story: Story) -> None:
    """The pod that the project is bound to takes nothing any more."""
    _created(story)
    pods = story.world.stores.pods
    (made,) = [made for made in story.world.novas.servers() if made.alive]
    before = pods.get(made.pod_id)
    pods.update(before, replace(before, state=PodState.DISABLED), Deed(story.world.clock(), "op-1"))
    _minutes(story, 1)


def _delete(story: Story) -> None:
    story.meets(Delete(server_id=story.creates[0].accepted[0]))


def _create_dies(when: str, key: str = "") -> Callable[[Story], None]:
    """A create whose process dies at its POST. Only with a key does its client ask again.

    Its marker is in the metadata, where it is harder to find than a tag.
    """

    def before(story: Story) -> None:
        story.world.once = {"pod: POST /servers": when}
        story.meets(Create(key=key, headers={}))

    return before


def _blind(story: Story) -> None:
    """The pods lose sight of their cells for a quarter of an hour, just when a create isn't heard of."""
    _out_of_sight(story)
    story.world.once = {"pod: POST /servers": "crash after"}


def _out_of_sight(story: Story) -> None:
    novas = story.world.novas
    novas.without_cell |= set(novas.pods)
    story.world.clock.later(QUARTER_SECONDS, "cells come back", novas.cells_come_back)


def _reconcile(story: Story) -> None:
    _minutes(story, SETTLING_MINUTES)


def _reconcile_long(story: Story) -> None:
    _minutes(story, SETTLING_MINUTES + 9)


def _unseen(story: Story) -> None:
    """The pod has the server, but says for so long that it hasn't that the create has failed: a stray."""
    novas = story.world.novas
    novas.tells_of_cells = False
    _out_of_sight(story)
    _create_dies("crash after")(story)


def _gone(story: Story) -> None:
    """A server is deleted behind our back."""
    _created(story)
    for pod in story.world.novas.pods.values():
        for server in pod.servers():
            pod.nova.delete(server)
            story.world.deleted_behind_our_back.add(server.id)


def _restored(story: Story) -> None:
    """The stores are those of a backup from before a create, whose server runs and is known to its owner."""
    backup = Backup.of(story.world.stores)
    story.meets(Create())
    backup.restore()
    story.creates[0].key = ""  # nobody knows it any more


SCENARIOS = (
    Scenario("create", _create, meanwhile=("retry", "tick")),
    Scenario("create without key", _create_openly),
    Scenario("create of two", _create_two, meanwhile=("retry", "tick")),
    Scenario("create where bound", _create, _created, meanwhile=("retry",)),
    Scenario("create that moves a binding", _create, _drained, meanwhile=("retry",)),
    Scenario("create while a cell is out of reach", _create, _blind, ("retry",)),
    Scenario("delete", _delete, _created, ("retry", "tick"), "delete"),
    Scenario("reconcile a server nobody was told of", _reconcile, _create_dies("crash after"), ()),
    Scenario("reconcile while the client asks again", _reconcile, _create_dies("crash after", "key-1"), ()),
    Scenario("reconcile a create that made nothing", _reconcile, _create_dies("crash before"), ()),
    Scenario("reconcile a stray", _reconcile_long, _unseen, ()),
    Scenario("reconcile what is gone", _reconcile, _gone, ()),
    Scenario("reconcile after a restore", _reconcile, _restored, ()),
)
