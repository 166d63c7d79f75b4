"""Mutants: breakages of the product, each of which the matrix must find."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.adapters.memory.claim_store import MemoryClaimStore
from chalicelib.adapters.memory.intent_store import MemoryIntentStore
from chalicelib.adapters.memory.location_store import MemoryLocationStore
from chalicelib.adapters.memory.transaction import Step, carry_out
from chalicelib.model.errors import PodUnreachable
from chalicelib.model.intent import Intent, IntentState
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.watched_client import WatchedClient
from chalicelib.service.creating.attempts import Conclusion, conclusion_from
from chalicelib.service.creating.finding import Finding
from chalicelib.service.creating.intents import Intents
from chalicelib.service.creating.repeats import Repeats
from chalicelib.service.kinds.located import Located
from chalicelib.service.observing.cells import Cells
from chalicelib.service.observing.concluding import Concluding
from chalicelib.service.observing.marked_servers import MarkedServers
from tests.crash.explorer import NONE_ELSE, Share, explore
from tests.crash.outcomes import Kind
from tests.crash.process import Process
from tests.crash.scenarios import SCENARIOS

_UNTOLD, _GONE = "reconcile a server nobody was told of", "reconcile what is gone"
_AGAIN = "reconcile while the client asks again"
_BLIND, _RESTORED = "create while a cell is out of reach", "reconcile after a restore"
Plant = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Mutant:
    """A breakage, the scenario in which it is looked for, and there the outcome ``by`` which it shows."""

    name: str
    scenario: str
    plant: Plant
    by: str = ""

    def caught_by(self) -> str:
        """The first thing that is found wrong while it is planted; empty when nothing is."""
        (scenario,) = [each for each in SCENARIOS if each.name == self.scenario]
        with self.plant():
            found = explore(
                scenario,
                Share(singles=1 if self.by else NONE_ELSE, only=self.by),
                stop=lambda found: bool(found.violations),
            )
        return found.violations[0] if found.violations else ""


def _instead(owner: Any, name: str, mutated: Any) -> Plant:
    """``mutated`` takes the place of a method, and gets the true one first."""
    true = getattr(owner, name)
    return lambda: patch.object(owner, name, lambda *args, **kwargs: mutated(true, *args, **kwargs))


def _forgets(true: Any, store: Any, intent: Intent) -> None:
    """No intent is written before the POST."""
    if intent.state is not IntentState.POSTING:
        true(store, intent)


def _settles_soon(true: Any, intents: Any, *args: Any, **kwargs: Any) -> Any:
    """An intent is settled as soon as its POST has timed out, though the pod may still work on it."""
    kept = true(intents, *args, **kwargs)
    kept.settle = timedelta(seconds=20)
    return kept


def _posts_again(true: Any, client: Any, pod: Any, request: Any) -> Any:
    """A POST without an answer is sent once more."""
    try:
        return true(client, pod, request)
    except PodUnreachable:
        return true(client, pod, request)


class _TwoWrites:
    """What should be one transaction is one write after the other, and a crash may come between."""

    def __init__(self, process: Process, intents: Any) -> None:
        self._process, self._intents = process, intents

    def __getattr__(self, name: str) -> Any:
        return getattr(self._intents, name)

    def put(self, intent: Intent, also: Any = ()) -> Any:
        stored = self._intents.put(intent)
        for write in also:
            self._process.call("a second write", Kind.STORE_WRITE, lambda write=write: carry_out([write]))
        return stored


def _unknown_is_unreached(true: Any, outcome: Any) -> Conclusion:
    """A POST without an answer counts as one that was never sent, and goes to the next pod."""
    conclusion: Conclusion = true(outcome)
    return Conclusion.UNREACHED if conclusion is Conclusion.UNKNOWN else conclusion


def _ends_whatever_comes(
    true: Any, located: Any, location: Any, method: str, reply: Any, may_tell: bool
) -> None:
    """A delete ends the location though the pod refused it."""
    if method == "DELETE":
        located.locations.end(location.resource_id, located.clock(), True)
    else:
        true(located, location, method, reply, may_tell)


def _takes_twice(true: Any, store: Any, claim: Any, least: Any) -> Any:
    """A claim that is repeated is taken twice."""
    balance = store.read(claim.pod_id)
    if balance is not None and claim.token in balance.claims:
        store._write(balance, balance.free - claim.need, balance.claims)
    return true(store, claim, least)


def _without_event(true: Any, store: Any, change: Any, also: Any = ()) -> Any:
    """A binding is written without its event."""
    stored = true(store, change, also)
    store._events[change.after.key].pop()
    return stored


def _any_generation(true: Any, store: Any, intent: Intent) -> None:
    """Whoever writes last, wins."""


class _OnlyDone:
    """The reconciler doesn't look at creates whose outcome nobody heard."""

    def __init__(self, process: Process, intents: Any) -> None:
        self._intents = intents

    def __getattr__(self, name: str) -> Any:
        return getattr(self._intents, name)

    def posting(self, settled_by: datetime, limit: int) -> list[Intent]:
        return []


