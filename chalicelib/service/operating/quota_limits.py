"""Quota limits: what admins write of quotas, and what is shown of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf
from urllib.parse import quote

from chalicelib.model.amounts import Amounts
from chalicelib.model.errors import InvalidField, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.quota import DEFAULTS, UNLIMITED, Holder, QuotaSet
from chalicelib.service.asking.quotas import Quotas
from chalicelib.service.asking.usage import Usage, UsageReader
from chalicelib.service.kinds.first import First
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.ports import QuotaStore, UsageStore

ATTEMPTS = 5
_NO_SUCH_PROJECT = 400  # Nova's answer when Keystone tells it so


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """Reads and writes limits as one Nova would, with what is used in all pods."""

    quotas: Quotas
    store: QuotaStore
    usages: UsageStore
    reader: UsageReader
    first: First

    def used(self, caller: Caller, holder: Holder) -> dict[str, int]:
        """What is used of each resource in all pods, by Nova's names; 0 of those that Nova doesn't count."""
        usage = self._usage(caller, holder)
        used = usage.servers
        return {
            **dict.fromkeys(DEFAULTS, 0),
            "cores": used.vcpus,
            "instances": used.instances,
            "ram": used.ram_mb,
            "server_groups": usage.server_groups,
        }

    def write(self, caller: Caller, holder: Holder, asked: Mapping[str, int], force: bool) -> None:
        """Write limits of a project or a user. Raises InvalidField.

        Unless ``force`` is given, a limit covers what is used and what its users were given, and users are
        given no more than the project has.
        """
        if not force:
            used = self.used(caller, holder)
            for resource, limit in asked.items():
                least, most = self._bounds(holder, resource, used[resource])
                _check(resource, limit, least, most)
        self._change(holder, lambda limits: {**limits, **asked})
        if holder.user_id:
            self.usages.forget(holder.holder_id)  # while he had no limits of his own, nobody counted

    def take_back(self, project_id: str, user_id: str = "") -> None:
        """Take the limits of a user back, or those of a project and of all its users."""
        for quota in self.store.of_project(project_id):
            if user_id in ("", quota.holder.user_id):
                self._change(quota.holder, lambda _: {})

    def write_class(self, class_name: str, asked: Mapping[str, int]) -> None:
        """Write limits of a class of projects. Only those of ``default`` are in force."""
        self._change(Holder(class_name=class_name), lambda limits: {**limits, **asked})

    def verify(self, caller: Caller, project_id: str) -> None:
        """Ask a pod's Nova, which asks Keystone, whether there is such a project. Raises InvalidField.

        Where no pod can tell, there is, as with Nova itself.
        """
        if project_id == caller.identity.project_id or not caller.identity.is_admin:
            return
        question = PodRequest(
            "GET",
            f"/os-quota-sets/{quote(project_id, safe='')}",
            token=caller.token,
            identity=caller.identity,
            request_id=caller.request_id,
            deadline=caller.deadline,
        )
        try:
            answer = self.first.that_answers(caller, question)
        except Unavailable:
            return
        if answer.reply.status == _NO_SUCH_PROJECT:
            raise InvalidField("project_id", f"Project ID {project_id} is not a valid project.")

    def _usage(self, caller: Caller, holder: Holder) -> Usage:
        """What the pods say; while one is silent, no less than what creates have counted."""
        usage = self.reader.of(caller, holder)
        counted = None if usage.complete else self.usages.read(holder.holder_id)
        if counted is None:
            return usage
        least = Amounts() - counted.free
        most = Amounts(*map(max, usage.servers, least))
        return replace(usage, servers=most)

    def _bounds(self, holder: Holder, resource: str, used: int) -> tuple[int, int]:
        """The least and the most that a limit may be; -1 is infinitely much."""
        project_id = holder.project_id
        limit = self.quotas.limits(project_id)[resource]
        given = sum(limits.get(resource, 0) for limits in self.quotas.of_users(project_id))
        left = limit - given if limit >= 0 and limit >= given else UNLIMITED
        if not holder.user_id:
            return max(given if left != UNLIMITED else UNLIMITED, used), UNLIMITED
        own = self.quotas.own_limits(project_id, holder.user_id).get(resource, 0)
        return used, UNLIMITED if UNLIMITED in (left, own) else left + own

    @anew_when_overtaken(ATTEMPTS)
    def _change(self, holder: Holder, change: Callable[[Mapping[str, int]], Mapping[str, int]]) -> None:
        before: QuotaSet = self.store.get(holder)
        self.store.put(before.written(change(before.limits)))
        self.quotas.forget()


def _check(resource: str, limit: int, least: int, most: int) -> None:
    if _size(limit) < _size(least):
        told = f"greater than or equal to already used and reserved {least}"
    elif _size(limit) > _size(most):
        told = f"less than or equal to {most}"
    else:
        return
    raise InvalidField(resource, f"Quota limit {limit} for {resource} must be {told}.")


def _size(limit: int) -> float:
    return inf if limit == UNLIMITED else limit
