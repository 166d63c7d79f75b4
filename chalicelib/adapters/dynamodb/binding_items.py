"""Binding items: the pod that a project is bound to now, and one item for each write that led there."""

from __future__ import annotations

from urllib.parse import quote

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from chalicelib.adapters.dynamodb.connection import Item
from chalicelib.model.binding import Binding, BindingAction, BindingEvent, BindingKey


class ByPod(GlobalSecondaryIndex["BindingItem"]):
    """Finds a pod's bindings."""

    class Meta:
        """Every attribute, so that a listing needs no second read."""

        index_name = "by-pod"
        projection = AllProjection()

    pod_id = UnicodeAttribute(hash_key=True)
    project_id = UnicodeAttribute(range_key=True)


class ByZone(GlobalSecondaryIndex["BindingItem"]):
    """Finds a zone's bindings."""

    class Meta:
        """Every attribute, so that a listing needs no second read."""

        index_name = "by-zone"
        projection = AllProjection()

    az_name = UnicodeAttribute(hash_key=True)
    project_id = UnicodeAttribute(range_key=True)


class BindingItem(Item):
    """The pod that a project is bound to now: one item for each availability zone and affinity group."""

    noun = "bindings"
    project_id = UnicodeAttribute(hash_key=True)
    zone_group = UnicodeAttribute(range_key=True)  # "az1#general"
    az_name = UnicodeAttribute()
    affinity_group = UnicodeAttribute()
    pod_id = UnicodeAttribute()
    generation = NumberAttribute()
    is_binding = BooleanAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    reason = UnicodeAttribute()
    decision_id = UnicodeAttribute()
    by_pod = ByPod()
    by_zone = ByZone()

    def binding(self) -> Binding:
        return Binding(
            key=BindingKey(self.project_id, self.az_name, self.affinity_group),
            pod_id=self.pod_id,
            generation=int(self.generation),
            created_at=self.created_at,
            updated_at=self.updated_at,
            is_binding=self.is_binding,
            reason=self.reason,
            decision_id=self.decision_id,
        )


class BindingEventItem(Item):
    """One write of a binding. Events are only added, one for each generation."""

    noun = "binding-events"
    binding_key = UnicodeAttribute(hash_key=True)  # "project#az1#general"
    generation = NumberAttribute(range_key=True)
    action = UnicodeAttribute()
    pod_id = UnicodeAttribute()
    previous_pod_id = UnicodeAttribute()
    reason = UnicodeAttribute()
    decision_id = UnicodeAttribute()
    request_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    at = UTCDateTimeAttribute()

    def event(self, key: BindingKey) -> BindingEvent:
        return BindingEvent(
            key=key,
            generation=int(self.generation),
            action=BindingAction(self.action),
            pod_id=self.pod_id,
            previous_pod_id=self.previous_pod_id,
            reason=self.reason,
            decision_id=self.decision_id,
            request_id=self.request_id,
            user_id=self.user_id,
            at=self.at,
        )


def zone_group(key: BindingKey) -> str:
    """The range key of a binding. Zones are quoted here, as they may hold a ``#``; groups come escaped."""
    return f"{quote(key.az_name, safe='')}#{key.affinity_group}"


def event_key(key: BindingKey) -> str:
    """The hash key that all events of a binding share."""
    return f"{quote(key.project_id, safe='')}#{zone_group(key)}"


def write_binding(table: type[BindingItem], binding: Binding) -> BindingItem:
    """Make the item of a binding; the caller saves it."""
    return table(
        binding.key.project_id,
        zone_group(binding.key),
        az_name=binding.key.az_name,
        affinity_group=binding.key.affinity_group,
        pod_id=binding.pod_id,
        generation=binding.generation,
        is_binding=binding.is_binding,
        created_at=binding.created_at,
        updated_at=binding.updated_at,
        reason=binding.reason,
        decision_id=binding.decision_id,
    )


def write_event(table: type[BindingEventItem], event: BindingEvent) -> BindingEventItem:
    """Make the item of an event; the caller saves it."""
    return table(
        event_key(event.key),
        event.generation,
        action=event.action.value,
        pod_id=event.pod_id,
        previous_pod_id=event.previous_pod_id,
        reason=event.reason,
        decision_id=event.decision_id,
        request_id=event.request_id,
        user_id=event.user_id,
        at=event.at,
    )
