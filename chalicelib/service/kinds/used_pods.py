"""Used pods: where a project may have something that is kept in one pod and has no location."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.service.asking.home_pod import HomePods
from chalicelib.service.kinds.located import Located


@dataclass(frozen=True, slots=True)
class UsedPods:
    """The pods in which a project was ever placed, and its home pod, where it makes what has no other."""

    located: Located
    home_pods: HomePods

    def of(self, caller: Caller, everywhere: bool) -> list[Pod]:
        """They, the home pod first; with ``everywhere`` all pods. Raises Unavailable when there are none."""
        holders = self.located.holders(caller, everywhere)
        try:
            home = self.home_pods.of(caller.identity.project_id)
        except Unavailable:
            if not holders:
                raise
            return holders
        return [home, *(pod for pod in holders if pod.pod_id != home.pod_id)]
