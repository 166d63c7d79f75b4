"""Hypervisors, services, hosts, migrations and the usage log of all pods, as one Nova shows its own."""

from __future__ import annotations

import pytest

from local import demo
from tests.journeys.conftest import BASE

HOSTS = ["pod1-host1@Pod1", "pod1-host2@Pod1", "pod2-host1@Pod2", "pod2-host2@Pod2", "pod3-host1@Pod3"]
BELOW_UUIDS, NEWEST = "2.52", "2.96"
DOWN = "00000000-0000-4000-8000-000000000000"


def ask(gateway, path, version=NEWEST, method="GET", body=None, user="admin"):
    return gateway.call(
        method, f"/v2.1{path}", body, user=user, **{"OpenStack-API-Version": f"compute {version}"}
    )


def shown(gateway, path, version=NEWEST, key=None):
    answer = ask(gateway, path, version)
    assert answer.status == 200, answer.body
    return answer.body[key] if key else answer.body


def hypervisors(gateway, path="/os-hypervisors", version=NEWEST):
    return [row["hypervisor_hostname"] for row in shown(gateway, path, version, "hypervisors")]


@pytest.mark.parametrize("version", ["2.1", BELOW_UUIDS, NEWEST])
def test_hypervisors_of_all_pods_are_listed_and_each_leads_to_its_own_pod(gateway, version):
    rows = shown(gateway, "/os-hypervisors/detail", version, "hypervisors")

    assert [row["hypervisor_hostname"] for row in rows] == HOSTS == hypervisors(gateway, version=version)
    assert len({row["id"] for row in rows}) == len({row["service"]["id"] for row in rows}) == len(HOSTS)
    for row in rows:
        assert row["service"]["host"] == row["hypervisor_hostname"]
        assert shown(gateway, f"/os-hypervisors/{row['id']}", version, "hypervisor") == row
    up = shown(gateway, f"/os-hypervisors/{rows[4]['id']}/uptime", min(version, "2.87"), "hypervisor")
    assert (up["hypervisor_hostname"], "up" in up["uptime"]) == (HOSTS[4], True)


def test_whole_ids_stay_when_pods_come_and_go(gateway):
    def ids():
        rows = shown(gateway, "/os-hypervisors", BELOW_UUIDS, "hypervisors")
        return {row["hypervisor_hostname"]: row["id"] for row in rows}

    before = ids()
    gone = gateway.pods["Pod1"].pod_id
    assert gateway.call("POST", f"/v1.0/pods/{gone}/disable", user="admin").status == 200
    assert gateway.call("DELETE", f"/v1.0/pods/{gone}", user="admin").status == 204

    after = ids()
    assert after == {host: before[host] for host in HOSTS[2:]}
    gateway.register(demo.PODS[0])
    again = ids()
    assert {host: again[host] for host in HOSTS[2:]} == after
    assert not {again[host] for host in HOSTS[:2]} & set(before.values()), "an id would mean another host"


@pytest.mark.parametrize(
    ("path", "version", "status", "message"),
    [
        ("/os-hypervisors/7", "2.1", 404, "Hypervisor with ID '7' could not be found."),
        ("/os-hypervisors/90001", "2.1", 404, "Hypervisor with ID '90001' could not be found."),
        ("/os-hypervisors/x", "2.1", 404, "Hypervisor with ID 'x' could not be found."),
        (f"/os-hypervisors/{DOWN}", NEWEST, 404, f"Hypervisor with ID '{DOWN}' could not be found."),
        ("/os-hypervisors/nope/search", "2.1", 404, "No hypervisor matching 'nope' could be found."),
        ("/os-hypervisors/x@Pod9/search", "2.1", 404, "No hypervisor matching 'x@Pod9' could be found."),
        ("/os-hypervisors?hypervisor_hostname_pattern=nope", NEWEST, 404, "No hypervisor matching 'nope'"),
        ("/os-hypervisors?marker=nope", NEWEST, 400, "marker [nope] not found"),
        ("/os-migrations?marker=nope", NEWEST, 400, "Marker nope could not be found."),
        ("/os-hosts/nope", "2.42", 404, "Host 'nope' is not mapped to any cell"),
        ("/os-instance_usage_audit_log/nope", NEWEST, 400, "Invalid timestamp for date nope"),
        ("/os-hosts", "2.43", 404, "The resource could not be found."),
        ("/os-hypervisors/statistics", "2.88", 404, "The resource could not be found."),
        ("/os-hypervisors/1/uptime", "2.88", 404, "The resource could not be found."),
        ("/os-hypervisors/pod1/search", "2.53", 404, "The resource could not be found."),
    ],
)
def test_a_refusal_is_novas_own(gateway, path, version, status, message):
    answer = ask(gateway, path, version)

    ((_, fault),) = answer.body.items()
    assert (answer.status, fault["message"][: len(message)]) == (status, message)


