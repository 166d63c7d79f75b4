"""Watching: what a request made the gateway do, by the kinds of its steps and not by the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from chalicelib import wiring
from tests.journeys.conftest import Gateway

Steps = Counter[str]
"""How often each kind of step was taken: ``locations.get``, ``Pod1 GET /compute/v2.1/servers/ID``."""


@dataclass
class Watch:
    """Notes each call of a store; the pods note what reaches them."""

    gateway: Gateway
    called: list[str] = field(default_factory=list)

    def steps(self, ask: Callable[[], Any], resource_id: str = "") -> tuple[Any, Steps]:
        """What ``ask`` returns, and the steps that it took. The id is one text in all of them."""
        self.called.clear()
        for pod in self.gateway.cloud.pods.values():
            pod.journal.clear()
        returned = ask()
        sent = [
            f"{name} {entry.method} {entry.path}"
            for name, pod in self.gateway.cloud.pods.items()
            for entry in pod.journal.entries()
        ]
        return returned, Counter(masked(step, resource_id) for step in (*self.called, *sent))


def masked(text: str, resource_id: str) -> str:
    """A text in which an id is only told to be there."""
    return text.replace(resource_id, "ID") if resource_id else text


def watched(gateway: Gateway) -> Watch:
    """Serve with the same stores from now on, each of which notes its calls."""
    watch = Watch(gateway)
    stores = {
        each.name: _Noting(each.name, store, watch.called)
        for each in fields(gateway.stores)
        if type(store := getattr(gateway.stores, each.name)).__module__.startswith(
            "chalicelib.adapters.memory"
        )
    }
    chosen = wiring.settings()
    wiring.use(wiring.build_services(replace(gateway.stores, **stores), chosen), chosen)
    return watch


class _Noting:
    """A store that notes the names of its methods as they are called."""

    def __init__(self, name: str, store: Any, called: list[str]) -> None:
        self._name, self._store, self._called = name, store, called

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._store, method)
        if not callable(found):
            return found

        def noted(*args: Any, **named: Any) -> Any:
            self._called.append(f"{self._name}.{method}")
            return found(*args, **named)

        return noted
