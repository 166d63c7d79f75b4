"""Pod items: the operator's record, its past, the guard of its name, and what a pod last reported."""

from __future__ import annotations

import json

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.adapters.dynamodb.connection import Item
from chalicelib.adapters.dynamodb.pod_codec import read_pod
from chalicelib.adapters.dynamodb.report_codec import read_capacity
from chalicelib.model.capacity import Capacity, PodHealth
from chalicelib.model.deed import Deed
from chalicelib.model.pod import Pod
from chalicelib.model.pod_event import Change, PodAction, PodEvent


class PodItem(Item):
    """A pod; or an item without a record.

    Under ``name#<pod_name>`` that is the guard that keeps a name unique, under ``project#<id>`` the one that
    gives a project of a pod's own Keystone to one of ours, under ``numbers`` all pods' numbers.
    """

    noun = "pods"
    pod_id = UnicodeAttribute(hash_key=True)
    generation = NumberAttribute(null=True)
    record = UnicodeAttribute(null=True)
    owner_id = UnicodeAttribute(null=True)
    numbers = UnicodeAttribute(null=True)

    def pod(self) -> Pod | None:
        """The operator's record; None where the item is no pod."""
        return read_pod(json.loads(self.record)) if self.record else None


class PodEventItem(Item):
    """One write of a pod. Events are only added, one for each generation; they stay when the pod goes."""

    noun = "pod-events"
    pod_id = UnicodeAttribute(hash_key=True)
    generation = NumberAttribute(range_key=True)
    pod_name = UnicodeAttribute()
    action = UnicodeAttribute()
    changes = UnicodeAttribute()
    at = UTCDateTimeAttribute(null=True)
    user_id = UnicodeAttribute()
    request_id = UnicodeAttribute()
    reason = UnicodeAttribute()

    def event(self) -> PodEvent:
        changes = json.loads(self.changes)
        return PodEvent(
            pod_id=self.pod_id,
            pod_name=self.pod_name,
            generation=int(self.generation),
            action=PodAction(self.action),
            changes={name: Change(*values) for name, values in changes.items()},
            deed=Deed(self.at, self.user_id, self.request_id, self.reason),
        )


def write_event(table: type[PodEventItem], event: PodEvent) -> PodEventItem:
    """Make the item of an event; the caller saves it."""
    return table(
        event.pod_id,
        event.generation,
        pod_name=event.pod_name,
        action=event.action.value,
        changes=json.dumps(event.changes),
        at=event.deed.at,
        user_id=event.deed.user_id,
        request_id=event.deed.request_id,
        reason=event.deed.reason,
    )


class CapacityItem(Item):
    """What a pod last reported, without its flavors and hosts.

    Those can be large, and this item is written at every refresh and read whenever pods are listed. So they
    have items of their own, see CatalogueItem.
    """

    noun = "capacity"
    pod_id = UnicodeAttribute(hash_key=True)
    capacity = UnicodeAttribute(null=True)
    catalogue_digest = UnicodeAttribute(null=True)
    min_microversion = UnicodeAttribute(null=True)
    max_microversion = UnicodeAttribute(null=True)
    generation = NumberAttribute(null=True)
    refreshed_at = UTCDateTimeAttribute(null=True)
    unreachable_since = UTCDateTimeAttribute(null=True)
    unreachable_at = UTCDateTimeAttribute(null=True)
    error = UnicodeAttribute(null=True)

    def last_capacity(self) -> Capacity | None:
        """The last good report's sums; None when the pod never reported."""
        return read_capacity(json.loads(self.capacity)) if self.capacity else None

    def observed_generation(self) -> int:
        """The pod's generation when it gave the last good report; 1 where an earlier version kept none."""
        return int(self.generation or 1)

    def health(self) -> PodHealth:
        """How the pod's last refreshes went."""
        return PodHealth(self.refreshed_at, self.unreachable_since, self.error or "", self.unreachable_at)


class CatalogueItem(Item):
    """A pod's flavors; or, under ``hosts#<pod_id>``, its hosts, which only the refresh reads."""

    noun = "catalogues"
    pod_id = UnicodeAttribute(hash_key=True)
    digest = UnicodeAttribute(null=True)
    packed = BinaryAttribute(legacy_encoding=False)
