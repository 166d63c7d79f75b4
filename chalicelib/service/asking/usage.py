"""Usage: what a project has in all its pods, or a user in it, as their Novas count it for their quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib.model import fields
from chalicelib.model.amounts import Amounts
from chalicelib.model.errors import InvalidField
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, no_answer
from chalicelib.model.quota import COUNTED, Holder
from chalicelib.model.resource import SERVERS, ResourceRow, is_uuid
from chalicelib.service.asking.answer import document
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.location import may_hold
from chalicelib.service.asking.pages import rows_of
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import LocationStore, PodClient, ProjectStore

_A_COUNT = fields.whole()  # what a store keeps, and nobody gains by: a number below zero would be room
_UNCOUNTED_YET = "scheduling"  # Nova counts a server once it has chosen a host for it, or found none


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used in all pods; ``complete`` False: a pod is silent, and counts by what we know of it.

    ``counted`` are the ids of new servers that it includes, or that are gone; ``waiting`` those of servers
    that it doesn't include yet.
    """

    servers: Amounts
    server_groups: int = 0
    complete: bool = True
    counted: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UsageReader:
    """Asks the project's pods with the caller's token, in parallel, each for ``deadline_seconds`` at most."""

    roster: Roster
    projects: ProjectStore
    locations: LocationStore
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def of(self, caller: Caller, holder: Holder, new_since: datetime | None = None) -> Usage:
        """What the holder uses; with ``new_since`` also which servers of the caller's are new since then.

        In a pod that is silent, a project has the servers that we have locations of. Nobody knows how large
        they are.
        """
        placed = self.roster.of(self.projects.pod_ids(holder.project_id))
        pods = [pod for pod in placed if may_hold(pod, self.locations)]
        answers = self.fan_out.ask(
            pods,
            lambda pod: self._in_pod(pod, caller, holder, new_since),
            caller.deadline.at_most(self.deadline_seconds),
        )
        known = (len(self.locations.of_project(holder.project_id, pod.pod_id)) for pod in answers.missing)
        told = [usage for _, usage in answers.given]
        return Usage(
            sum((usage.servers for usage in told), Amounts(instances=sum(known))),
            sum(usage.server_groups for usage in told),
            complete=not answers.missing,
            counted=frozenset().union(*(usage.counted for usage in told)),
            waiting=frozenset().union(*(usage.waiting for usage in told)),
        )

    def _in_pod(self, pod: Pod, caller: Caller, holder: Holder, new_since: datetime | None) -> Usage:
        question = PodRequest(
            "GET",
            _path(caller, holder),
            token=caller.token,
            identity=caller.identity,
            request_id=caller.request_id,
            read_timeout_seconds=self.deadline_seconds,
            deadline=caller.deadline,
        )
        # The new servers first: those that Nova has chosen a host for, the count that is read next includes.
        rows = self._changed(pod, question, new_since) if new_since else []
        waiting = frozenset(row["id"].lower() for row in rows if _is_waiting(row))
        counted = frozenset(row["id"].lower() for row in rows) - waiting
        reply = self.client.send(pod, question)
        used = _used(_shown(pod, reply), holder)
        if used is None:
            raise no_answer(pod, reply)
        return replace(used, counted=counted, waiting=waiting)

    def _changed(self, pod: Pod, question: PodRequest, since: datetime) -> Sequence[ResourceRow]:
        query = urlencode({"changes-since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})
        reply = self.client.send(pod, replace(question, path=f"/{SERVERS.collection}/detail?{query}"))
        _shown(pod, reply)
        return [row for row in rows_of(pod, reply, SERVERS)[0] if is_uuid(row["id"])]


def _shown(pod: Pod, reply: PodReply) -> Mapping[str, Any]:
    """What a pod shows. One that refuses is as good as silent: creates don't depend on its policy."""
    if reply.status != 200:
        raise no_answer(pod, reply)
    return document(pod, reply)


def _path(caller: Caller, holder: Holder) -> str:
    if holder.user_id:
        of_user = urlencode({"user_id": holder.user_id})
        return f"/os-quota-sets/{quote(holder.project_id, safe='')}/detail?{of_user}"
    if holder.project_id == caller.identity.project_id:
        return "/limits"
    return f"/limits?{urlencode({'tenant_id': holder.project_id})}"  # which Nova allows admins


def _is_waiting(row: ResourceRow) -> bool:
    return row.get("status") == "BUILD" and row.get("OS-EXT-STS:task_state") == _UNCOUNTED_YET


def _used(told: Mapping[str, Any], holder: Holder) -> Usage | None:
    """What a pod's answer says is used; None when it says nothing."""
    try:
        if holder.user_id:
            uses = {name: resource["in_use"] for name, resource in told["quota_set"].items() if name != "id"}
            cores, instances, ram, groups = (_count(uses[name]) for name in (*COUNTED, "server_groups"))
        else:
            uses = told["limits"]["absolute"]
            names = ("Cores", "Instances", "RAM")
            cores, instances, ram = (_count(uses[f"total{name}Used"]) for name in names)
            groups = _count(uses.get("totalServerGroupsUsed", 0))
    except (KeyError, TypeError, AttributeError, InvalidField):
        return None
    return Usage(Amounts(vcpus=cores, ram_mb=ram, instances=instances), groups)


def _count(told: object) -> int:
    """How many of something there are, as a pod tells it. Raises InvalidField for what can't be true."""
    return int(_A_COUNT("used", told))