@pytest.mark.parametrize("version", ["2.33", NEWEST])
def test_a_page_may_end_in_any_pod(gateway, version):
    for limit in (1, 2, 3, 5):
        found, path = [], f"/os-hypervisors/detail?limit={limit}"
        while path:
            page = shown(gateway, path, version)
            found.append([row["hypervisor_hostname"] for row in page["hypervisors"]])
            assert len(found) <= len(HOSTS), "the walk goes round in circles"
            (link,) = page.get("hypervisors_links", [{"href": ""}])
            path = link["href"].removeprefix(f"{BASE}/v2.1")
        assert [host for page in found for host in page] == HOSTS
        assert {len(page) for page in found[:-1]} <= {limit}
    assert hypervisors(gateway, "/os-hypervisors?limit=0", version) == []


def test_a_hostname_may_be_given_with_its_pod_or_without(gateway):
    pattern = "/os-hypervisors?hypervisor_hostname_pattern="
    assert hypervisors(gateway, f"{pattern}host1") == [HOSTS[0], HOSTS[2], HOSTS[4]]
    assert hypervisors(gateway, f"{pattern}host@Pod2") == HOSTS[2:4]
    assert hypervisors(gateway, "/os-hypervisors/host2/search", "2.1") == [HOSTS[1], HOSTS[3]]
    assert hypervisors(gateway, "/os-hypervisors/host@Pod3/servers", "2.1") == HOSTS[4:]
    for host in ("pod2-host2@Pod2", "pod2-host2"):
        (service,) = shown(gateway, f"/os-services?host={host}", key="services")
        assert (service["host"], service["zone"]) == ("pod2-host2@Pod2", "az1")
    assert shown(gateway, "/os-services?host=pod2-host2@Pod1", key="services") == []
    assert shown(gateway, "/os-services?host=x@NoPod", key="services") == []


def test_statistics_are_added_up(gateway):
    details = shown(gateway, "/os-hypervisors/detail", "2.87", "hypervisors")
    total = shown(gateway, "/os-hypervisors/statistics", "2.87", "hypervisor_statistics")

    assert total["count"] == len(HOSTS)
    for key in ("vcpus", "memory_mb", "local_gb", "free_ram_mb", "running_vms"):
        assert total[key] == sum(row[key] for row in details)


def test_a_service_is_disabled_enabled_and_forced_down_in_its_pod(gateway):
    def status():
        rows = shown(gateway, "/os-services?binary=nova-compute", key="services")
        return {row["host"]: (row["status"], row["state"]) for row in rows}

    host = HOSTS[3]
    before = status()
    (row,) = shown(gateway, f"/os-services?host={host}", key="services")
    asked = {"status": "disabled", "disabled_reason": "new disks"}
    changed = ask(gateway, f"/os-services/{row['id']}", method="PUT", body=asked)
    assert (changed.status, changed.body["service"]["host"]) == (200, host)
    assert status() == {**before, host: ("disabled", "up")}

    for verb, more in (("enable", {}), ("force-down", {"forced_down": True})):
        named = {"host": host if verb == "enable" else "pod2-host2", "binary": "nova-compute", **more}
        changed = ask(gateway, f"/os-services/{verb}", BELOW_UUIDS, "PUT", named)
        assert (changed.status, changed.body["service"]["host"]) == (200, host), changed.body
    assert status() == {**before, host: ("enabled", "down")}

    old = shown(gateway, f"/os-services?host={host}", BELOW_UUIDS, "services")[0]["id"]
    for service_id, version in ((row["id"], NEWEST), (old, BELOW_UUIDS)):
        assert ask(gateway, f"/os-services/{service_id}", version, "DELETE").status == 204
    for service_id, version, verb in ((DOWN, NEWEST, "PUT"), (DOWN, NEWEST, "DELETE"), (7, "2.1", "DELETE")):
        assert ask(gateway, f"/os-services/{service_id}", version, verb, {}).status == 404
    nobodys = {"host": "nope", "binary": "nova-compute"}
    assert ask(gateway, "/os-services/disable", "2.1", "PUT", nobodys).status == 404


