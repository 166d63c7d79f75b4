"""Hostnames with their pods' names."""

from __future__ import annotations

import pytest

from chalicelib.model import pod_host


@pytest.mark.parametrize("pod_name", ["Pod1", "eu.west-1", "Region One", "a@b", "Köln", "x:y"])
@pytest.mark.parametrize("host", ["compute1", "c1.dc.example.com", "c-1_a"])
def test_an_operator_may_send_back_what_is_shown(pod_name: str, host: str) -> None:
    assert pod_host.read(pod_host.shown(pod_name, host)) == (pod_name, host)


def test_a_hostname_may_come_without_its_pod() -> None:
    assert pod_host.read("c1.dc.example.com") == (None, "c1.dc.example.com")
    assert pod_host.shown("Pod1", "compute1") == "compute1@Pod1"
