"""Router: finds the handler of a method and a path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from urllib.parse import unquote

from local.standin.message import Fault, Reply

CallT = TypeVar("CallT")
Handler = Callable[[CallT], Reply]


class Router(Generic[CallT]):
    """Matches paths with templates such as ``/servers/{id}``.

    Where several fit, the one wins that has literal text where the others have a variable.
    """

    def __init__(self) -> None:
        self._by_length: dict[int, list[tuple[list[str], dict[str, Handler[CallT]]]]] = {}

    def add(self, method: str, template: str, handler: Handler[CallT]) -> None:
        """Let ``handler`` serve the requests that match."""
        parts = _parts(template)
        same_length = self._by_length.setdefault(len(parts), [])
        for known, handlers in same_length:
            if known == parts:
                handlers[method] = handler
                return
        same_length.append((parts, {method: handler}))
        same_length.sort(key=lambda route: [part.startswith("{") for part in route[0]])

    def find(self, method: str, path: str) -> tuple[Handler[CallT], dict[str, str]]:
        """The handler and the path's variables. Raises Fault 404 (unknown path) or 405 (wrong method)."""
        parts = _parts(path)
        allowed: set[str] = set()
        for template, handlers in self._by_length.get(len(parts), ()):
            if all(want.startswith("{") or want == got for want, got in zip(template, parts, strict=True)):
                handler = handlers.get(method) or (handlers.get("GET") if method == "HEAD" else None)
                if handler is None:
                    allowed |= set(handlers)
                    continue
                pairs = zip(template, parts, strict=True)
                return handler, {want[1:-1]: unquote(got) for want, got in pairs if want.startswith("{")}
        if allowed:
            allow = {"Allow": ", ".join(sorted(allowed))}
            raise Fault(405, "The method is not allowed for this resource.", headers=allow)
        raise Fault(404, "The resource could not be found.")


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