def test_a_host_that_several_pods_have_must_be_named_with_its_pod(gateway):
    for name in ("Pod2", "Pod3"):
        gateway.cloud.pods[name].hosts[0].name = "twin"

    answer = ask(gateway, "/os-hosts/twin", "2.42")

    assert answer.status == 400
    assert "twin@Pod2, twin@Pod3" in answer.body["badRequest"]["message"]
    told = shown(gateway, "/os-hosts/twin@Pod3", "2.42", "host")
    assert {row["resource"]["host"] for row in told} == {"twin@Pod3"}


def test_hosts_are_listed_by_our_zones_and_do_what_they_are_told(gateway):
    rows = shown(gateway, "/os-hosts", "2.42", "hosts")
    assert [row["host_name"] for row in rows if row["service"] == "compute"] == HOSTS
    assert {row["zone"] for row in rows} == {"internal", "az1", "az2"}
    in_az2 = shown(gateway, "/os-hosts?zone=az2", "2.42", "hosts")
    assert in_az2 == [{"host_name": HOSTS[4], "service": "compute", "zone": "az2"}]
    assert shown(gateway, "/os-hosts?zone=", "2.42", "hosts") == rows
    assert shown(gateway, "/os-hosts?zone=nova", "2.42", "hosts") == []

    done = ask(gateway, f"/os-hosts/{HOSTS[2]}", "2.42", "PUT", {"status": "disable"})
    assert done.body == {"host": HOSTS[2], "status": "disabled"}
    assert [host.disabled for host in gateway.cloud.pods["Pod2"].hosts] == [True, False]
    power = shown(gateway, f"/os-hosts/{HOSTS[4]}/reboot", "2.42")
    assert power == {"host": HOSTS[4], "power_action": "reboot"}


def test_the_zones_in_detail_are_ours_with_all_pods_hosts(gateway):
    zones = {
        zone["zoneName"]: zone
        for zone in shown(gateway, "/os-availability-zone/detail")["availabilityZoneInfo"]
    }

    assert {name: sorted(zone["hosts"]) for name, zone in zones.items()} == {
        "internal": ["controller@Pod1", "controller@Pod2", "controller@Pod3"],
        "az1": HOSTS[:4],
        "az2": HOSTS[4:],
    }
    assert zones["az1"]["hosts"][HOSTS[0]]["nova-compute"]["available"] is True


def a_migration(number, second, host, server_id=DOWN):
    return {
        "instance_uuid": server_id,
        "id": number,
        "uuid": f"00000000-0000-4000-8000-{number:012d}",
        "created_at": f"2025-06-01T12:00:{second:02d}.000000",
        "source_compute": host,
        "source_node": host,
        "dest_compute": None,
        "dest_host": "10.0.0.1",
        "status": "finished",
        "project_id": "p",
        "user_id": "u",
    }


def test_migrations_are_the_newest_first_in_pages_over_all_pods(gateway):
    for name, seconds in (("Pod1", (1, 4, 5)), ("Pod2", (2, 5)), ("Pod3", (3,))):
        pod = gateway.cloud.pods[name]
        pod.nova.migrations = [
            a_migration(10 * int(name[3]) + n, second, f"{name.lower()}-host1")
            for n, second in enumerate(seconds, 1)
        ]
    expected = [13, 22, 12, 31, 21, 11]

    for limit in (1, 2, 4, 6, 7):
        found, path = [], f"/os-migrations?limit={limit}"
        while path:
            page = shown(gateway, path)
            found += page["migrations"]
            assert len(found) <= len(expected), "the walk goes round in circles"
            (link,) = page.get("migrations_links", [{"href": ""}])
            path = link["href"].removeprefix(f"{BASE}/v2.1")
        assert [int(row["uuid"][-2:]) for row in found] == expected
    assert found[0]["source_compute"] == found[0]["source_node"] == "pod1-host1@Pod1"
    assert (found[0]["dest_compute"], found[0]["dest_host"]) == (None, "10.0.0.1")
    assert len({row["id"] for row in found}) == len(expected)

    of_pod2 = shown(gateway, "/os-migrations?host=pod2-host1@Pod2", key="migrations")
    assert [int(row["uuid"][-2:]) for row in of_pod2] == [22, 21]
    old = shown(gateway, "/os-migrations", "2.1", "migrations")
    assert sorted(row["id"] for row in old) == sorted(row["id"] for row in found)


