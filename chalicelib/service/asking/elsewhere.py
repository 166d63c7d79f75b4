"""Elsewhere: what a request about a server names that is in another pod than the server, told by zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.named_resource import NamedResource
from chalicelib.model.pod import Pod
from chalicelib.service.asking.locality import Locality, glance_of
from chalicelib.service.asking.roster import Roster

_HELP = (
    "A server can only use what is where it runs: use one that is there, or create a server that names this "
    "one, which goes to where it is."
)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Asks where something is once a pod has refused it. What is usual, and not refused, costs nothing."""

    locality: Locality
    roster: Roster

    def told(self, caller: Caller, here: Pod, named: Sequence[NamedResource]) -> str:
        """Why the pod ``here`` can't use what is named, if that is in another one; else empty.

        Empty too if that can't be learned now: then the pod's own words must do.
        """
        pods = self.roster.all()
        try:
            pins = self.locality.pins(caller, named, pods)
        except Unavailable:
            return ""
        for each, pod_ids in pins.items():
            if here.pod_id not in pod_ids:
                return _told(each, here, {pod.az_name for pod in pods if pod.pod_id in pod_ids})
        return ""

    def of_image(self, here: Pod) -> str:
        """Where an image of a server in ``here`` is, if not all pods share the pod's Glance; else empty."""
        if all(glance_of(pod) == glance_of(here) for pod in self.roster.all() if pod.az_name and pod.proven):
            return ""
        return f"The image is in availability zone {here.az_name}, and servers made of it go there."


def _told(named: str, here: Pod, zones: set[str]) -> str:
    if here.az_name in zones:
        where = f"in another part of availability zone {here.az_name} than the server"
    else:
        plural = "s" if len(zones) > 1 else ""
        listed = " and ".join(sorted(zones))
        where = f"in availability zone{plural} {listed}, and the server in {here.az_name}"
    return f"The {named} is {where}. {_HELP}"