class _NoEnd:
    """A location stays, whatever the pod says of its server."""

    def __init__(self, process: Process, locations: Any) -> None:
        self._locations = locations

    def __getattr__(self, name: str) -> Any:
        return getattr(self._locations, name)

    def end(self, resource_id: str, at: datetime, deleted: bool = False) -> None:
        """Nothing ends."""


def _fails_when_unknown(true: Any, finding: Any, making: Any, pod: Any) -> None:
    """A create that isn't found at once counts as one that made nothing."""
    making.intent.failed()


def _fails_at_once(true: Any, concluding: Any, intent: Intent) -> bool:
    """One look that finds nothing is proof enough."""
    concluding.intents.put(intent.failed())
    return True


def _done_again(true: Any, repeats: Any, making: Any, intent: Intent) -> Any:
    """A create that is done is made once more."""
    return None if intent.state is IntentState.DONE else true(repeats, making, intent)


def _deletes_unknown(true: Any, marked: Any, pod: Any, server: Any) -> Any:
    """What our stores know nothing of is deleted."""
    if server.marker is None or marked.intents.get(server.marker.slot) is not None:
        return true(marked, pod, server)
    return marked.client.send(pod, PodRequest("DELETE", f"/servers/{server.server_id}")) and None


def _nowhere(true: Any, store: Any, location: Any) -> Step:
    """Creates are done without their locations."""
    return Step(lambda: None)


def _planted(name: str, mutant: Any) -> Plant:
    """A mutant that stands in front of a port."""
    return lambda: patch.dict(Process.planted, {name: mutant})


def _patched(target: str, mutated: Any) -> Plant:
    """``mutated`` takes the place of a function, where a module has it by this name."""
    return lambda: patch(target, mutated)


_SERVICE = "chalicelib.service"
MUTANTS = (
    Mutant("no intent", "create", _instead(MemoryIntentStore, "_keep", _forgets)),
    Mutant(
        "no marker", "create", _patched(f"{_SERVICE}.creating.making.marked", lambda server, *_: dict(server))
    ),
    Mutant(
        "settled when the POST has timed out",
        "create",
        _instead(Intents, "of", _settles_soon),
        "done very late",
    ),
    Mutant(
        "a POST that is tried again",
        "create without key",
        _instead(WatchedClient, "send", _posts_again),
        "answer lost",
    ),
    Mutant("two writes instead of a transaction", "create", _planted("intents", _TwoWrites), "crash before"),
    Mutant("done without locations", "create", _instead(MemoryLocationStore, "addition", _nowhere)),
    Mutant(
        "an unknown outcome goes to the next pod",
        "create without key",
        _patched(
            f"{_SERVICE}.creating.attempts.conclusion_from",
            lambda outcome: _unknown_is_unreached(conclusion_from, outcome),
        ),
        "answer lost",
    ),
    Mutant(
        "an unknown outcome has failed",
        "create",
        _instead(Finding, "made", _fails_when_unknown),
        "answer lost",
    ),
    Mutant("a key that nobody looks up", "create", _instead(Repeats, "known", lambda *_: None)),
    Mutant("a repeat that creates again", "create", _instead(Repeats, "answer", _done_again)),
    Mutant(
        "whoever writes an intent last, wins",
        "create",
        _instead(MemoryIntentStore, "_refuse_changed", _any_generation),
        "retry, ok",
    ),
    Mutant(
        "a repeated claim takes twice",
        "create",
        _instead(MemoryClaimStore, "claim", _takes_twice),
        "written twice",
    ),
    Mutant("a binding without its event", "create", _instead(MemoryBindingStore, "commit", _without_event)),
    Mutant("only what is done is reconciled", _UNTOLD, _planted("intents", _OnlyDone)),
    Mutant("a pod without a cell proves absence", _BLIND, _instead(Cells, "are_up", lambda *_: True)),
    Mutant(
        "absence is proven by one look",
        _AGAIN,
        _instead(Concluding, "_made_nothing", _fails_at_once),
        "nothing listed",
    ),
    Mutant(
        "after a restore, what is unknown is deleted",
        _RESTORED,
        _instead(MarkedServers, "location", _deletes_unknown),
    ),
    Mutant(
        "a refused delete forgets the server",
        "delete",
        _instead(Located, "_learn", _ends_whatever_comes),
        "refused",
    ),
    Mutant("what is gone keeps its location", _GONE, _planted("locations", _NoEnd)),
)
