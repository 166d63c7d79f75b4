"""Location items: which pod holds which server, as rows of a table and its indexes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.adapters.dynamodb.connection import Item
from chalicelib.model.claim import Share
from chalicelib.model.deed import Deed
from chalicelib.model.location import Location


class ByProjectAndPod(GlobalSecondaryIndex["LocationItem"]):
    """Finds a project's servers in a pod that haven't ended, oldest first."""

    class Meta:
        """Every attribute, so that stubs need no second read."""

        index_name = "by-project-and-pod"
        projection = AllProjection()

    live_project_pod = UnicodeAttribute(hash_key=True)
    created_at = UTCDateTimeAttribute(range_key=True)


class ByPod(GlobalSecondaryIndex["LocationItem"]):
    """Finds a pod's servers that haven't ended, oldest first."""

    class Meta:
        """Every attribute, so that a listing needs no second read."""

        index_name = "by-pod"
        projection = AllProjection()

    live_pod_id = UnicodeAttribute(hash_key=True)
    created_at = UTCDateTimeAttribute(range_key=True)


class ByPodRequest(GlobalSecondaryIndex["LocationItem"]):
    """Finds what one create made, by the id under which its pod knows the request."""

    class Meta:
        """Only keys, since few ask."""

        index_name = "by-pod-request"
        projection = KeysOnlyProjection()

    pod_request_id = UnicodeAttribute(hash_key=True)


class LocationItem(Item):
    """Where a server is. A location that ends loses its ``live_`` keys, and so it leaves the indexes.

    One item a pod is no location but says how far the look for unknown servers has come; it has no such keys.
    """

    noun = "locations"
    resource_id = UnicodeAttribute(hash_key=True)
    project_id = UnicodeAttribute()
    pod_id = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    name = UnicodeAttribute()
    request_id = UnicodeAttribute()
    pod_request_id = UnicodeAttribute(null=True)
    decision_id = UnicodeAttribute(null=True)
    ended_at = UTCDateTimeAttribute(null=True)
    deleted = BooleanAttribute(null=True)
    build_failed_at = UTCDateTimeAttribute(null=True)
    claim_token = UnicodeAttribute(null=True)
    claim_share = NumberAttribute(null=True)
    expires_at = TTLAttribute(null=True)
    live_project_pod = UnicodeAttribute(null=True)
    live_pod_id = UnicodeAttribute(null=True)
    deed = UnicodeAttribute(null=True)
    moved_from = UnicodeAttribute(null=True)
    swept_since = UTCDateTimeAttribute(null=True)
    swept_to = UnicodeAttribute(null=True)
    by_project_and_pod = ByProjectAndPod()
    by_pod = ByPod()
    by_pod_request = ByPodRequest()

    def location(self) -> Location:
        return Location(
            resource_id=self.resource_id,
            project_id=self.project_id,
            pod_id=self.pod_id,
            created_at=self.created_at,
            name=self.name,
            request_id=self.request_id,
            pod_request_id=self.pod_request_id or "",
            ended_at=self.ended_at,
            deleted=bool(self.deleted),
            decision_id=self.decision_id or "",
            build_failed_at=self.build_failed_at,
            share=self._share(),
            deed=_deed(self.deed),
            moved_from=self.moved_from or "",
        )

    def _share(self) -> Share | None:
        if self.claim_token is None:
            return None  # nobody saw the create's answer, or the location is older than claims
        return Share(self.pod_id, self.claim_token, int(self.claim_share))


@dataclass(frozen=True, slots=True)
class LocationWrite:
    """Writes a location in another store's transaction, all of which fails if another one is kept."""

    item: LocationItem
    replaceable: Condition

    def join(self, transaction: Any) -> None:
        """Add itself to a pynamodb TransactWrite."""
        transaction.save(self.item, self.replaceable)


def write_deed(deed: Deed) -> str:
    """A deed as it is stored."""
    return json.dumps(
        {
            "at": deed.at.isoformat() if deed.at else None,
            "user_id": deed.user_id,
            "request_id": deed.request_id,
            "reason": deed.reason,
        }
    )


def _deed(text: str | None) -> Deed | None:
    if text is None:
        return None
    told = json.loads(text)
    at = datetime.fromisoformat(told["at"]) if told["at"] else None
    return Deed(at, told["user_id"], told["request_id"], told["reason"])
