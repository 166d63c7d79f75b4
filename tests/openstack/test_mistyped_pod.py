"""A mistyped pod: refused, or disabled by force; it takes no server and no list lacks anything for it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.conftest import CREDENTIAL_REF
from tests.openstack.servers import Servers
from tests.openstack.site import Site

ZONE = "az-mistyped"
MISTYPED = {"pod_name": "NoSuchRegion", "az_name": ZONE, "credential_ref": CREDENTIAL_REF}


@pytest.fixture(scope="module")
def forced(operator: AdminApi, undo: ExitStack) -> dict[str, Any]:
    """The answer to registering it by force; it is deleted again."""
    status, answer = operator.try_to("POST", "/pods", **MISTYPED, force=True)
    assert status == 200, answer
    undo.callback(operator.forget_pod, answer["pod"]["pod_id"])
    return answer


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "pod_name"),
        ({"credential_ref": "nobodys"}, "credential_ref"),
        ({"credential_ref": ""}, "pod_name"),
    ],
)
def test_a_mistyped_pod_is_refused_and_the_field_is_named(
    operator: AdminApi, ground: Site, wrong: dict[str, str], field: str
) -> None:
    status, answer = operator.try_to("POST", "/pods", **{**MISTYPED, **wrong})

    assert (status, answer["error"]["field"]) == (409, field)
    if field == "pod_name":
        assert all(region in answer["error"]["message"] for region in ground.regions)


def test_by_force_it_is_disabled_with_a_warning(forced: dict[str, Any]) -> None:
    assert (forced["pod"]["state"], forced["pod"]["proven"]) == ("disabled", False)
    assert "NoSuchRegion" in forced["warnings"][0]


def test_it_is_enabled_only_when_it_proves_itself(operator: AdminApi, forced: dict[str, Any]) -> None:
    pod = forced["pod"]
    status, answer = operator.try_to(
        "PUT", f"/pods/{pod['pod_id']}", generation=pod["generation"], state="enabled"
    )

    assert (status, answer["error"]["field"]) == (409, "pod_name")


def test_it_takes_no_server_and_its_zone_is_not_shown(
    forced: dict[str, Any], fresh: Servers, alpha: Cloud, ground: Site
) -> None:
    zones = alpha.ask("GET", "/v2.1/os-availability-zone").json()["availabilityZoneInfo"]
    refused = alpha.ask("POST", "/v2.1/servers", fresh.order(availability_zone=ZONE))

    assert {zone["zoneName"] for zone in zones} == set(ground.zones.values())
    assert refused.status_code == 409, refused.text


@pytest.mark.parametrize("path", ["/servers/detail", "/servers?all_tenants=1", "/flavors"])
def test_no_list_is_partial(forced: dict[str, Any], fresh: Servers, admin: Cloud, path: str) -> None:
    listed = admin.ask("GET", f"/v2.1{path}")

    assert listed.status_code == 200
    assert "X-Trio2o-Partial" not in listed.headers
