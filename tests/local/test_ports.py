"""Ports are chosen by the environment. A refusal says how to choose another one."""

from __future__ import annotations

import socket

import pytest

from local import ports
from local.ports import Ports, PortUnusable


def test_each_port_has_a_variable():
    environ = {
        "TRIO2O_LOCAL_DYNAMODB_PORT": "1",
        "TRIO2O_LOCAL_CLOUD_PORT": "2",
        "TRIO2O_LOCAL_PORT": "0",
    }

    assert ports.read(environ) == Ports(dynamodb=1, cloud=2, gateway=0)
    assert ports.read({"TRIO2O_LOCAL_PORT": " "}) == Ports(dynamodb=4566, cloud=18100, gateway=8000)


@pytest.mark.parametrize("text", ["http", "-1", "65536", "80.5"])
def test_what_is_no_port_is_refused_with_its_variable(text):
    with pytest.raises(PortUnusable, match=f"TRIO2O_LOCAL_CLOUD_PORT={text}"):
        ports.read({"TRIO2O_LOCAL_CLOUD_PORT": text})


def test_a_port_taken_in_the_middle_of_several_is_found():
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]

        with pytest.raises(PortUnusable, match=f"Port {port} .* ports {port - 1} to {port + 1}.*A_VARIABLE="):
            ports.refuse_taken(port - 1, "A_VARIABLE", "the cloud", count=3)


def test_any_free_port_is_never_taken():
    ports.refuse_taken(0, "A_VARIABLE", "the cloud", count=6)
