"""Migrations in all pods. Those of one server are its pod's to list."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operator_pages import Row, page
from chalicelib.api.nova.operators import gather, shown, version_of
from chalicelib.model.microversion import Microversion
from chalicelib.service.kinds.all_pods import Wanted

PAGES = Microversion(2, 59)  # from here on Nova sorts them too, newest first
_HOST_KEYS = ("host", "source_compute")


def list_migrations(call: Call) -> Reply:
    """Those that the query selects."""
    if version_of(call) >= PAGES:
        wanted = Wanted("migrations", "uuid")
        return page(call, wanted, "Marker {} could not be found.", _newest_first, _HOST_KEYS)
    found = gather(call, Wanted("migrations"), host_keys=_HOST_KEYS)
    return shown({"migrations": found.rows("migrations")}, found.partial)


def _newest_first(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row["created_at"]), reverse=True)
