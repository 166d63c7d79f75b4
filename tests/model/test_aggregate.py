"""Aggregates of several pods as one, in our words."""

from __future__ import annotations

import pytest

from chalicelib.model.aggregate import Member, by_key, merged, with_our_zone, zone_in
from tests.builders import a_pod

NAMED = a_pod("pod-a", "az1", pod_az_name="inner")
PLAIN = a_pod("pod-b", "az1")


@pytest.mark.parametrize(
    ("pod", "ours", "theirs"),
    [
        (NAMED, "az1", "inner"),
        (PLAIN, "az1", "nova"),
        (NAMED, "rack-7", "rack-7"),
        (PLAIN, "rack-7", "rack-7"),
        (NAMED, None, None),
    ],
)
def test_a_zone_is_named_as_the_pod_does_and_shown_as_tenants_do(pod, ours, theirs):
    assert zone_in(pod, ours) == theirs

    row = {
        "availability_zone": theirs,
        "metadata": {"a": "b"} | ({"availability_zone": theirs} if theirs else {}),
    }
    shown = with_our_zone(pod, row)
    assert (shown["availability_zone"], shown["metadata"].get("availability_zone")) == (ours, ours)
    assert shown["metadata"]["a"] == "b"


def test_members_have_one_name_and_zone():
    rows = [("ssd", "az1"), ("ssd", None), ("ssd", "az1"), ("hdd", "az1")]
    members = [Member(PLAIN, {"name": name, "availability_zone": zone}) for name, zone in rows]

    assert {key: len(group) for key, group in by_key(members).items()} == {
        ("ssd", "az1"): 2,
        ("ssd", None): 1,
        ("hdd", "az1"): 1,
    }


def test_the_oldest_members_word_counts_and_none_is_lost():
    one = Member(NAMED, {"id": 1, "hosts": ["a@A"], "metadata": {"x": "old", "y": "1"}})
    other = Member(PLAIN, {"id": 2, "hosts": ["b@B"], "metadata": {"x": "new", "z": "2"}})

    assert merged([one, other]) == {
        "id": 1,
        "hosts": ["a@A", "b@B"],
        "metadata": {"x": "old", "y": "1", "z": "2"},
    }
