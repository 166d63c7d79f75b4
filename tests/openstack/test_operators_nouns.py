"""What operators ask of Nova itself: hypervisors, services, hosts, aggregates, migrations of all pods."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

pytestmark = pytest.mark.usefixtures("operator")
OLD, HOSTS_VERSION = "2.52", "2.42"


def in_pods(admin: Cloud, ground: Site, path: str, version: str = "2.90") -> dict[str, dict[str, Any]]:
    """Each pod's own answer."""
    return {region: admin.ask_pod(region, "GET", path, version=version).json() for region in ground.regions}


def hosts_of(admin: Cloud, ground: Site) -> list[str]:
    """The compute hosts of all pods as operators see them, the oldest pod's first."""
    rows = in_pods(admin, ground, "/os-hypervisors/detail")
    return [
        f"{row['service']['host']}@{region}"
        for region in ground.regions
        for row in rows[region]["hypervisors"]
    ]


def test_hypervisors_are_those_of_all_pods(admin: Cloud, ground: Site) -> None:
    listed = admin.cli("hypervisor", "list", "-f", "json")

    assert [row["Hypervisor Hostname"] for row in listed] == hosts_of(admin, ground)
    for row in listed:
        shown = admin.cli("hypervisor", "show", row["ID"], "-f", "json")
        assert (shown["id"], shown["service_host"]) == (row["ID"], row["Hypervisor Hostname"])
        by_name = admin.cli("hypervisor", "show", row["Hypervisor Hostname"], "-f", "json")
        assert by_name["id"] == row["ID"]


def test_their_statistics_are_added_up(admin: Cloud, ground: Site) -> None:
    told = in_pods(admin, ground, "/os-hypervisors/statistics", "2.87").values()

    ours = admin.cli("--os-compute-api-version", "2.87", "hypervisor", "stats", "show", "-f", "json")

    for key in ("count", "vcpus", "memory_mb"):
        assert ours[key] == sum(each["hypervisor_statistics"][key] for each in told)


def test_whole_ids_are_unique_and_lead_back(admin: Cloud, ground: Site) -> None:
    rows = admin.ask("GET", "/v2.1/os-hypervisors/detail", version=OLD).json()["hypervisors"]

    assert len({row["id"] for row in rows}) == len(rows) == len(hosts_of(admin, ground))
    for row in rows:
        shown = admin.ask("GET", f"/v2.1/os-hypervisors/{row['id']}", version=OLD).json()["hypervisor"]
        assert (shown["id"], shown["service"]["id"]) == (row["id"], row["service"]["id"])
        up = admin.ask("GET", f"/v2.1/os-hypervisors/{row['id']}/uptime", version=OLD)
        assert up.json()["hypervisor"]["hypervisor_hostname"] == row["hypervisor_hostname"]
    unknown = admin.ask("GET", "/v2.1/os-hypervisors/7", version=OLD)
    assert unknown.json()["itemNotFound"]["message"] == "Hypervisor with ID '7' could not be found."


def test_pages_go_over_all_pods(admin: Cloud, ground: Site) -> None:
    for version in (OLD, "2.90"):
        found, path = [], "/v2.1/os-hypervisors?limit=1"
        while path:
            page = admin.ask("GET", path, version=version).json()
            found += [row["hypervisor_hostname"] for row in page["hypervisors"]]
            assert len(found) <= len(hosts_of(admin, ground)), "the walk goes round in circles"
            links = page.get("hypervisors_links", [])
            path = links[0]["href"].removeprefix(admin.url) if links else ""

        assert found == hosts_of(admin, ground)


