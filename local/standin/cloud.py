"""The whole stand-in cloud: a Keystone and its pods, started and stopped together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from local import demo
from local.standin import control
from local.standin.clock import Clock, SystemClock
from local.standin.identity import Token
from local.standin.ids import RandomIds
from local.standin.keystone.catalog import Catalog
from local.standin.keystone.site import KeystoneSite
from local.standin.keystone.state import KeystoneState
from local.standin.message import Fault, Reply, Request
from local.standin.nova.flavor import Flavor
from local.standin.plan import DemoPod
from local.standin.pod import Pod
from local.standin.site import Site


class DemoCloud:
    """Use as a context manager, or call ``start`` and ``stop``.

    Keystone listens on ``base_port`` and the pods on the ports after it; 0 takes any free ports.
    ``clock`` measures all times, such as how long a server builds.
    """

    def __init__(
        self,
        plans: Sequence[DemoPod] = demo.PODS,
        *,
        base_port: int = 0,
        clock: Clock | None = None,
        build_seconds: float = 0.5,
        action_seconds: float = 0.1,
        token_lifetime_seconds: float = 3600.0,
        flavors: Iterable[Flavor] = demo.FLAVORS,
        images: tuple[str, ...] = demo.IMAGES,
    ) -> None:
        self.clock = clock or SystemClock()
        self._ids = RandomIds()
        self.keystone = KeystoneState(self.clock, self._ids, token_lifetime_seconds)
        self.catalog = Catalog()
        self.keystone_site = KeystoneSite(self.keystone, self.catalog, self.clock, base_port, self._control)
        for login in demo.LOGINS:
            self.keystone.add_user(login.user, login.password, login.project, *login.roles)
        self._pod_settings = (tuple(flavors), images, build_seconds, action_seconds)
        self._plans = tuple(plans)
        self._base_port = base_port
        self.pods: dict[str, Pod] = {}

    def __enter__(self) -> DemoCloud:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def auth_url(self) -> str:
        """What a client takes as its ``OS_AUTH_URL``."""
        return f"{self.keystone_site.url}/v3"

    def pod(self, name: str) -> Pod:
        """The pod with this name. Raises KeyError."""
        return self.pods[name]

    def start(self) -> None:
        """Start Keystone and the pods. Raises PortTaken, and then leaves nothing running."""
        try:
            self.keystone_site.start()
            for number, plan in enumerate(self._plans, start=1):
                self.add_pod(plan, self._base_port + number if self._base_port else 0)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all sites in parallel, since each takes a moment to stop."""
        sites: list[Site] = [*self.pods.values(), self.keystone_site]
        with ThreadPoolExecutor(len(sites)) as pool:
            list(pool.map(Site.kill, sites))

    def add_pod(self, plan: DemoPod, port: int = 0) -> Pod:
        """Make and start a pod, and enter it into the service catalogue. Raises PortTaken."""
        flavors, images, build_seconds, action_seconds = self._pod_settings
        pod = Pod(
            plan,
            authority=self.keystone,
            keystone_url=self.keystone_site.url,
            clock=self.clock,
            ids=self._ids,
            flavors=flavors,
            images=images,
            port=port,
            build_seconds=build_seconds,
            action_seconds=action_seconds,
        )
        pod.start()
        self.pods[plan.name] = pod
        self.catalog.add_region(plan.name, {"identity": self.auth_url, **pod.endpoints})
        return pod

    def register_gateway(self, url: str, region: str = "Gateway") -> None:
        """Enter the gateway into the service catalogue, with the first pod's images and networks."""
        first = next(iter(self.pods.values())).endpoints
        self.catalog.add_region(
            region,
            {
                "identity": self.auth_url,
                "compute": f"{url.rstrip('/')}/v2.1",
                "image": first["image"],
                "network": first["network"],
            },
        )

    def token_for(self, user: str, project: str | None = None) -> Token:
        """Issue a user's token for the named project, else for the first one where the user has roles."""
        owner = self.keystone.find_user(user)
        if owner is None:
            raise LookupError(f"no user {user}")
        wanted = self.keystone.find_project(project) if project else None
        project_id = (
            wanted.id if wanted else next(scope for scope in owner.roles if scope in self.keystone.projects)
        )
        now = self.clock.now()
        roles = tuple(sorted(owner.roles.get(project_id, set())))
        return self.keystone.issue(
            Token("", owner.id, ("password",), roles, now, now, "", project_id=project_id)
        )

    def _control(self, request: Request) -> Reply:
        try:
            return self._obey(request)
        except Fault as fault:
            return control.refusal(fault)

    def _obey(self, request: Request) -> Reply:
        match request.method, [part for part in request.path.split("/") if part][1:]:
            case "GET", [] | ["pods"]:
                return Reply(200, {"pods": [control.write_status(pod) for pod in self.pods.values()]})
            case "POST", ["gateway"]:
                self.register_gateway(str(request.json()["url"]))
                return Reply(204)
            case "POST", ["users"]:
                asked = request.json()
                roles = asked.get("roles", ["member"])
                user = self.keystone.add_user(asked["name"], asked["password"], asked["project"], *roles)
                return Reply(200, {"user_id": user.id})
            case method, ["pods", name, *verb] if name in self.pods:
                return _order(self.pods[name], method, "/".join(verb), request)
        raise Fault(404, f"{request.method} {request.path} is no order")


def _order(pod: Pod, method: str, verb: str, request: Request) -> Reply:
    if (method, verb) == ("POST", "kill"):
        pod.kill()
    elif (method, verb) == ("POST", "start"):
        pod.start()
    else:
        return control.obey(pod, method, verb, request)
    return Reply(200, control.write_status(pod))
