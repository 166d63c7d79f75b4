"""Pod store: the operator's pods, joined with what they last reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.capacity_store import DynamoCapacityStore
from chalicelib.adapters.dynamodb.claim_items import BalanceWrites, ClaimItem
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.pod_codec import write_pod
from chalicelib.adapters.dynamodb.pod_items import CapacityItem, PodEventItem, PodItem, write_event
from chalicelib.adapters.dynamodb.transaction import lost_race, transaction
from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Balance
from chalicelib.model.deed import NOBODYS, Deed
from chalicelib.model.errors import Conflict, GenerationConflict, NotFound
from chalicelib.model.pod import Pod
from chalicelib.model.pod_event import PodEvent, event_of
from chalicelib.model.pod_project import newly_known, project_taken


class DynamoPodStore:
    """Keeps an item for each pod and one for its name, since DynamoDB keeps nothing but keys unique.

    So it does for each project of a pod's own Keystone, which belongs to one project of ours for good.

    A pod's balance is written in the same transaction as the pod, so a cordon or drain holds for every claim
    once that write has returned. So is the event of the write, so a pod's history has no gaps.
    """

    def __init__(self, database: Database, capacity: DynamoCapacityStore | None = None) -> None:
        """``capacity`` is the process's capacity store, if it has one; decoded catalogues are then shared."""
        self._database = database
        self._pods = database.table(PodItem)
        self._events = database.table(PodEventItem)
        self._capacity = capacity or DynamoCapacityStore(database)
        self._claims = DynamoClaimStore(database)
        self._balances = BalanceWrites(database.table(ClaimItem))

    def create(self, pod: Pod, deed: Deed = NOBODYS) -> None:
        """Write a pod and its name. Raises Conflict when the name or id is taken."""
        try:
            with transaction(self._database) as write:
                write.save(self._item(pod), self._pods.pod_id.does_not_exist())
                self._take_name(write, pod)
                self._balances.opened(write, pod)
                self._note(write, event_of(None, pod, deed))
        except TransactWriteError as error:
            if lost_race(error):
                raise Conflict(f"A pod named {pod.pod_name} is there already.", "pod_name") from error
            raise

    def get(self, pod_id: str) -> Pod:
        """One pod, joined with its report and balance, read strongly. Raises NotFound."""
        return self._joined(self._record(pod_id), self._capacity.item(pod_id), self._claims.read(pod_id))

    def list(self) -> list[Pod]:
        """All pods, oldest first; their capacities come without hosts, which no decision asks for."""
        records = [pod for item in self._pods.scan(consistent_read=True) if (pod := item.pod())]
        # Balances first, then reports: a claim that a report covers may be counted twice, but none is missed.
        balances, reports = self._claims.all(), self._capacity.items()
        records.sort(key=lambda pod: (pod.created_at, pod.pod_id))
        return [self._joined(pod, reports.get(pod.pod_id), balances.get(pod.pod_id)) for pod in records]

    def update(self, before: Pod, after: Pod, deed: Deed = NOBODYS) -> Pod:
        """Write if the stored generation is that of ``before``; returns ``after`` with the next one.

        Both carry the pod's capacity, from which it is worked out how the change moves the limits. Raises
        GenerationConflict, or Conflict when a new name is taken or a new project inside is another's.
        """
        after = replace(after, generation=before.generation + 1)
        try:
            with transaction(self._database) as write:
                write.save(self._item(after), self._pods.generation == before.generation)
                self._balances.changed(write, before, after)
                self._note(write, event_of(before, after, deed))
                if before.pod_name != after.pod_name:
                    self._free_name(write, before)
                    self._take_name(write, after)
                for project_id, inside in newly_known(before, after):
                    self._take_project(write, project_id, inside)
        except TransactWriteError as error:
            if not lost_race(error):
                raise
            self._refuse_changed(before)
            self._refuse_taken_projects(before, after)
            raise Conflict(f"A pod named {after.pod_name} is there already.", "pod_name") from error
        return after

    def delete(self, pod: Pod, deed: Deed = NOBODYS) -> None:
        """Delete a pod, its name and its balance. Raises GenerationConflict if it was written meanwhile."""
        try:
            with transaction(self._database) as write:
                write.delete(self._pods(pod.pod_id), self._pods.generation == pod.generation)
                self._free_name(write, pod)
                self._balances.closed(write, pod.pod_id)
                self._note(write, event_of(pod, None, deed))
        except TransactWriteError as error:
            if lost_race(error):
                raise _written_since(pod) from error
            raise

    def history(self, pod_id: str, after: int = 0, limit: int = 1000) -> Sequence[PodEvent]:
        """The events of later generations, oldest first, read strongly; also those of a deleted pod."""
        later = self._events.generation > after
        return [item.event() for item in self._events.query(pod_id, later, consistent_read=True, limit=limit)]

    def _note(self, write: TransactWrite, event: PodEvent) -> None:
        write.save(write_event(self._events, event), self._events.generation.does_not_exist())

    def _record(self, pod_id: str) -> Pod:
        try:
            pod = self._pods.get(pod_id, consistent_read=True).pod()
        except self._pods.DoesNotExist as error:
            raise NotFound("Pod", pod_id) from error
        if pod is None:
            raise NotFound("Pod", pod_id)
        return pod

    def _refuse_changed(self, pod: Pod) -> None:
        try:
            stored = self._record(pod.pod_id)
        except NotFound as error:
            raise _written_since(pod) from error
        if stored.generation != pod.generation:
            raise _written_since(pod)

    def _item(self, pod: Pod) -> PodItem:
        return self._pods(pod.pod_id, generation=pod.generation, record=json.dumps(write_pod(pod)))

    def _take_name(self, write: TransactWrite, pod: Pod) -> None:
        guard = self._pods(_name_key(pod.pod_name), owner_id=pod.pod_id)
        write.save(guard, self._pods.pod_id.does_not_exist())

    def _free_name(self, write: TransactWrite, pod: Pod) -> None:
        write.delete(self._pods(_name_key(pod.pod_name)), self._pods.owner_id == pod.pod_id)

    def _take_project(self, write: TransactWrite, project_id: str, inside: str) -> None:
        """Give a project inside to one of ours, for good: its guard is never deleted."""
        guard = self._pods(_project_key(inside), owner_id=project_id)
        is_free = self._pods.pod_id.does_not_exist() | (self._pods.owner_id == project_id)
        write.save(guard, is_free)

    def _refuse_taken_projects(self, before: Pod, after: Pod) -> None:
        for project_id, inside in newly_known(before, after):
            for guard in self._pods.query(_project_key(inside), consistent_read=True):
                if guard.owner_id != project_id:
                    raise project_taken(inside, str(guard.owner_id))

    def _joined(self, pod: Pod, item: CapacityItem | None, balance: Balance | None) -> Pod:
        claimed = balance.claimed if balance else Amounts()
        if item is None:
            return replace(pod, claimed=claimed)
        return replace(
            pod,
            claimed=claimed,
            proven=pod.proven or (item.capacity is not None and pod.is_proven_by(item.observed_generation())),
            capacity=item.last_capacity(),
            catalogue=self._capacity.catalogue(item),
            health=item.health(),
            min_microversion=item.min_microversion or "",
            max_microversion=item.max_microversion or "",
        )


def _name_key(pod_name: str) -> str:
    return f"name#{pod_name}"


def _project_key(inside: str) -> str:
    return f"project#{inside}"


def _written_since(pod: Pod) -> GenerationConflict:
    return GenerationConflict(f"Pod {pod.pod_id} was written since generation {pod.generation} was read.")
