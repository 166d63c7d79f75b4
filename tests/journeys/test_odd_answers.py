"""Odd answers: what one pod tells that is none leaves out that pod alone, and is never a 500."""

from __future__ import annotations

import pytest

from local.standin.script import Trouble
from tests.journeys.test_operators_nouns import ask

MARK = {"x-openstack-request-id": "req-9"}
NOBODY = "00000000-0000-4000-8000-000000000009"
OLD, LATER = "2.30", "2.90"
ODD = [
    None,
    "x",
    1,
    [],
    [None],
    [{}],
    [{"id": None}],
    [{"id": "\ud800"}],
    [{"id": "x", "name": 5, "created_at": 7, "metadata": 5, "zone": {}, "zoneName": [], "hosts": 3}],
]
ROWS = [
    ("/os-availability-zone/detail", OLD, "availabilityZoneInfo"),
    ("/os-aggregates", OLD, "aggregates"),
    ("/os-hypervisors", OLD, "hypervisors"),
    ("/os-hypervisors/detail", LATER, "hypervisors"),
    ("/os-hypervisors/detail?marker=10002&limit=1", OLD, "hypervisors"),
    ("/os-hypervisors/statistics", OLD, "hypervisor_statistics"),
    ("/os-services", LATER, "services"),
    ("/os-hosts", OLD, "hosts"),
    ("/os-migrations", OLD, "migrations"),
    ("/os-migrations", LATER, "migrations"),
    ("/os-instance_usage_audit_log", LATER, "instance_usage_audit_logs"),
]


@pytest.mark.parametrize(("path", "version", "name"), ROWS)
def test_a_pod_that_tells_nothing_is_left_out(served, path, version, name):
    good = ask(served, path, version)
    for odd in ({}, *({name: each} for each in ODD)):
        pod = served.cloud.pods["Pod3"]
        pod.trouble(Trouble(times=10, method="GET", status=200, body=odd, headers=MARK))
        try:
            answer = ask(served, path, version)
        finally:
            pod.recover()

        assert answer.status == good.status, (odd, answer.body)
        if not isinstance(odd.get(name), list):
            assert answer.headers["x-trio2o-partial"] == "az2", odd


LISTS = [
    ("/servers", "servers"),
    ("/servers/detail", "servers"),
    ("/flavors/detail", "flavors"),
    ("/images/detail", "images"),
    ("/os-server-groups", "server_groups"),
    ("/os-volumes", "volumes"),
    ("/os-services", "services"),
    ("/os-hypervisors/detail", "hypervisors"),
]


@pytest.mark.parametrize("levels", [102, 600, 960, 5000])
@pytest.mark.parametrize(("path", "name"), LISTS)
def test_a_pod_that_nests_deeply_is_left_out(served, path, name, levels):
    served.create(availability_zone="az2", user="admin")
    deep = f"{'[' * levels}{']' * levels}"
    row = f'{{"id": "{NOBODY}", "links": {deep}, "x": {{"a": {deep}}}}}'
    pod = served.cloud.pods["Pod3"]
    body = f'{{"{name}": [{row}]}}'.encode()
    pod.trouble(Trouble(times=10, method="GET", status=200, body=body, headers=MARK))
    try:
        answer = ask(served, path, OLD)
    finally:
        pod.recover()

    assert answer.status in (200, 503), "503 where no other pod is asked"
