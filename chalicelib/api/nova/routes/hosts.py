"""Routes for operators: aggregates, hypervisors, services, hosts, migrations of all pods."""

from __future__ import annotations

from chalicelib.api.call import View
from chalicelib.api.nova.aggregates import (
    act_on_aggregate,
    cache_images,
    create_aggregate,
    delete_aggregate,
    list_aggregates,
    show_aggregate,
    update_aggregate,
)
from chalicelib.api.nova.compute_services import delete_service, list_services, update_service
from chalicelib.api.nova.hosts import ask_host, list_hosts
from chalicelib.api.nova.hypervisors import (
    list_hypervisors,
    search_hypervisors,
    show_hypervisor,
    sum_hypervisors,
)
from chalicelib.api.nova.migrations import list_migrations
from chalicelib.api.nova.operators import passing_refusals
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import Action, Row
from chalicelib.model.identity import Role

_AGGREGATES = "os_compute_api:os-aggregates"
_HYPERVISORS = "os_compute_api:os-hypervisors"
_SERVICES = "os_compute_api:os-services"
_HOSTS = "os_compute_api:os-hosts"


def _row(method: str, path: str, policy: str, view: View, *, since: str = "", until: str = "") -> Row:
    return Row(
        method, path, OWN, Role.ADMIN, view=passing_refusals(view), since=since, until=until, policy=policy
    )


ROWS = (
    _row("GET", "/os-aggregates", f"{_AGGREGATES}:index", list_aggregates),
    _row("POST", "/os-aggregates", f"{_AGGREGATES}:create", create_aggregate),
    _row("GET", "/os-aggregates/{aggregate_id}", f"{_AGGREGATES}:show", show_aggregate),
    _row("PUT", "/os-aggregates/{aggregate_id}", f"{_AGGREGATES}:update", update_aggregate),
    _row("DELETE", "/os-aggregates/{aggregate_id}", f"{_AGGREGATES}:delete", delete_aggregate),
    Row(
        "POST",
        "/os-aggregates/{aggregate_id}/action",
        OWN,
        Role.ADMIN,
        view=passing_refusals(act_on_aggregate),
        actions=tuple(
            Action(name, f"{_AGGREGATES}:{name}") for name in ("add_host", "remove_host", "set_metadata")
        ),
    ),
    _row(
        "POST",
        "/os-aggregates/{aggregate_id}/images",
        "compute:aggregates:images",
        cache_images,
        since="2.81",
    ),
    _row("GET", "/os-hypervisors", f"{_HYPERVISORS}:list", list_hypervisors),
    _row("GET", "/os-hypervisors/detail", f"{_HYPERVISORS}:list-detail", list_hypervisors),
    _row("GET", "/os-hypervisors/statistics", f"{_HYPERVISORS}:statistics", sum_hypervisors, until="2.87"),
    _row("GET", "/os-hypervisors/{hypervisor_id}", f"{_HYPERVISORS}:show", show_hypervisor),
    _row(
        "GET", "/os-hypervisors/{pattern}/search", f"{_HYPERVISORS}:search", search_hypervisors, until="2.52"
    ),
    _row(
        "GET",
        "/os-hypervisors/{pattern}/servers",
        f"{_HYPERVISORS}:servers",
        search_hypervisors,
        until="2.52",
    ),
    _row(
        "GET",
        "/os-hypervisors/{hypervisor_id}/uptime",
        f"{_HYPERVISORS}:uptime",
        show_hypervisor,
        until="2.87",
    ),
    _row("GET", "/os-services", f"{_SERVICES}:list", list_services),
    _row("PUT", "/os-services/{service_id}", f"{_SERVICES}:update", update_service),
    _row("DELETE", "/os-services/{service_id}", f"{_SERVICES}:delete", delete_service),
    _row("GET", "/os-hosts", f"{_HOSTS}:list", list_hosts, until="2.42"),
    _row("GET", "/os-hosts/{host_name}", f"{_HOSTS}:show", ask_host, until="2.42"),
    _row("PUT", "/os-hosts/{host_name}", f"{_HOSTS}:update", ask_host, until="2.42"),
    _row("GET", "/os-hosts/{host_name}/reboot", f"{_HOSTS}:reboot", ask_host, until="2.42"),
    _row("GET", "/os-hosts/{host_name}/shutdown", f"{_HOSTS}:shutdown", ask_host, until="2.42"),
    _row("GET", "/os-hosts/{host_name}/startup", f"{_HOSTS}:start", ask_host, until="2.42"),
    _row("GET", "/os-migrations", "os_compute_api:os-migrations:index", list_migrations),
)
