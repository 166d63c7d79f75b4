"""Versions: the microversions that a pod's Nova speaks."""

from __future__ import annotations

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.json_values import read_json
from chalicelib.model.microversion import MicroversionRange
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply


def compute_versions(pod: Pod, reply: PodReply) -> tuple[str, str]:
    """The lowest and highest microversion in a version document. Raises PodUnreachable when it isn't one."""
    try:
        version = read_json(reply.body)["version"]
        spoken = MicroversionRange.parse(str(version["min_version"]), str(version["version"]))
    except (ValueError, KeyError, TypeError) as error:
        message = f"{pod.pod_name} compute gives no version document at its endpoint: {reply.status}"
        raise PodUnreachable(pod.pod_id, message, sent=True) from error
    return str(spoken.low), str(spoken.high)
