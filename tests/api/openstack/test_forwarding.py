"""A pod's answer on its way back: links and zones in our words, nothing else touched."""

from __future__ import annotations

from chalicelib.api.openstack.forwarding import rewrite
from tests.builders import a_pod

BASE = "http://gateway.example"


def rewritten(server, az_name="az1"):
    rewrite(server, a_pod("pod-a", az_name=az_name), BASE)
    return server


def test_a_server_shows_our_zone_wherever_its_pod_shows_its_own():
    server = rewritten({"OS-EXT-AZ:availability_zone": "nova", "pinned_availability_zone": "nova"})

    assert server == {"OS-EXT-AZ:availability_zone": "az1", "pinned_availability_zone": "az1"}


def test_a_server_that_is_pinned_to_no_zone_stays_so():
    server = rewritten({"OS-EXT-AZ:availability_zone": "", "pinned_availability_zone": None})

    assert server == {"OS-EXT-AZ:availability_zone": "", "pinned_availability_zone": None}


def test_a_users_metadata_is_never_rewritten():
    metadata = {"pinned_availability_zone": "nova", "OS-EXT-AZ:availability_zone": "mine"}

    assert rewritten({"server": {"metadata": dict(metadata)}}) == {"server": {"metadata": metadata}}


def test_links_lead_to_us():
    server = rewritten({"links": [{"rel": "self", "href": "http://pod:8774/compute/v2.1/servers/1"}]})

    assert server["links"][0]["href"] == f"{BASE}/v2.1/servers/1"
