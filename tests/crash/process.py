"""Process: the gateway's real services, with every call that leaves the process going through a boundary."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, ClassVar

from chalicelib import wiring
from chalicelib.api.answering import answer
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.mount import COMPUTE
from chalicelib.model.deadline import Deadline
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from tests.crash.novas import MEMBER
from tests.crash.outcomes import Attempt, Boundary, Crashed, Kind

if TYPE_CHECKING:
    from tests.crash.world import World

# What a port has that is no call: writes that join the transaction of another store.
JOINING = ("addition", "write", "step_write")
NO_CALLS = ("clock", "pause", "ids", "policy", "fingerprint", "directory", "remote_refresh")
_READS = (
    "get", "list", "of", "find", "found", "history", "pod_ids", "projects_in", "posting", "created_since",
    "sweep", "steps", "due", "adopted_from", "read", "version", "newest",
)  # fmt: skip


class Process:
    """One process: it knows nothing of what others have cached, and when it is killed it does no more."""

    planted: ClassVar[dict[str, Callable[[Process, Any], Any]]] = {}  # what mutants put in front of ports

    def __init__(self, world: World, role: str) -> None:
        """``role`` is what it does, by which its boundaries are told from others'."""
        self.world, self.role, self.dead = world, role, False
        self.services = wiring.build_services(self._adapters(), world.chosen)

    def serve(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = {}) -> Reply:
        """Answer a client's request. Raises Crashed."""
        path, _, query = path.partition("?")
        found = COMPUTE.router.find(method, path)
        call = Call(
            method=method,
            raw_path=found.rest,
            path=found.variables,
            query={k: (v,) for k, _, v in (pair.partition("=") for pair in query.split("&") if pair)},
            headers={"x-auth-token": MEMBER, "content-type": "application/json", **headers},
            raw_body=body,
            request_id=f"req-{self.world.stores.ids()}",
            base_url="http://gateway.example",
            prefix="/v2.1",
            deadline=Deadline.after(self.world.chosen.request_seconds, self.world.clock),
        )
        with self._in_use():
            return answer(call, found.row, found.allowed, COMPUTE.dialect)

    def run(self, event: Callable[[Any], object]) -> None:
        """Handle an event, such as the clock's tick. Raises Crashed."""
        with self._in_use():
            event({})

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Let views and events find these services; processes run inside each other's calls."""
        before = self.world.in_use
        self.world.in_use = self.services
        wiring.use(self.services, self.world.chosen)
        try:
            yield
        finally:
            self.world.in_use = before
            wiring.use(before, self.world.chosen)

    def call(
        self, name: str, kind: Kind, act: Callable[[], Any], pod_id: str = "", seconds: float = 3.0
    ) -> Any:
        """Make a call, with what the plan of the run says comes of it."""
        if self.dead:
            raise Crashed
        attempt = Attempt(act, self._die, self._later(name), self.world.clock.passes, pod_id, seconds)
        result = self.world.meet(self, Boundary(self.role, name, kind), attempt)
        if self.dead:  # it was killed inside the call
            raise Crashed
        return result

    def _die(self) -> None:
        self.dead = True

    def _later(self, what: str) -> Callable[[float, Callable[[], object]], None]:
        return lambda seconds, action: self.world.clock.later(seconds, what, action)

    def _adapters(self) -> wiring.Adapters:
        stores = self.world.stores
        client = _Client(self)
        ours = {
            field.name: self._port(field.name, getattr(stores, field.name), client)
            for field in fields(stores)
        }
        ours |= {name: mutant(self, ours[name]) for name, mutant in self.planted.items()}
        return replace(stores, **ours)

    def _port(self, name: str, port: Any, client: _Client) -> Any:
        if name in NO_CALLS or port is None:
            return port
        if name == "client":
            return client
        if name in ("tokens", "reader"):
            return _Port(self, name, port, Kind.KEYSTONE if name == "tokens" else Kind.POD_READ)
        asking = [key for key, value in vars(port).items() if value is self.world.stores.client]
        if asking:  # it is no port of its own, but asks pods by the client
            port = copy.copy(port)
            vars(port).update(dict.fromkeys(asking, client))
            return port
        return _Port(self, name, port)


class _Port:
    """A port whose every call is a boundary of its process."""

    def __init__(self, process: Process, name: str, port: Any, kind: Kind | None = None) -> None:
        self._process, self._name, self._port, self._kind = process, name, port, kind

    def __getattr__(self, method: str) -> Any:
        inner = getattr(self._port, method)
        if method in JOINING or not callable(inner):
            return inner
        reads = any(method == word or method.startswith(f"{word}_") for word in _READS)
        kind = self._kind or (Kind.STORE_READ if reads else Kind.STORE_WRITE)

        def call(*args: Any, **kwargs: Any) -> Any:
            pod_id = args[0].pod_id if args and isinstance(args[0], Pod) else ""
            return self._process.call(f"{self._name}.{method}", kind, lambda: inner(*args, **kwargs), pod_id)

        self.__dict__[method] = call
        return call


class _Client:
    """The pods' client, with a boundary for each kind of request."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        act, effect = self._process.world.stores.client.send, _effect(request)
        if effect is Kind.POD_CREATE:
            self._process.world.sent(request)
        name = f"pod: {request.method} {_kind_of(request.path)}"
        return self._process.call(
            name, effect, lambda: act(pod, request), pod.pod_id, request.timeout_seconds()
        )


def _effect(request: PodRequest) -> Kind:
    if not request.changes_something:
        return Kind.POD_LIST if request.path.startswith("/servers/detail") else Kind.POD_READ
    return Kind.POD_CREATE if (request.method, request.path) == ("POST", "/servers") else Kind.POD_WRITE


def _kind_of(path: str) -> str:
    """The path without what differs from server to server."""
    path, _, query = path.partition("?")
    named = [part if part.replace("-", "").isalpha() else "{id}" for part in path.split("/")[1:]]
    asked = sorted({pair.partition("=")[0] for pair in query.split("&") if pair})
    return "/" + "/".join(named) + (f"?{'&'.join(asked)}" if asked else "")
