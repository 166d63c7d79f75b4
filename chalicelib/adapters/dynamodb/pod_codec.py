"""Pod codec: the operator's record of a pod as JSON, without what the pod reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.model.pod import Pod
from chalicelib.model.pod_table import RECORDED, read, write


def write_pod(pod: Pod) -> dict[str, Any]:
    """What an operator set, ready for JSON."""
    return write(pod, RECORDED)


def read_pod(record: Mapping[str, Any], **reported: Any) -> Pod:
    """The pod of a record, with what it ``reported``; keys that a later version wrote are passed over."""
    return Pod(**read(record, RECORDED), **reported)
