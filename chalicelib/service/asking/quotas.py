"""Quotas: the limits in force for a project or one of its users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from chalicelib.model.quota import DEFAULT_CLASS, DEFAULTS, Holder
from chalicelib.service.ports import Clock, QuotaStore

MOST_KNOWN = 1000


class Quotas:
    """What admins have written, at most ``cache_seconds`` old.

    A limit of a user goes before the project's, that before the default class's, and that before the
    deployment's own (``deployed``), which lie over Nova's.
    """

    def __init__(
        self,
        store: QuotaStore,
        clock: Clock,
        deployed: Mapping[str, int] = DEFAULTS,
        cache_seconds: float = 5.0,
    ) -> None:
        """Read at the first need."""
        self._store, self._clock = store, clock
        self._deployed = {**DEFAULTS, **deployed}
        self._keep = timedelta(seconds=cache_seconds)
        self._known: dict[str, tuple[datetime, Mapping[Holder, Mapping[str, int]]]] = {}

    def defaults(self, class_name: str = DEFAULT_CLASS) -> dict[str, int]:
        """The limits of a class; without any of their own those of ``default`` hold for all projects."""
        return {**self._deployed, **self._store.get(Holder(class_name=class_name)).limits}

    def limits(self, project_id: str, user_id: str = "") -> dict[str, int]:
        """All limits of a project, or of a user in it, by Nova's names; -1 is no limit."""
        written = self._written(project_id)
        of_project, own = (written.get(Holder(project_id, each), {}) for each in ("", user_id))
        return {**written[Holder()], **of_project, **own}

    def limit_of(self, project_id: str, user_id: str, resource: str) -> int:
        """One limit, such as that of ``key_pairs``; -1 is no limit."""
        return self.limits(project_id, user_id)[resource]

    def own_limits(self, project_id: str, user_id: str = "") -> Mapping[str, int]:
        """What was written for just this project, or just this user."""
        return self._written(project_id).get(Holder(project_id, user_id), {})

    def of_users(self, project_id: str) -> list[Mapping[str, int]]:
        """What was written for each user of a project."""
        return [limits for holder, limits in self._written(project_id).items() if holder.user_id]

    def forget(self) -> None:
        """Read again at the next need: an admin changed something in this process."""
        self._known.clear()

    def _written(self, project_id: str) -> Mapping[Holder, Mapping[str, int]]:
        """The limits that count in a project by their holder; the defaults are those of nobody."""
        now = self._clock()
        known = self._known.get(project_id)
        if known is not None and timedelta(0) <= now - known[0] < self._keep:
            return known[1]
        written = {quota.holder: quota.limits for quota in self._store.of_project(project_id)}
        found = {**written, Holder(): self.defaults()}
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[project_id] = now, found
        return found