def test_a_service_is_disabled_in_its_own_pod(
    admin: Cloud, ground: Site, operator: AdminApi, undo: ExitStack
) -> None:
    host, other = hosts_of(admin, ground)[-1], hosts_of(admin, ground)[0]
    for version in ("2.90", OLD):
        words = ("--os-compute-api-version", version, "compute", "service", "set")
        undo.callback(admin.cli, *words, "--enable", host, "nova-compute")
        admin.cli(*words, "--disable", "--disable-reason", "a test", host, "nova-compute")

        rows = admin.cli("compute", "service", "list", "--service", "nova-compute", "-f", "json")
        assert {row["Host"]: row["Status"] for row in rows} | {host: "disabled", other: "enabled"} == {
            row["Host"]: row["Status"] for row in rows
        }
        (only,) = admin.cli(
            "compute", "service", "list", "--service", "nova-compute", "--host", host, "-f", "json"
        )
        assert (only["Host"], only["Zone"]) == (host, ground.zones[ground.regions[-1]])
        undo.close()
    operator.see_room()
    after = admin.cli("compute", "service", "list", "--service", "nova-compute", "-f", "json")
    assert {row["Status"] for row in after} == {"enabled"}


def test_an_aggregate_is_one_over_all_pods(
    admin: Cloud, ground: Site, undo: ExitStack, fresh: Servers
) -> None:
    name, zone, hosts = fresh.name(), ground.zones[ground.regions[0]], hosts_of(admin, ground)
    hosts = [host for host in hosts if ground.zones[host.partition("@")[2]] == zone]
    undo.callback(admin.command, "aggregate", "delete", name)
    made = admin.cli("aggregate", "create", "--property", "ssd=true", name, "-f", "json")
    for host in hosts:
        undo.callback(admin.command, "aggregate", "remove", "host", name, host)
        changed = admin.cli("aggregate", "add", "host", name, host, "-f", "json")
    assert changed["hosts"] == hosts

    admin.cli("aggregate", "set", "--property", "tier=1", name)
    shown = admin.cli("aggregate", "show", str(made["id"]), "-f", "json")
    assert (shown["name"], shown["hosts"]) == (name, hosts)
    assert {"ssd": "true", "tier": "1"}.items() <= shown["properties"].items()
    for region, told in in_pods(admin, ground, "/os-aggregates").items():
        (own,) = [row for row in told["aggregates"] if row["name"] == name]
        assert own["hosts"] == [host.partition("@")[0] for host in hosts if host.endswith(f"@{region}")]
        assert own["metadata"] == {"ssd": "true", "tier": "1"}

    for host in hosts:
        admin.cli("aggregate", "remove", "host", name, host, "-f", "json")
    admin.cli("aggregate", "delete", name)
    assert name not in [row["Name"] for row in admin.cli("aggregate", "list", "-f", "json")]
    for told in in_pods(admin, ground, "/os-aggregates").values():
        assert name not in [row["name"] for row in told["aggregates"]]


def test_a_refusal_is_novas_own(admin: Cloud, ground: Site, undo: ExitStack, fresh: Servers) -> None:
    name = fresh.name()
    made = admin.ask("POST", "/v2.1/os-aggregates", {"aggregate": {"name": name}}).json()["aggregate"]
    path = f"/v2.1/os-aggregates/{made['id']}"
    undo.callback(admin.ask, "DELETE", path)

    assert admin.ask("POST", "/v2.1/os-aggregates", {"aggregate": {"name": name}}).status_code == 409
    assert admin.ask("POST", "/v2.1/os-aggregates", {"aggregate": {"name": ""}}).status_code == 400
    assert admin.ask("GET", "/v2.1/os-aggregates/x").status_code == 400
    assert admin.ask("GET", "/v2.1/os-aggregates/7").json() == {
        "itemNotFound": {"code": 404, "message": "Aggregate 7 could not be found."}
    }
    for host in ("no-such-host", "no-such-host@" + ground.regions[0], "x@NoSuchPod"):
        assert admin.ask("POST", f"{path}/action", {"add_host": {"host": host}}).status_code == 404
    assert admin.ask("POST", f"{path}/action", {"foo": {}}).status_code == 400


