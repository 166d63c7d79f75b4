"""Capacity store: the last good report of each pod, and how its refreshes went."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb import report_codec
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.pod_items import CapacityItem, CatalogueItem
from chalicelib.adapters.dynamodb.report_codec import digest, pack_catalogue, unpack_catalogue, write_capacity
from chalicelib.adapters.dynamodb.transaction import transaction, written
from chalicelib.model.capacity import Capacity, CapacityReport, Catalogue, HostCapacity, PodHealth
from chalicelib.model.errors import UntrustedReport

MOST_PACKED_BYTES = 350_000  # DynamoDB's items end at 400 KB


class DynamoCapacityStore:
    """Keeps a pod's sums, catalogue and hosts apart: sums change each minute, catalogues rarely.

    A report is written as a whole, so that no repeat of a part of it overwrites a newer one.

    The process keeps one decoded catalogue for each pod until its digest changes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._capacity = database.table(CapacityItem)
        self._catalogues = database.table(CatalogueItem)
        self._decoded: dict[str, tuple[str, Catalogue]] = {}

    def save(self, pod_id: str, report: CapacityReport) -> None:
        """Keep a good report, unless a newer one is kept.

        Raises UntrustedReport when the flavors or hosts don't fit into an item.
        """
        catalogue = _fitting(pack_catalogue(report.catalogue), "flavors")
        hosts = _fitting(report_codec.pack_hosts(report.capacity.hosts), "hosts")
        before = self.item(pod_id)
        at, table = report.capacity.reported_at, self._capacity
        stored = digest(catalogue)
        actions: list[Action] = [
            table.capacity.set(json.dumps(write_capacity(report.capacity))),
            table.catalogue_digest.set(stored),
            table.min_microversion.set(report.min_microversion),
            table.max_microversion.set(report.max_microversion),
            table.generation.set(report.generation),
            table.refreshed_at.set(at),
            table.unreachable_since.remove(),
            table.unreachable_at.remove(),
            table.error.remove(),
        ]
        items = [self._catalogues(_hosts_key(pod_id), packed=hosts)]
        if before is None or before.catalogue_digest != stored:
            items.append(self._catalogues(pod_id, digest=stored, packed=catalogue))
        self._written(pod_id, actions, at, items)

    def failed(self, pod_id: str, at: datetime, error: str, reachable: bool | None = False) -> PodHealth:
        """Note a refresh that failed, unless a newer report is kept.

        The pod is out of reach since the first refresh in a row that didn't reach it. ``reachable`` True: it
        answered, which ends that time. None: it was never asked, which leaves that time as it is.
        """
        table = self._capacity
        actions: list[Action] = [table.error.set(error)]
        if reachable:
            actions += [table.unreachable_since.remove(), table.unreachable_at.remove()]
        elif reachable is not None:
            since = table.unreachable_since
            actions += [since.set(since | at), table.unreachable_at.set(at)]
        self._written(pod_id, actions, at)
        item = self.item(pod_id)
        return item.health() if item else PodHealth()

    def _written(
        self, pod_id: str, actions: list[Action], at: datetime, items: Sequence[CatalogueItem] = ()
    ) -> None:
        """Write what was observed ``at`` a moment, or nothing if a newer report is kept."""
        table = self._capacity
        newest = table.refreshed_at.does_not_exist() | (table.refreshed_at <= at)

        def add(write: TransactWrite) -> None:
            write.update(table(pod_id), actions, newest)
            for item in items:
                write.save(item)

        written(self._database, add)

    def get(self, pod_id: str) -> tuple[Capacity | None, Catalogue | None, PodHealth]:
        """The last good report, with its hosts, and the pod's health. Read strongly."""
        item = self.item(pod_id)
        if item is None:
            return None, None, PodHealth()
        capacity = item.last_capacity()
        if capacity is not None:
            capacity = Capacity(
                capacity.totals, capacity.used, capacity.reported_at, capacity.source, self._hosts(pod_id)
            )
        return capacity, self.catalogue(item), item.health()

    def delete(self, pod_id: str) -> None:
        """Delete the items of a pod that was deleted."""
        with transaction(self._database) as write:
            write.delete(self._capacity(pod_id))
            write.delete(self._catalogues(pod_id))
            write.delete(self._catalogues(_hosts_key(pod_id)))
        self._decoded.pop(pod_id, None)

    def item(self, pod_id: str) -> CapacityItem | None:
        """One pod's capacity item, read strongly; None when no refresh ever tried the pod."""
        try:
            return self._capacity.get(pod_id, consistent_read=True)
        except self._capacity.DoesNotExist:
            return None

    def items(self) -> dict[str, CapacityItem]:
        """All capacity items by pod, read strongly."""
        return {item.pod_id: item for item in self._capacity.scan(consistent_read=True)}

    def catalogue(self, item: CapacityItem) -> Catalogue | None:
        """The catalogue of a capacity item's pod; read and decoded only if its digest changed."""
        if not item.catalogue_digest:
            return None
        known = self._decoded.get(item.pod_id)
        if known is None or known[0] != item.catalogue_digest:
            stored = self._packed(item.pod_id)
            if stored is None:
                return None
            known = (stored.digest or "", unpack_catalogue(stored.packed))
            self._decoded[item.pod_id] = known
        return known[1]

    def _hosts(self, pod_id: str) -> tuple[HostCapacity, ...]:
        stored = self._packed(_hosts_key(pod_id))
        return report_codec.unpack_hosts(stored.packed) if stored else ()

    def _packed(self, key: str) -> CatalogueItem | None:
        try:
            return self._catalogues.get(key, consistent_read=True)
        except self._catalogues.DoesNotExist:
            return None


def _fitting(packed: bytes, what: str) -> bytes:
    if len(packed) > MOST_PACKED_BYTES:
        raise UntrustedReport(f"its {what} take {len(packed)} bytes packed, limit {MOST_PACKED_BYTES}")
    return packed


def _hosts_key(pod_id: str) -> str:
    return f"hosts#{pod_id}"
