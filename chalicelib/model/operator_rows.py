"""Operator rows: what a pod's Nova shows operators of itself, with hosts, ids and zones in our words."""

from __future__ import annotations

from typing import Any

from chalicelib.model import pod_host
from chalicelib.model.pod import Pod
from chalicelib.model.pod_number import numbered

INTERNAL = "internal"  # the zone of a Nova's own services, in every pod
_HOSTS = frozenset(
    {
        "dest_compute",
        "dest_node",
        "host",
        "host_name",
        "hypervisor_hostname",
        "source_compute",
        "source_node",
    }
)
_LISTS_OF_HOSTS = frozenset({"hosts", "hosts_not_run"})
_MAPS_BY_HOST = frozenset({"hosts", "log"})
_NOT_NOVAS = frozenset({"cpu_info", "metadata", "links"})  # what others wrote may have any keys


def in_our_words(value: Any, pod: Pod, number: int) -> Any:
    """A copy of a document or a part of it: hosts with their pod, whole ids numbered, and our zone.

    A pod stands in one zone, so whatever zone its Nova names is that one, except ``internal``.
    """
    if isinstance(value, list):
        return [in_our_words(each, pod, number) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _said(key, inside, pod, number) for key, inside in value.items()}


def _said(key: str, value: Any, pod: Pod, number: int) -> Any:
    if key in _NOT_NOVAS:
        return value
    if key in _HOSTS and isinstance(value, str):
        return pod_host.shown(pod.pod_name, value)
    if key == "id" and isinstance(value, int):
        return numbered(value, number)
    if key == "zone" and value != INTERNAL:
        return pod.az_name
    if key in _LISTS_OF_HOSTS and isinstance(value, list):
        return [
            pod_host.shown(pod.pod_name, each) if isinstance(each, str) else in_our_words(each, pod, number)
            for each in value
        ]
    if key in _MAPS_BY_HOST and isinstance(value, dict):
        return {pod_host.shown(pod.pod_name, host): told for host, told in value.items()}
    return in_our_words(value, pod, number)
