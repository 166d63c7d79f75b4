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
_BY_HOST = frozenset({"hosts", "log"})
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
    if isinstance(value, str):
        return _text(key, value, pod)
    if isinstance(value, int) and key == "id":
        return numbered(value, number)
    if key in _NOT_NOVAS:
        return value
    if isinstance(value, dict) and key in _BY_HOST:
        return {pod_host.shown(pod.pod_name, host): told for host, told in value.items()}
    if isinstance(value, list) and key in _LISTS_OF_HOSTS:
        return [
            _text("host", each, pod) if isinstance(each, str) else _said("", each, pod, number)
            for each in value
        ]
    return in_our_words(value, pod, number)


def _text(key: str, value: str, pod: Pod) -> str:
    if key in _HOSTS:
        return pod_host.shown(pod.pod_name, value)
    return pod.az_name if key == "zone" and value != INTERNAL else value
