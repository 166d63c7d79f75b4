"""Making: which servers in a pod's list are of a create that named none of them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib.model.claim import Share
from chalicelib.model.location import Location
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.asking.answer import PodRefused
from tests.builders import NOW, PROJECT, a_spec
from tests.service.creating.test_making import (
    ID,
    MARK,
    MARKER,
    POD,
    a_row,
    an_order,
    listing,
    making,
    query_of,
)
from tests.service.kinds.scripted_pods import reply


def alike(*rows, known=(), count=2):
    """What a create of NOW finds that has neither marker nor reservation, and what its pod was asked."""
    locations = SimpleNamespace(found=lambda ids: [each for each in known if each.resource_id in set(ids)])
    make, asked = making(listing(*rows), None, order=replace(an_order(), count=count))
    decision = decide(snapshot_of([POD]), a_spec(), SPREAD, "d-1")
    found = replace(make, locations=locations).made(SimpleNamespace(pod=POD, decision=decision), None)
    return [row["id"][-1] for row in found], query_of(asked)


def test_without_marker_and_reservation_the_newest_are_read_that_look_like_the_creates_own():
    rows = [
        a_row(id=f"{ID[:-1]}{number}", **fields)
        for number, fields in enumerate(
            (
                {"name": "vm"},
                {"name": "vm-1", "created": "2025-06-01T12:01:00Z"},
                {"name": "vm-2", "created": "2025-06-01T12:01:01Z"},  # after the create was over
                {"name": "vm-3", "created": "2025-06-01T11:59:54Z"},  # before it
                {"name": "web"},
                {"name": "vm-4", "created": "no date"},  # so it may be
            )
        )
    ]

    assert alike(*rows) == (["0", "1", "5"], {"limit": "202"})


def test_a_server_that_another_create_has_made_is_left_out_and_one_that_somebody_only_met_is_not():
    where = Location(ID, PROJECT, "pod-a", NOW)

    assert alike(a_row(), known=[replace(where, decision_id="another")])[0] == []
    assert alike(a_row(), known=[replace(where, share=Share("pod-a", "another", 0))])[0] == []
    assert alike(a_row(), known=[replace(where, decision_id="another", ended_at=NOW)])[0] == ["1"]
    assert alike(a_row(), known=[where])[0] == ["1"]
    assert alike(a_row(name="web"))[0] == []


@pytest.mark.parametrize(("count", "limit"), [(800, "1000"), (801, "1000"), (799, "999")])
def test_no_more_are_read_than_novas_page_holds(count, limit):
    assert alike(count=count)[1] == {"limit": limit}


@pytest.mark.parametrize(("count", "limit"), [(1000, "1000"), (1001, "1000"), (999, "999")])
def test_nor_of_a_tag_or_a_reservation(count, limit):
    order = replace(an_order(), count=count)
    tagged, by_tag = making(listing(), order=order)
    plain, by_reservation = making(listing(), None, order=order)
    tagged.with_marker(POD)
    plain.made(SimpleNamespace(pod=POD), "r-1")

    assert query_of(by_tag)["limit"] == query_of(by_reservation)["limit"] == limit


def test_a_look_is_the_clients_own_request_but_for_what_it_asks_and_how_long_it_may_take():
    make, asked = making(listing(), order=replace(an_order(), count=200))
    make = replace(make, request=replace(make.request, body=b'{"server": {}}'))
    make.with_marker(POD)

    ((pod_id, look),) = asked
    assert pod_id == "pod-a"
    assert look == replace(
        make.request,
        method="GET",
        path=f"/servers/detail?tags={str(MARKER).replace(':', '%3A')}&limit=200",
        body=None,
        read_timeout_seconds=5.0,
    )


def test_a_pod_that_refuses_the_look_is_named():
    make, _ = making(reply({"forbidden": {"code": 403}}, 403, **MARK))

    with pytest.raises(PodRefused) as refused:
        make.with_marker(POD)
    assert (refused.value.answer.pod, refused.value.answer.reply.status) == (POD, 403)
