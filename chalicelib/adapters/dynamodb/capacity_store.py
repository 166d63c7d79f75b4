"""Capacity store: what pods last reported."""

from __future__ import annotations

import json
from datetime import datetime

from pynamodb.expressions.update import Action

from chalicelib.adapters.dynamodb import report_codec
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.pod_items import CapacityItem, CatalogueItem
from chalicelib.adapters.dynamodb.report_codec import digest, pack_catalogue, unpack_catalogue, write_capacity
from chalicelib.model.capacity import Capacity, CapacityReport, Catalogue, HostCapacity, PodHealth


class DynamoCapacityStore:
    """Keeps reports in two places by how often they change: sums each minute, catalogues rarely.

    Decoded catalogues stay in the process, one a pod, until their digest changes.
    """

    def __init__(self, database: Database) -> None:
        """Use the capacity and catalogue tables of a database."""
        self._capacity = database.table(CapacityItem)
        self._catalogues = database.table(CatalogueItem)
        self._decoded: dict[str, tuple[str, Catalogue]] = {}

    def save(self, pod_id: str, report: CapacityReport) -> None:
        """Keep a good report; the catalogue goes first, since the capacity item points to it."""
        item = self._capacity(pod_id)
        table = self._capacity
        item.update(
            actions=[
                table.capacity.set(json.dumps(write_capacity(report.capacity))),
                table.catalogue_digest.set(self._keep_catalogue(pod_id, report.catalogue)),
                table.min_microversion.set(report.min_microversion),
                table.max_microversion.set(report.max_microversion),
                table.refreshed_at.set(report.capacity.reported_at),
                table.unreachable_since.remove(),
                table.error.remove(),
            ]
        )
        hosts = report_codec.pack_hosts(report.capacity.hosts)
        self._catalogues(_hosts_key(pod_id), packed=hosts).save()

    def failed(self, pod_id: str, at: datetime, error: str, reachable: bool = False) -> PodHealth:
        """Note a refresh that failed; unless reachable, the pod is out of reach since the first that did."""
        table = self._capacity
        item = table(pod_id)
        since = table.unreachable_since
        actions: list[Action] = [table.error.set(error)]
        if not reachable:
            actions.append(since.set(since | at))
        item.update(actions=actions)
        return item.health()

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
        """Forget a pod that was deleted."""
        self._capacity(pod_id).delete()
        self._catalogues(pod_id).delete()
        self._catalogues(_hosts_key(pod_id)).delete()
        self._decoded.pop(pod_id, None)

    def item(self, pod_id: str) -> CapacityItem | None:
        """One pod's capacity item, read strongly; None when the refresh never met the pod."""
        try:
            return self._capacity.get(pod_id, consistent_read=True)
        except self._capacity.DoesNotExist:
            return None

    def items(self) -> dict[str, CapacityItem]:
        """All capacity items by pod, read strongly."""
        return {item.pod_id: item for item in self._capacity.scan(consistent_read=True)}

    def catalogue(self, item: CapacityItem) -> Catalogue | None:
        """The catalogue that a capacity item points to, read and decoded only if it changed."""
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

    def _keep_catalogue(self, pod_id: str, catalogue: Catalogue) -> str:
        packed = pack_catalogue(catalogue)
        new = digest(packed)
        before = self.item(pod_id)
        if before is None or before.catalogue_digest != new:
            self._catalogues(pod_id, digest=new, packed=packed).save()
        return new

    def _hosts(self, pod_id: str) -> tuple[HostCapacity, ...]:
        stored = self._packed(_hosts_key(pod_id))
        return report_codec.unpack_hosts(stored.packed) if stored else ()

    def _packed(self, key: str) -> CatalogueItem | None:
        try:
            return self._catalogues.get(key, consistent_read=True)
        except self._catalogues.DoesNotExist:
            return None


def _hosts_key(pod_id: str) -> str:
    return f"hosts#{pod_id}"
