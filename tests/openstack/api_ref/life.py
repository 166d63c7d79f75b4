"""Life: a sequence of writes that succeed, done once in a pod directly and once through the gateway.

Each side makes things of its own, so their ids differ; what is kept of an answer is called by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.openstack.api_ref.ask import Ask


def life(*parts: Iterable[Ask]) -> tuple[Ask, ...]:
    """The asks of several users as one sequence."""
    return tuple(ask for part in parts for ask in part)


def by(who: str, *asks: tuple[Any, ...]) -> Iterator[Ask]:
    """Asks of one user, each as method, path, body, what is kept, and the state to wait for."""
    for method, path, *rest in asks:
        body, keep, until = (*rest, *(None, {}, "")[len(rest) :])
        yield Ask(method, path, body, (who,), keep, until)


def act(name: str, body: Any = None, until: str = "ACTIVE") -> tuple[Any, ...]:
    """An action of the server that the life made."""
    return "POST", "/servers/{new}/action", {name: body}, {}, until
