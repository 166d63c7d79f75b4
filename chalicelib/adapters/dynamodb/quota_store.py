"""Quota store: the limits of projects, of users in projects, and of classes of projects."""

from __future__ import annotations

import json
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import save_next, written
from chalicelib.model.quota import Holder, QuotaSet

_CLASS, _USER, _ALL = "class#", "user#", "all"


class QuotaItem(Item):
    """What an admin has written. ``group`` is a project's id or a class, ``whose`` all of it or one user."""

    noun = "quotas"
    group = UnicodeAttribute(hash_key=True)
    whose = UnicodeAttribute(range_key=True)
    limits = UnicodeAttribute()
    generation = NumberAttribute()
    set_in = UnicodeAttribute(null=True)

    def quota_set(self) -> QuotaSet:
        name = self.group.removeprefix(_CLASS)
        is_class = self.group != name
        user_id = self.whose.removeprefix(_USER) if self.whose != _ALL else ""
        return QuotaSet(
            Holder(class_name=name) if is_class else Holder(name, user_id),
            json.loads(self.limits),
            int(self.generation),
            json.loads(self.set_in or "{}"),
        )


class DynamoQuotaStore:
    """Keeps one item for each holder."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._quotas = database.table(QuotaItem)

    def get(self, holder: Holder) -> QuotaSet:
        """A holder's limits, read strongly; empty, of generation 0, when none were ever written."""
        try:
            return self._quotas.get(*_key(holder), consistent_read=True).quota_set()
        except self._quotas.DoesNotExist:
            return QuotaSet(holder)

    def of_project(self, project_id: str) -> list[QuotaSet]:
        """What was written for a project and for its users, in one strong query."""
        return [item.quota_set() for item in self._quotas.query(project_id, consistent_read=True)]

    def put(self, quota: QuotaSet) -> None:
        """Write ``quota.generation`` if the stored one is one less. Raises GenerationConflict."""
        table, before = self._quotas, quota.generation - 1
        item = table(*_key(quota.holder), generation=quota.generation, **_texts(quota))
        unchanged = table.generation == before if before else table.group.does_not_exist()
        save_next(self._database, item, unchanged, "The quota was written since it was read.")

    def note(self, quota: QuotaSet) -> None:
        """Keep which pods were given these limits, unless others were written since."""
        item, noted = self._quotas(*_key(quota.holder)), self._quotas.set_in.set(_texts(quota)["set_in"])
        unchanged = self._quotas.generation == quota.generation
        written(self._database, lambda write: write.update(item, [noted], unchanged))

    def list(self) -> list[QuotaSet]:
        """All that was ever written, by a scan: admins write few quotas."""
        return [item.quota_set() for item in self._quotas.scan(consistent_read=True)]


def _key(holder: Holder) -> tuple[str, str]:
    if holder.class_name:
        return f"{_CLASS}{holder.class_name}", _ALL
    return holder.project_id, f"{_USER}{holder.user_id}" if holder.user_id else _ALL


def _texts(quota: QuotaSet) -> dict[str, Any]:
    return {"limits": json.dumps(dict(quota.limits)), "set_in": json.dumps(dict(quota.set_in))}
