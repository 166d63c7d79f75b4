"""Quota net: the pods' own limits are set to ours, so that each of them holds what we might miss."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from chalicelib import observability
from chalicelib.model.errors import Trio2oError
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, answered
from chalicelib.model.quota import Holder, QuotaSet
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.ports import PodClient, PodStore, QuotaStore

MOST_WRITES = 50  # to one pod in one round; the next one goes on
_ACCEPTED = range(200, 300)


@dataclass(frozen=True, slots=True)
class QuotaNet:
    """Writes to each pod the limits that it hasn't got yet, with its service credential.

    It is a second line only: creates are counted by ourselves. A pod that can't be written to is tried again
    in the next round, and the health page tells of it.
    """

    store: QuotaStore
    pods: PodStore
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def spread(self) -> None:
        """One round over the pods that are proven."""
        written = sorted(self.store.list(), key=lambda quota: quota.holder.user_id)  # projects before users
        pods = [pod for pod in self.pods.list() if pod.az_name and pod.proven]
        if not any(_is_lacking(pod, quota) for quota in written for pod in pods):
            return
        answers = self.fan_out.ask(pods, lambda pod: self._given(pod, written), self.deadline_seconds)
        given = {pod.pod_id: holders for pod, holders in answers.given}
        for quota in written:
            now_in = {
                pod_id: quota.generation for pod_id, holders in given.items() if quota.holder in holders
            }
            if now_in:
                self.store.note(replace(quota, set_in={**quota.set_in, **now_in}))

    def _given(self, pod: Pod, written: Sequence[QuotaSet]) -> frozenset[Holder]:
        """Whose limits the pod was given; the first that can't be written ends its round."""
        missing = [quota for quota in written if _is_lacking(pod, quota)]
        given: set[Holder] = set()
        for quota in missing[:MOST_WRITES]:
            try:
                status = answered(pod, self._write(pod, quota)).status
                told = "" if status in _ACCEPTED else f"answered {status}"
            except Trio2oError as error:
                told = str(error)
            if told:
                extra = {"pod": pod.pod_name, "error": told}
                observability.logger().warning("quota not set in pod", extra=extra)
                break
            given.add(quota.holder)
        return frozenset(given)

    def _write(self, pod: Pod, quota: QuotaSet) -> PodReply:
        holder, limits = quota.holder, dict(quota.limits)
        path, body = (
            f"/os-quota-sets/{quote(holder.project_id, safe='')}",
            {"quota_set": {**limits, "force": True}},
        )
        if holder.class_name:
            path, body = (
                f"/os-quota-class-sets/{quote(holder.class_name, safe='')}",
                {"quota_class_set": limits},
            )
        if holder.user_id:
            path += f"?{urlencode({'user_id': holder.user_id})}"
        request = PodRequest(
            "PUT" if limits else "DELETE",
            path,
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode() if limits else None,
            read_timeout_seconds=self.deadline_seconds,
        )
        return self.client.send(pod, request)


def _is_lacking(pod: Pod, quota: QuotaSet) -> bool:
    """Whether a pod hasn't got these limits yet. A Keystone of its own knows none of our users."""
    holder = quota.holder
    known = bool(holder.class_name) or (
        pod.lets_in(holder.project_id) and not (pod.is_hybrid and holder.user_id)
    )
    return known and quota.missing_in(pod.pod_id)
