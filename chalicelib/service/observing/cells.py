"""Cells: whether a pod sees all of its servers now, so that what it doesn't know isn't there."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.microversion import Microversion, speaks
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, has
from chalicelib.service.asking.answer import document
from chalicelib.service.ports import PodClient

SECONDS = 4.0
# From here on Nova names the services of cells that it can't reach, with the status UNKNOWN.
_TELLS_OF_CELLS = Microversion(2, 69)
_STATUSES = ("enabled", "disabled")


@dataclass(frozen=True, slots=True)
class Cells:
    """Asks pods with their service credentials."""

    client: PodClient

    def are_up(self, pod: Pod) -> bool:
        """Whether the pod proves that none of its cells is out of reach.

        A pod that is too old, or says anything else, proves nothing. Raises PodUnreachable, NoCredential,
        KeystoneUnavailable.
        """
        if not speaks(pod, _TELLS_OF_CELLS):
            return False
        question = PodRequest(
            "GET",
            "/os-services",
            headers={"OpenStack-API-Version": f"compute {_TELLS_OF_CELLS}"},
            read_timeout_seconds=SECONDS,
        )
        reply: PodReply = self.client.send(pod, question)
        if not has(pod, reply, denials=(400, 403, 404, 406)):
            return False
        services = document(pod, reply).get("services")
        if not isinstance(services, list) or not services:
            return False
        return all(isinstance(each, dict) and each.get("status") in _STATUSES for each in services)
