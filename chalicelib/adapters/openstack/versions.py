"""Versions: the microversions a pod's compute speaks."""

from __future__ import annotations

import json
import re

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply

_MICROVERSION = re.compile(r"\d{1,3}\.\d{1,4}")


def compute_versions(pod: Pod, reply: PodReply) -> tuple[str, str]:
    """The lowest and highest in a version document; raises PodUnreachable when it isn't one."""
    try:
        version = json.loads(reply.body)["version"]
        lowest, highest = str(version["min_version"]), str(version["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise _no_versions(pod, reply) from error
    if not (_MICROVERSION.fullmatch(lowest) and _MICROVERSION.fullmatch(highest)):
        raise _no_versions(pod, reply)
    return lowest, highest


def number(version: str) -> tuple[int, ...]:
    """Something to compare by: 2.100 is newer than 2.96."""
    return tuple(int(part) for part in version.split("."))


def _no_versions(pod: Pod, reply: PodReply) -> PodUnreachable:
    message = f"{pod.pod_name} compute gives no version document at its endpoint: {reply.status}"
    return PodUnreachable(pod.pod_id, message, sent=True)
