"""Odd answers: what one pod tells operators that is none leaves out that pod alone, and is never a 500."""

from __future__ import annotations

import pytest

from local.standin.script import Trouble
from tests.journeys.test_operators_nouns import ask

MARK = {"x-openstack-request-id": "req-9"}
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