def test_hosts_and_zones_name_their_pods(admin: Cloud, ground: Site) -> None:
    hosts, (first, *_) = hosts_of(admin, ground), ground.regions
    listed = admin.ask("GET", "/v2.1/os-hosts", version=HOSTS_VERSION).json()["hosts"]
    assert [row["host_name"] for row in listed if row["service"] == "compute"] == hosts
    shown = admin.ask("GET", f"/v2.1/os-hosts/{hosts[-1]}", version=HOSTS_VERSION).json()["host"]
    assert {row["resource"]["host"] for row in shown} == {hosts[-1]}
    assert admin.ask("GET", "/v2.1/os-hosts/nope", version=HOSTS_VERSION).status_code == 404
    assert admin.ask("GET", "/v2.1/os-hosts", version="2.43").status_code == 404

    zones = admin.cli("availability", "zone", "list", "--compute", "--long", "-f", "json")

    found = {row["Host Name"] for row in zones if row["Zone Name"] == ground.zones[first]}
    assert found == {host for host in hosts if ground.zones[host.partition("@")[2]] == ground.zones[first]}


def test_a_migration_is_listed_with_its_pod(
    admin: Cloud, alpha: Cloud, fresh: Servers, operator: AdminApi, ground: Site
) -> None:
    region = ground.regions[-1]
    operator.bind(alpha.project_id, region)
    server = fresh.boot(alpha, availability_zone=ground.zones[region])
    bigger = next(
        row
        for row in admin.ask("GET", "/v2.1/flavors/detail").json()["flavors"]
        if row["id"] != fresh.flavor["id"] and row["disk"] >= fresh.flavor["disk"]
    )
    resize = {"resize": {"flavorRef": bigger["id"]}}
    assert alpha.ask("POST", f"/v2.1/servers/{server['id']}/action", resize).status_code == 202

    # The pod's conductor writes it, after the pod has answered.
    words = ("server", "migration", "list", "--server", server["id"], "-f", "json")
    (row,) = until("the migration is listed", lambda: admin.cli(*words))
    assert row["Source Compute"].endswith(f"@{region}")


def test_events_reach_the_pods_of_their_servers(
    admin: Cloud, alpha: Cloud, fresh: Servers, operator: AdminApi, ground: Site
) -> None:
    ids = []
    for region in ground.regions:
        operator.bind(alpha.project_id, region)
        ids.append(fresh.boot(alpha, availability_zone=ground.zones[region])["id"])
    events = [{"name": "network-changed", "server_uuid": server_id} for server_id in ids]

    whole = admin.ask("POST", "/v2.1/os-server-external-events", {"events": events})
    unknown = {"name": "network-changed", "server_uuid": "00000000-0000-4000-8000-000000000001"}
    partial = admin.ask("POST", "/v2.1/os-server-external-events", {"events": [unknown, *events]})

    assert (whole.status_code, [each["code"] for each in whole.json()["events"]]) == (200, [200] * len(ids))
    assert partial.status_code == 207
    assert [each["code"] for each in partial.json()["events"]] == [404] + [200] * len(ids)


def test_the_usage_log_is_one(admin: Cloud, ground: Site) -> None:
    told = in_pods(admin, ground, "/os-instance_usage_audit_log").values()
    logs = [each["instance_usage_audit_logs"] for each in told]

    ours = admin.ask("GET", "/v2.1/os-instance_usage_audit_log").json()["instance_usage_audit_logs"]

    assert ours["num_hosts"] == sum(log["num_hosts"] for log in logs)
    assert sorted([*ours["hosts_not_run"], *ours["log"]]) == sorted(hosts_of(admin, ground))


def test_tenants_get_novas_refusal(alpha: Cloud) -> None:
    for path, rule in (("os-hypervisors", "list"), ("os-services", "list"), ("os-migrations", "index")):
        refused = alpha.ask("GET", f"/v2.1/{path}")

        message = f"Policy doesn't allow os_compute_api:{path}:{rule} to be performed."
        assert refused.json() == {"forbidden": {"code": 403, "message": message}}