def test_a_migration_of_the_list_is_found_below_its_server(gateway):
    server_id = gateway.create(availability_zone="az2").body["server"]["id"]
    gateway.cloud.pods["Pod3"].nova.migrations = [a_migration(4, 1, "pod3-host1", server_id)]
    (listed,) = shown(gateway, "/os-migrations", key="migrations")
    path = f"/servers/{server_id}/migrations"

    (below,) = shown(gateway, path, key="migrations")
    assert (below["id"], below["source_compute"]) == (listed["id"], HOSTS[4])
    assert shown(gateway, f"{path}/{listed['id']}", key="migration") == below
    for other in (4, listed["id"] - 1, listed["id"] + 10_000, 0):
        refused = ask(gateway, f"{path}/{other}")
        message = f"In-progress live migration {other} is not found for server {server_id}."
        assert (refused.status, refused.body["itemNotFound"]["message"]) == (404, message)


def test_the_usage_log_is_one(gateway):
    log = shown(gateway, "/os-instance_usage_audit_log", key="instance_usage_audit_logs")

    assert log["overall_status"] == "3 of 5 hosts done. 0 errors."
    assert (log["num_hosts"], log["num_hosts_done"], log["num_hosts_not_run"]) == (5, 3, 2)
    assert (log["hosts_not_run"], sorted(log["log"])) == (
        [HOSTS[1], HOSTS[3]],
        [HOSTS[0], HOSTS[2], HOSTS[4]],
    )
    before = shown(
        gateway, "/os-instance_usage_audit_log/2025-06-01%2000:00:00", key="instance_usage_audit_log"
    )
    assert before == log


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/os-hypervisors", "2.1"),
        ("/os-hypervisors/detail", NEWEST),
        ("/os-hypervisors/statistics", "2.1"),
        ("/os-services", NEWEST),
        ("/os-hosts", "2.1"),
        ("/os-migrations", NEWEST),
        ("/os-aggregates", NEWEST),
        ("/os-availability-zone/detail", NEWEST),
        ("/os-instance_usage_audit_log", NEWEST),
    ],
)
def test_a_silent_pods_zone_is_named_and_the_others_are_shown(gateway, path, version):
    whole = ask(gateway, path, version)
    assert "x-trio2o-partial" not in whole.headers
    gateway.cloud.pods["Pod3"].kill()

    answer = ask(gateway, path, version)

    assert (answer.status, answer.headers["x-trio2o-partial"]) == (200, "az2")
    assert "@Pod3" not in str(answer.body)


def test_what_a_silent_pod_may_have_is_not_denied(gateway):
    (row,) = shown(gateway, f"/os-services?host={HOSTS[4]}", key="services")
    old = shown(gateway, "/os-hypervisors", BELOW_UUIDS, "hypervisors")[4]["id"]
    gateway.cloud.pods["Pod3"].kill()

    for path, version, method in (
        (f"/os-hypervisors/{DOWN}", NEWEST, "GET"),
        (f"/os-hypervisors/{old}", BELOW_UUIDS, "GET"),
        (f"/os-services/{row['id']}", NEWEST, "DELETE"),
        ("/os-hosts/pod3-host1", "2.42", "GET"),
        (f"/os-hosts/{HOSTS[4]}", "2.42", "GET"),
    ):
        assert ask(gateway, path, version, method).status == 503, path
    assert ask(gateway, f"/os-hosts/{HOSTS[0]}", "2.42").status == 200


@pytest.mark.parametrize(
    ("method", "path", "rule"),
    [
        ("GET", "/os-hypervisors", "os-hypervisors:list"),
        ("GET", "/os-hypervisors/detail", "os-hypervisors:list-detail"),
        ("GET", "/os-services", "os-services:list"),
        ("PUT", "/os-services/disable", "os-services:update"),
        ("GET", "/os-hosts/x/startup", "os-hosts:start"),
        ("GET", "/os-migrations", "os-migrations:index"),
        ("POST", "/os-aggregates", "os-aggregates:create"),
        ("GET", "/os-availability-zone/detail", "os-availability-zone:detail"),
        ("GET", "/os-instance_usage_audit_log", "os-instance-usage-audit-log:list"),
        ("POST", "/os-server-external-events", "os-server-external-events:create"),
        ("DELETE", "/os-assisted-volume-snapshots/x", "os-assisted-volume-snapshots:delete"),
    ],
)
def test_tenants_get_novas_refusal(gateway, method, path, rule):
    answer = ask(gateway, path, "2.1", method, {}, user="alpha")

    message = f"Policy doesn't allow os_compute_api:{rule} to be performed."
    assert (answer.status, answer.body) == (403, {"forbidden": {"code": 403, "message": message}})
