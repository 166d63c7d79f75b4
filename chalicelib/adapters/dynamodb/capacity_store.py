"""Capacity store: the last good report of each pod, and how its refreshes went."""

from __future__ import annotations

import json
from datetime import datetime

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.adapters.dynamodb import report_codec
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.pod_items import CapacityItem, CatalogueItem
from chalicelib.adapters.dynamodb.report_codec import digest, pack_catalogue, unpack_catalogue, write_capacity
from chalicelib.adapters.dynamodb.transaction import lost_race
from chalicelib.model.capacity import Capacity, CapacityReport, Catalogue, HostCapacity, PodHealth
from chalicelib.model.errors import UntrustedReport

MOST_PACKED_BYTES = 350_000  # DynamoDB's items end at 400 KB


class DynamoCapacityStore:
    """Keeps a pod's sums, catalogue and hosts apart: sums change each minute, catalogues rarely.

    The process keeps one decoded catalogue for each pod until its digest changes.
    """

    def __init__(self, database: Database) -> None:
        self._capacity = database.table(CapacityItem)
        self._catalogues = database.table(CatalogueItem)
        self._decoded: dict[str, tuple[str, Catalogue]] = {}

    def save(self, pod_id: str, report: CapacityReport) -> None:
        """Keep a good report, unless a newer one is kept.

        The catalogue is written first, since the capacity item names its digest. Raises UntrustedReport
        when the flavors or hosts don't fit into an item.
        """
        catalogue = _fitting(pack_catalogue(report.catalogue), "flavors")
        hosts = _fitting(report_codec.pack_hosts(report.capacity.hosts), "hosts")
        before = self.item(pod_id)
        at = report.capacity.reported_at
        if before is not None and before.refreshed_at is not None and before.refreshed_at > at:
            return
        stored = self._save_catalogue(pod_id, catalogue, before)
        table = self._capacity
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
        if self._written(pod_id, actions, at):
            self._catalogues(_hosts_key(pod_id), packed=hosts).save()
        else:
            # A newer report came meanwhile, and ours may have overwritten its catalogue. With our digest in
            # the item, the next refresh sees that its own catalogue isn't stored, and writes it again.
            table(pod_id).update(actions=[table.catalogue_digest.set(stored)])

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

    def _written(self, pod_id: str, actions: list[Action], at: datetime) -> bool:
        """Write what was observed ``at`` a moment. False: a newer report is kept, nothing was written."""
        table = self._capacity
        try:
            table(pod_id).update(
                actions=actions, condition=table.refreshed_at.does_not_exist() | (table.refreshed_at <= at)
            )
        except UpdateError as error:
            if not lost_race(error):
                raise
            return False
        return True

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
        self._capacity(pod_id).delete()
        self._catalogues(pod_id).delete()
        self._catalogues(_hosts_key(pod_id)).delete()
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

    def _save_catalogue(self, pod_id: str, packed: bytes, before: CapacityItem | None) -> str:
        new = digest(packed)
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


def _fitting(packed: bytes, what: str) -> bytes:
    if len(packed) > MOST_PACKED_BYTES:
        raise UntrustedReport(f"its {what} take {len(packed)} bytes packed, limit {MOST_PACKED_BYTES}")
    return packed


def _hosts_key(pod_id: str) -> str:
    return f"hosts#{pod_id}"
