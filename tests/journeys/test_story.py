"""The journey of the product on a laptop: ``make story`` and ``make run``, as a visitor meets them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import requests

from local.story import telling
from local.story.errors import StoryFailed
from local.story.scene import Scene
from local.story.telling import Step, tell
from local.terminal import Terminal

FREE_PORTS = dict.fromkeys(
    ("TRIO2O_LOCAL_DYNAMODB_PORT", "TRIO2O_LOCAL_CLOUD_PORT", "TRIO2O_LOCAL_PORT"), "0"
)
LAST_LINE = "Ctrl-C"


def start(state, *options, **environ):
    command = [sys.executable, "-m", "local", *options]
    env = {**os.environ, **FREE_PORTS, "TRIO2O_LOCAL_STATE": str(state), **environ}
    pipe = subprocess.PIPE
    # A child inherits an ignored SIGHUP, and tests that nohup started ignore it.
    ours = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=env)
    finally:
        signal.signal(signal.SIGHUP, ours)


def ports_in(text):
    """The ports on which the parts of the product say that they listen."""
    return {urlsplit(found).port for found in re.findall(r"http://127\.0\.0\.1:\d+", text)}


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_story_is_told_and_true_and_leaves_nothing_behind(tmp_path):
    process = start(tmp_path, "--story-only")
    told, errors = process.communicate(timeout=120)

    assert process.returncode == 0, told + errors
    assert "The story is true" in told
    assert "\x1b" not in told  # no colours for a pipe
    assert errors == ""
    assert not [port for port in ports_in(told) if listens(port)]
    assert max(map(len, told.splitlines())) <= 100
    assert_no_secret_is_logged(tmp_path / "gateway.log")


def assert_no_secret_is_logged(log):
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert "request" in {line.get("message") for line in lines}
    assert "gAAAA" not in text
    assert "-pass" not in text


def test_it_serves_after_the_story_until_a_signal_ends_all_of_it(tmp_path):
    process = start(tmp_path)
    try:
        told = _until_it_serves(process)
        gateway = re.search(r"Gateway +(\S+)", told)[1]
        versions = requests.get(gateway, timeout=10).json()
    finally:
        process.send_signal(signal.SIGTERM)
    rest, errors = process.communicate(timeout=30)

    assert process.returncode == 0, told + rest + errors
    assert versions["versions"][-1]["links"][0]["href"] == f"{gateway}/v2.1/"
    assert errors == ""
    assert not [port for port in ports_in(told) if listens(port)]


def _until_it_serves(process):
    told = []
    for line in process.stdout:
        told.append(line)
        if LAST_LINE in line:
            return "".join(told)
    raise AssertionError("".join(told) + process.stderr.read())


@pytest.mark.parametrize(
    ("number", "after"), [(signal.SIGHUP, "  Embedded DynamoDB"), (signal.SIGINT, "2. ")]
)
def test_a_signal_before_the_end_of_the_story_ends_all_of_it_too(tmp_path, number, after):
    process = start(tmp_path)
    told = []
    for line in process.stdout:
        told.append(line)
        if line.startswith(after):
            break
    process.send_signal(number)
    rest, errors = process.communicate(timeout=30)

    assert process.returncode == 130, "".join(told) + rest + errors
    assert "Traceback" not in rest + errors
    assert not [port for port in ports_in("".join(told)) if listens(port)]


def test_a_taken_port_is_told_before_anything_is_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        process = start(tmp_path, TRIO2O_LOCAL_PORT=str(port))
        told, errors = process.communicate(timeout=30)

    assert process.returncode == 2
    assert told == ""
    assert f"Port {port} of 127.0.0.1 is taken" in errors
    assert "TRIO2O_LOCAL_PORT=" in errors


def test_a_claim_that_is_not_so_ends_the_story_with_the_step_and_what_was_seen(monkeypatch):
    with open(os.devnull, "w") as nowhere:
        scene = Scene(Terminal(nowhere), cloud=None, admin=None, alpha=None, beta=None)
        monkeypatch.setattr(Scene, "on", lambda terminal, cloud: scene)
        monkeypatch.setattr(
            telling, "STEPS", (Step("Pigs fly", lambda scene: scene.prove("They do.", False, "mud")),)
        )

        with pytest.raises(StoryFailed, match=r"step 1 \(Pigs fly\): \"They do.\" is not so: mud"):
            tell(scene.terminal, cloud=None)
