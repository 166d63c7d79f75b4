"""Tempest: what OpenStack's own tests of a compute API pass on a pod, they pass through the gateway."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud, config_of
from tests.openstack.site import Site
from tests.openstack.tempest import configuration, running, selection, target
from tests.openstack.tempest.running import Results

MOST_ALONE = 5  # if more fail, something is broken


@pytest.fixture(scope="module")
def chosen() -> tuple[str, ...]:
    return selection.chosen(os.environ.get("TEMPEST_ARGS", ""))


@pytest.fixture(scope="module")
def asked(
    ground: Site, admin: Cloud, operator: AdminApi, our_clouds: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A tempest.conf for the region of the gateway."""
    region = config_of(our_clouds, admin.name).region_name
    if region in ground.regions:
        pytest.skip("the admin may not write Keystone's catalogue, and Tempest finds the gateway only there")
    return configuration.write(tmp_path_factory.mktemp("tempest"), target.found(ground, admin, region))


@pytest.fixture(scope="module")
def must_pass(asked: Path, chosen: tuple[str, ...]) -> set[str]:
    known = running.names(asked.parent, asked, chosen)
    assert known, f"Tempest has no test that {chosen} chooses"
    return known & selection.pass_directly()


@pytest.fixture(scope="module")
def together(asked: Path, chosen: tuple[str, ...], must_pass: set[str]) -> Results:
    return running.run(asked.parent, asked, chosen)


@pytest.fixture(scope="module")
def results(together: Results, asked: Path, must_pass: set[str]) -> Results:
    """How the tests end. They disturb each other on a pod's only host: what fails is tried again alone."""
    lost = _lost(together, must_pass)
    if not lost or len(lost) > MOST_ALONE:
        return together
    return together.updated(running.run_alone(asked.parent, asked, lost))


def _lost(results: Results, must_pass: set[str]) -> list[str]:
    return sorted(must_pass - results.passed - selection.CANT_PASS.keys())


def _told(results: Results, names: list[str]) -> str:
    return "\n".join(f"{name}\n{results.why(name)}" for name in names)


def test_what_passes_directly_passes_through_the_gateway(
    together: Results, results: Results, must_pass: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\nTempest: {together}; its output is in {together.output}\n")
        if again := _lost(together, must_pass):
            sys.stdout.write(f"These failed, and were tried again alone:\n{_told(together, again)}\n")

    lost = _lost(results, must_pass)

    if lost:
        told = f"{len(lost)} of {len(must_pass)} that pass directly don't:\n{_told(results, lost)}"
        pytest.fail(told, pytrace=False)


def test_few_tests_are_excused_and_none_without_need(results: Results) -> None:
    assert len(selection.CANT_PASS) <= selection.MOST
    assert not selection.CANT_PASS.keys() & results.passed


def test_the_list_is_of_the_tempest_that_is_installed(asked: Path) -> None:
    known = running.names(asked.parent, asked, ("--regex", selection.EVERYTHING))

    assert selection.pass_directly() <= known
