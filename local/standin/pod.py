"""A pod: one small OpenStack with Nova, Placement, Glance and Neutron behind one port."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from local.standin import control
from local.standin.clock import Clock
from local.standin.glance import GlanceApi
from local.standin.hosts import Host
from local.standin.identity import TokenAuthority
from local.standin.ids import RandomIds
from local.standin.images import ImageShelf
from local.standin.message import Fault, Reply, Request
from local.standin.network import Network
from local.standin.neutron import NeutronApi
from local.standin.nova.api import NovaApi
from local.standin.nova.flavor import Flavor
from local.standin.nova.server import Server
from local.standin.nova.state import NovaState
from local.standin.placement import PlacementApi
from local.standin.placement_bodies import Summary
from local.standin.plan import DemoPod
from local.standin.site import Site


class Service(Protocol):
    """One of a pod's services; ``path`` is what follows the service's prefix, such as ``/compute``."""

    def answer(self, request: Request, path: str) -> Reply: ...


class Pod(Site):
    """A pod; its services are at ``/compute``, ``/placement``, ``/image`` and ``/network``."""

    def __init__(
        self,
        plan: DemoPod,
        *,
        authority: TokenAuthority,
        keystone_url: str,
        clock: Clock,
        ids: RandomIds,
        flavors: Iterable[Flavor],
        images: tuple[str, ...],
        port: int = 0,
        build_seconds: float = 0.5,
        action_seconds: float = 0.1,
    ) -> None:
        super().__init__(plan.name, clock, port)
        self.plan = plan
        self.hosts = tuple(
            Host(f"{plan.name.lower()}-host{number}", size) for number, size in enumerate(plan.hosts, start=1)
        )
        self.nova = NovaState(
            clock=clock,
            ids=ids,
            hosts=self.hosts,
            images=ImageShelf(images, clock.now()),
            network=Network(plan.name),
            zone=plan.pod_az_name,
            build_seconds=build_seconds,
            action_seconds=action_seconds,
            flavors={
                f.id: replace(f, extra_specs=dict(f.extra_specs), access=set(f.access)) for f in flavors
            },
        )
        self._placement = PlacementApi(self.nova, authority, keystone_url)
        self._services: dict[str, Service] = {
            "compute": NovaApi(self.nova, authority, keystone_url),
            "placement": self._placement,
            "image": GlanceApi(self.nova.images, authority, keystone_url),
            "network": NeutronApi(self.nova, authority, keystone_url),
        }

    @property
    def endpoints(self) -> dict[str, str]:
        """The URLs that the service catalogue has for this pod, by service type."""
        return {
            "compute": f"{self.url}/compute/v2.1",
            "placement": f"{self.url}/placement",
            "image": f"{self.url}/image",
            "network": f"{self.url}/network",
        }

    def serve(self, request: Request) -> Reply:
        """Let the service that the path begins with reply."""
        head, _, rest = request.path.removeprefix("/").partition("/")
        service = self._services.get(head)
        if service is None:
            return Reply(404, {"error": {"code": 404, "message": f"No service at /{head} in this pod."}})
        return service.answer(request, f"/{rest}")

    def control(self, request: Request) -> Reply:
        """Carry out an order to this pod."""
        try:
            verb = request.path.removeprefix("/_control").strip("/")
            return control.obey(self, request.method, verb, request)
        except Fault as fault:
            return control.refusal(fault)

    def fill(self) -> None:
        """Leave no room for one more server on any host."""
        with self.nova.lock:
            for host in self.hosts:
                host.fill()

    def restore(self) -> None:
        """Give back what ``fill`` took; servers keep their room."""
        with self.nova.lock:
            for host in self.hosts:
                host.restore()

    def report_capacity(self, lie: Summary | None) -> None:
        """Have Placement report ``{"VCPU": {"capacity": -5}}`` or another lie for all hosts; None ends it."""
        self._placement.lie = lie

    def servers(self, project_id: str | None = None) -> list[Server]:
        """The servers that aren't deleted, of one project or of all."""
        with self.nova.lock:
            return [s for s in self.nova.live_servers() if project_id in (None, s.project_id)]

    def recover(self) -> None:
        """End a hang, the ordered troubles, a fill and a lie of Placement."""
        super().recover()
        self.restore()
        self.report_capacity(None)
