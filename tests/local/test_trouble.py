"""Troubles that a test orders: faults, delays, resets, outages."""

from __future__ import annotations

import time

import pytest
import requests

from local.standin.script import Trouble


def test_a_killed_pod_refuses_connections_and_comes_back_with_its_state(cloud, nova):
    alpha, pod = nova("alpha"), cloud.pod("Pod1")
    alpha.create()
    pod.kill()
    with pytest.raises(requests.ConnectionError, match="refused"):
        alpha.names()

    pod.start()

    assert alpha.names() == ["vm"]


def test_a_connection_reset_after_the_work_leaves_a_server_behind(cloud, nova):
    alpha = nova("alpha")
    cloud.pod("Pod1").trouble(Trouble("/servers$", "POST", when="after", reset=True))

    with pytest.raises(requests.ConnectionError):
        alpha.create()

    assert alpha.names() == ["vm"]


def test_a_connection_reset_before_the_work_leaves_nothing(cloud, nova):
    alpha = nova("alpha")
    cloud.pod("Pod1").trouble(Trouble("/servers$", "POST", reset=True))

    with pytest.raises(requests.ConnectionError):
        alpha.create()

    assert alpha.names() == []


def test_a_scripted_fault_is_given_as_often_as_ordered(cloud, nova):
    body = {"serviceUnavailable": {"code": 503, "message": "Not today."}}
    cloud.pod("Pod1").trouble(Trouble("/flavors", times=2, status=503, body=body))

    answers = [nova("alpha").get("/flavors").status_code for _ in range(3)]

    assert answers == [503, 503, 200]


def test_a_delayed_answer_is_late_and_true(cloud, nova):
    cloud.pod("Pod1").trouble(Trouble("/servers", delay_seconds=0.2))
    started = time.monotonic()

    assert nova("alpha").names() == []
    assert time.monotonic() - started >= 0.2


def test_a_hanging_pod_answers_when_it_is_over(cloud, nova):
    cloud.pod("Pod1").hang(0.3)
    started = time.monotonic()

    assert nova("alpha", "Pod2").names() == []
    assert time.monotonic() - started < 0.3
    assert nova("alpha").names() == []
    assert time.monotonic() - started >= 0.3


def test_a_pod_keeps_what_it_received_to_the_byte(cloud, nova):
    alpha = nova("alpha")
    raw = b'{"server": {"name": "x",   "unknown": 1e3}}'
    requests.post(
        f"{cloud.pod('Pod1').endpoints['compute']}/servers", data=raw, headers=alpha._headers, timeout=10
    )

    (entry,) = cloud.pod("Pod1").received("POST", "/servers$")

    assert (entry.body, entry.status) == (raw, 400)
    assert entry.headers["x-auth-token"] == alpha._headers["X-Auth-Token"]
    assert entry.redacted()["headers"]["x-auth-token"] == "***"


def test_orders_come_over_http_too(cloud, nova):
    pods = f"{cloud.keystone_site.url}/_control/pods"
    ordered = {"path": "/flavors", "status": 418, "body": {"teapot": True}}

    assert requests.post(f"{pods}/Pod1/trouble", json=ordered, timeout=10).status_code == 200
    assert nova("alpha").get("/flavors").json() == {"teapot": True}
    assert requests.post(f"{cloud.pod('Pod1').url}/_control/fill", timeout=10).status_code == 200
    assert [host.room.vcpus for host in cloud.pod("Pod1").hosts] == [0, 0]
    assert requests.post(f"{pods}/Pod1/kill", timeout=10).json()["listening"] is False
    assert requests.post(f"{pods}/Pod1/start", timeout=10).json()["listening"] is True
    assert requests.post(f"{pods}/Pod1/trouble", json={"nonsense": 1}, timeout=10).status_code == 400
    assert requests.post(f"{pods}/Pod9/kill", timeout=10).status_code == 404
