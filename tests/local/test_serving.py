"""The stand-in cloud, run as a program of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys

import pytest
import requests

from local import demo
from local.standin.plan import read_pods


@pytest.fixture
def free_port():
    """The first of two ports in a row that are free."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
        return port


def command(*options):
    return [sys.executable, "-m", "local.standin", *options]


def test_it_serves_other_pods_than_the_demos_until_it_is_told_to_stop(tmp_path, free_port):
    plans = tmp_path / "pods.json"
    plans.write_text(json.dumps([{"name": "Only", "az_name": "az1", "hosts": [{"vcpus": 2}]}]))
    process = subprocess.Popen(
        command("--base-port", str(free_port), "--pods", str(plans)), stdout=subprocess.PIPE, text=True
    )
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        status = requests.get(f"http://127.0.0.1:{free_port}/_control/pods", timeout=10).json()
    finally:
        process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert lines[1].startswith("Only")
    assert status["pods"][0]["hosts"][0]["capacity"]["VCPU"] == 2


def test_a_taken_port_is_named_together_with_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        run = subprocess.run(
            command("--base-port", str(port)), capture_output=True, text=True, timeout=30, check=False
        )

    assert run.returncode == 2
    assert f"port {port} of 127.0.0.1 is taken" in run.stderr
    assert "--base-port" in run.stderr


def test_a_plan_is_also_the_body_that_registers_its_pod():
    pod4 = next(plan for plan in demo.PODS if plan.name == "Pod4")

    assert pod4.record() == {
        "pod": {
            "pod_name": "Pod4",
            "az_name": "az2",
            "pod_az_name": "nova",
            "dc_name": "dc2",
            "affinity_tags": {"resource": "CAD Modeling"},
        }
    }


def test_an_unknown_field_of_a_plan_is_refused():
    with pytest.raises(TypeError, match="colour"):
        read_pods([{"name": "Pod1", "az_name": "az1", "colour": "blue"}])
