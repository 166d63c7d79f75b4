"""Decision store: decisions are kept packed until they expire."""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from pynamodb.attributes import BinaryAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.model.errors import InvalidField, NotFound
from chalicelib.model.page import Page
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.decision_codec import pack, unpack

# The index by time is spread over this many partitions, since every create writes to it and a single one
# would be throttled. A list over all projects reads them all.
SHARDS = 8


class ByProject(GlobalSecondaryIndex["DecisionItem"]):
    """Finds a project's decisions by time. It copies keys only: decisions are long, and copies are billed."""

    class Meta:
        """Only keys are copied into the index."""

        index_name = "by-project"
        projection = KeysOnlyProjection()

    project_id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class ByRequest(GlobalSecondaryIndex["DecisionItem"]):
    """Finds a request's decisions by time: one, or several when the create had to decide again."""

    class Meta:
        """Only keys are copied into the index."""

        index_name = "by-request"
        projection = KeysOnlyProjection()

    request_id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class ByPodRequest(GlobalSecondaryIndex["DecisionItem"]):
    """Finds the decision of a create that made nothing, by the id under which its pod knows it."""

    class Meta:
        """Only keys are copied into the index."""

        index_name = "by-pod-request"
        projection = KeysOnlyProjection()

    pod_request_id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class ByTime(GlobalSecondaryIndex["DecisionItem"]):
    """Finds all decisions by time, spread over shards."""

    class Meta:
        """Only keys are copied into the index."""

        index_name = "by-time"
        projection = KeysOnlyProjection()

    shard = NumberAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class DecisionItem(Item):
    """A decision.

    ``created_at`` is the time of the request, then the attempt, since all attempts of a create have its time,
    and the id, so that no two are equal and a page can start after any.
    """

    noun = "decisions"
    decision_id = UnicodeAttribute(hash_key=True)
    project_id = UnicodeAttribute()
    request_id = UnicodeAttribute(null=True)
    pod_request_id = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    shard = NumberAttribute()
    packed = BinaryAttribute(legacy_encoding=False)
    expires_at = TTLAttribute()
    by_project = ByProject()
    by_request = ByRequest()
    by_pod_request = ByPodRequest()
    by_time = ByTime()


class DynamoDecisionStore:
    """Keeps one item for each decision. Lists find the keys in an index, then read the decisions by them."""

    def __init__(self, database: Database, now: Callable[[], datetime], ttl_days: int = 30) -> None:
        """``now`` decides what has expired, since DynamoDB may delete an expired item days later."""
        self._decisions = database.table(DecisionItem)
        self._now = now
        self._ttl = timedelta(days=ttl_days)

    def save(self, decision: Decision, pod_request_id: str = "") -> None:
        """Write a decision. Writing it again does no harm, since a decision never changes.

        ``pod_request_id`` finds it too.
        """
        self._decisions(
            decision.decision_id,
            project_id=decision.spec.project_id,
            request_id=decision.spec.request_id or None,  # an index takes no empty key
            pod_request_id=pod_request_id or None,
            created_at=_order(decision),
            shard=zlib.crc32(decision.decision_id.encode()) % SHARDS,
            packed=pack(decision),
            expires_at=decision.spec.requested_at + self._ttl,
        ).save()

    def get(self, decision_id: str) -> Decision:
        """One decision, read strongly. Raises NotFound, also when it has expired."""
        return unpack(self._item(decision_id).packed)

    def list(self, project_id: str = "", page: Page = Page(limit=50)) -> list[Decision]:
        """Newest first, of all projects when none is named. Raises InvalidField for an unknown marker."""
        before = self._marked(page.marker).created_at if page.marker else "~"
        oldest = self._oldest()
        if project_id:
            keys = self._keys_of_project(project_id, oldest, before, page.limit)
        else:
            keys = self._keys_of_all(oldest, before, page.limit)
        return [found for found in self._read(islice(keys, page.limit)) if found is not None]

    def of_request(self, request_id: str) -> Sequence[Decision]:
        """By our id of a request or the pod's, the last attempt first (eventually consistent)."""
        oldest, table = self._oldest(), self._decisions
        since = ByRequest.created_at > oldest
        keys = list(table.by_request.query(request_id, since, scan_index_forward=False))
        if not keys:
            since = ByPodRequest.created_at > oldest
            keys = list(table.by_pod_request.query(request_id, since, scan_index_forward=False))
        return [found for found in self._read(keys) if found is not None]

    def _oldest(self) -> str:
        return _moment(self._now() - self._ttl) + "~"  # "~" sorts after every id of that moment

    def _keys_of_project(
        self, project_id: str, oldest: str, before: str, limit: int
    ) -> Iterator[DecisionItem]:
        index = self._decisions.by_project
        since = ByProject.created_at.between(oldest, before)
        keys = index.query(project_id, since, scan_index_forward=False, page_size=limit + 1)
        return (key for key in keys if key.created_at != before)

    def _keys_of_all(self, oldest: str, before: str, limit: int) -> Iterator[DecisionItem]:
        index = self._decisions.by_time
        since = ByTime.created_at.between(oldest, before)
        shards = [
            index.query(shard, since, scan_index_forward=False, page_size=limit + 1)
            for shard in range(SHARDS)
        ]
        merged = heapq.merge(*shards, key=lambda item: item.created_at, reverse=True)
        return (key for key in merged if key.created_at != before)

    def _read(self, keys: Iterable[DecisionItem]) -> Iterator[Decision | None]:
        decision_ids = [key.decision_id for key in keys]
        found = {item.decision_id: unpack(item.packed) for item in self._decisions.batch_get(decision_ids)}
        return (found.get(decision_id) for decision_id in decision_ids)

    def _item(self, decision_id: str) -> DecisionItem:
        try:
            item = self._decisions.get(decision_id, consistent_read=True)
        except self._decisions.DoesNotExist as error:
            raise NotFound("Decision", decision_id) from error
        if item.expires_at <= self._now():
            raise NotFound("Decision", decision_id)
        return item

    def _marked(self, marker: str) -> DecisionItem:
        try:
            return self._item(marker)
        except NotFound as error:
            raise InvalidField("marker", f"There is no decision {marker}.") from error


def _order(decision: Decision) -> str:
    spec = decision.spec
    return f"{_moment(spec.requested_at)}#{spec.attempt}#{decision.decision_id}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
