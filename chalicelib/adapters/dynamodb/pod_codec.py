"""Pod codec: the operator's record of a pod as JSON, without what the pod reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.model.pod import Pod
from chalicelib.model.pod_table import RECORDED, read, write


def write_pod(pod: Pod) -> dict[str, Any]:
    """What an operator set, as values that JSON can hold."""
    return write(pod, RECORDED)


def read_pod(record: Mapping[str, Any], **reported: Any) -> Pod:
    """The pod of a record, with the fields that it ``reported``.

    Keys that a later version of this code added to the record are ignored.
    """
    return Pod(**read(record, RECORDED), **reported)
