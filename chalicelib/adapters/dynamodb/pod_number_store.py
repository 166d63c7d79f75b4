"""Pod number store: one item beside the pods, which holds every number that was ever given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.pod_items import PodItem
from chalicelib.adapters.dynamodb.transaction import written

_KEY = "numbers"


class DynamoPodNumberStore:
    """Writes the item only if nobody wrote it since it was read, so no two pods get one number."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pods = database.table(PodItem)

    def of(self, pod_ids: Iterable[str]) -> Mapping[str, int]:
        """Every number that was ever given, after each of these pods has got one."""
        wanted = list(pod_ids)
        while True:
            item = self._read()
            given: dict[str, int] = json.loads(item.numbers) if item else {}
            numbers = dict(given)
            for pod_id in wanted:
                numbers.setdefault(pod_id, len(numbers) + 1)
            if numbers == given or self._write(item, numbers):
                return numbers

    def _read(self) -> PodItem | None:
        try:
            return self._pods.get(_KEY, consistent_read=True)
        except self._pods.DoesNotExist:
            return None

    def _write(self, before: PodItem | None, numbers: Mapping[str, int]) -> bool:
        """Whether it was written; False when another process was first."""
        unchanged = self._pods.numbers == before.numbers if before else self._pods.pod_id.does_not_exist()
        item = self._pods(_KEY, numbers=json.dumps(numbers))
        return written(self._database, lambda write: write.save(item, unchanged))
