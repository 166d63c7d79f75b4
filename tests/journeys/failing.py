"""Failing: paths that lead to rows for an admin, and whether an answer shows that we failed."""

from __future__ import annotations

from chalicelib.api.openstack.table import Row
from tests.journeys.conftest import Answer, Gateway
from tests.journeys.rules_of_rows import VARIABLES


def failed(answer: Answer) -> bool:
    """Whether we failed. What a pod's own service answers has that pod's id of the request."""
    ids = {answer.headers.get("x-openstack-request-id"), answer.headers.get("x-trio2o-request-id")}
    return answer.status >= 500 and (len(ids) == 1 or None in ids)


def path_to(served: Gateway, prefix: str, row: Row, server_id: str = "x") -> str:
    """The path to a row, with what there is in place of its variables."""
    known = {
        "server_id": server_id,
        "flavor_id": "1",
        "tenant_id": served.project_id("beta"),
        "pod_id": next(iter(served.pods.values())).pod_id,
        "binding_id": f"{served.project_id()}:az1:general",
        "profile_name": "default",
    }
    return prefix + VARIABLES.sub(lambda name: known.get(name[1], "x"), row.path)


def version_of(row: Row) -> str:
    return f"compute {row.since or ('2.35' if row.until else '2.88')}"
