"""Server lists: which lists surely have a server, as its location tells."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.model.location import Location
from chalicelib.model.resource import SERVERS
from chalicelib.model.server_lists import IGNORED_SORT_KEYS, SORT_KEYS, is_selected, stub
from tests.builders import NOW, PROJECT

ID = "00000000-0000-4000-8000-00000000000a"
WEB = Location(ID, PROJECT, "pod-a", NOW, name="web-1")
LATER, EARLIER = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)


def selected(is_admin: bool = True, all_tenants: bool = True, **filters: str) -> bool:
    named = {key.replace("_since", "-since"): text for key, text in filters.items()}
    return is_selected(WEB, named, is_admin, all_tenants)


@pytest.mark.parametrize(
    ("filters", "sure"),
    [
        ({}, True),
        ({"name": "web"}, True),
        ({"name": "EB-1"}, True),
        ({"name": ""}, True),
        ({"name": "web-2"}, False),
        *(({"name": f"web{letter}1"}, False) for letter in "\\^$.|?*+()[]{}"),
        ({"uuid": ID}, True),
        ({"uuid": ID.upper()}, True),
        ({"uuid": ID[:-1]}, False),
        ({"project_id": PROJECT}, True),
        ({"tenant_id": PROJECT}, True),
        ({"project_id": "other"}, False),
        ({"changes_since": NOW.isoformat()}, True),
        ({"changes_since": EARLIER.strftime("%Y-%m-%dT%H:%M:%SZ")}, True),
        ({"changes_since": EARLIER.replace(tzinfo=None).isoformat()}, True),
        ({"changes_since": LATER.isoformat()}, False),
        ({"changes_since": "yesterday"}, False),
        ({"deleted": "False"}, True),
        ({"deleted": "yes"}, False),
        ({"status": "UNKNOWN"}, False),
        ({"host": "h"}, False),
        ({"uuid": ID, "flavor": "1"}, False),
    ],
)
def test_a_list_surely_has_a_server_when_the_location_answers_every_filter(
    filters: dict[str, str], sure: bool
) -> None:
    assert selected(**filters) is sure


def test_the_list_of_one_project_is_not_selected_by_project() -> None:
    assert selected(all_tenants=False, project_id="other", tenant_id="other")


def test_what_nova_does_not_let_a_tenant_select_by_selects_nothing() -> None:
    tenant = {"is_admin": False, "all_tenants": False}

    assert selected(**tenant, uuid="other", host="h", deleted="True")
    assert not selected(**tenant, name="other")
    assert not selected(**tenant, status="ACTIVE")


def test_every_key_is_sorted_by_or_ignored_and_a_stub_shows_its_place_in_the_usual_orders() -> None:
    assert not {*SORT_KEYS} & IGNORED_SORT_KEYS
    for key in ("created_at", "display_name", "uuid", "project_id"):
        assert SORT_KEYS[key].field in stub(WEB)
    assert SERVERS.unique_sort_key in SORT_KEYS


def test_odd_values_of_a_pod_can_be_read() -> None:
    assert SORT_KEYS["image_ref"].read({"id": "i"}) == "i"
    assert SORT_KEYS["image_ref"].read("") == ""
    assert SORT_KEYS["auto_disk_config"].read("AUTO") > SORT_KEYS["auto_disk_config"].read("MANUAL")
    assert SORT_KEYS["display_name"].read(["x"]) == "['X']"
