"""What a pod's Nova shows operators, in our words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model.operator_rows import in_our_words
from chalicelib.model.pod_number import MOST_PODS, numbered, split
from tests.builders import a_pod

POD = a_pod("pod-a", "az1", pod_name="Pod1")
NOVAS_LARGEST_ID = 2**31 - 1
EXACT_IN_JSON = 2**53


@given(st.integers(0, NOVAS_LARGEST_ID), st.integers(1, MOST_PODS - 1))
def test_a_whole_id_leads_back_to_its_pod_and_is_exact_for_every_reader(own_id, number):
    assert split(numbered(own_id, number)) == (own_id, number)
    assert numbered(own_id, number) < EXACT_IN_JSON


def test_hosts_ids_and_zones_are_put_into_our_words():
    told = {
        "services": [
            {"id": 3, "host": "c1", "zone": "nova"},
            {"id": 1, "host": "c1", "zone": "internal"},
            {"id": "3c6a296f", "host": "c1"},
        ],
        "aggregates": [{"id": 2, "hosts": ["c1", "c2"]}],
        "migrations": [{"source_compute": "c1", "dest_node": None, "dest_host": "10.0.0.1"}],
        "availabilityZoneInfo": [{"zoneName": "nova", "hosts": {"c1": {"nova-compute": {}}}}],
        "log": {"c1": {"state": "DONE"}},
    }

    assert in_our_words(told, POD, 7) == {
        "services": [
            {"id": 30007, "host": "c1@Pod1", "zone": "az1"},
            {"id": 10007, "host": "c1@Pod1", "zone": "internal"},
            {"id": "3c6a296f", "host": "c1@Pod1"},
        ],
        "aggregates": [{"id": 20007, "hosts": ["c1@Pod1", "c2@Pod1"]}],
        "migrations": [{"source_compute": "c1@Pod1", "dest_node": None, "dest_host": "10.0.0.1"}],
        "availabilityZoneInfo": [{"zoneName": "nova", "hosts": {"c1@Pod1": {"nova-compute": {}}}}],
        "log": {"c1@Pod1": {"state": "DONE"}},
    }


def test_what_others_wrote_stays():
    told = {
        "metadata": {"host": "x", "zone": "y", "id": 7},
        "cpu_info": {"id": 7, "host": "x"},
        "links": [{"id": 7}],
    }

    assert in_our_words(told, POD, 7) == told
