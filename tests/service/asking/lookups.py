"""Lookups: pods that hold what a test says, and who asks them."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.model.errors import PodUnreachable
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.locality import Locality
from tests.builders import a_hybrid_pod
from tests.service.desk import OPERATOR

OTHER = replace(OPERATOR, identity=replace(OPERATOR.identity, project_id="another"))


class Lookup:
    """Pods that hold what a test says; those that are down don't answer."""

    def __init__(self, **held):
        self.held, self.down, self.asked = held, set(), []

    def holds(self, pod, named, caller):
        self.asked.append((pod.pod_id, named.resource_id, caller.token))
        if pod.pod_id in self.down:
            raise PodUnreachable(pod.pod_id, "timed out", sent=True)
        return named.resource_id in self.held.get(pod.pod_id, ())


def locality(lookup, clock, stretched=()):
    return Locality(lookup, FanOut(4), clock, 5.0, frozenset(stretched))


def a_pod_that_lets_in(pod_id, *callers, url=""):
    known = {caller.identity.project_id: "a" * 32 for caller in callers}
    return a_hybrid_pod(pod_id, pod_project_ids=known, endpoints={"image": url})
