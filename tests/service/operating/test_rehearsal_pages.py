"""A rehearsal reads the kept decisions page by page, as far as it must and no farther than it may."""

import pytest

from chalicelib.service.operating import rehearsal
from chalicelib.service.operating.rehearsal import RehearsalOrder
from tests.service.desk import OPERATOR
from tests.service.operating.test_rehearsal import a_desk


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(rehearsal, "ROWS", 2)


def judged(desk, **order):
    return [again.before.decision_id for again in desk.rehearsal.run(RehearsalOrder({}, **order)).decided]


ALL = ["d0000", "d0001", "d0002", "d0003", "d0004", "d0005"]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("last", range(1, 8))
def test_so_many_of_the_newest_are_judged_as_are_asked_for_each_once(last):
    assert judged(a_desk("az1", count=6), last=last) == ALL[:last]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(("most", "read"), [(2, 2), (3, 4), (4, 4), (5, 6)])
def test_no_more_are_looked_through_than_one_rehearsal_may(monkeypatch, most, read):
    monkeypatch.setattr(rehearsal, "MOST_READ", most)

    assert judged(a_desk("az1", count=6)) == ALL[:read]
    assert judged(a_desk("az1", "az2", count=3), az_name="az2") == ALL[1:read:2]


@pytest.mark.usefixtures("small_pages")
def test_a_zones_creates_are_counted_without_the_others():
    desk = a_desk("az1", "az2", count=3)

    assert judged(desk, az_name="az1", last=2) == ["d0000", "d0002"]
    assert judged(desk, az_name="az1", last=3) == ["d0000", "d0002", "d0004"]


def test_creates_without_a_zone_are_judged_by_the_default():
    desk = a_desk("az1", None)
    desk.profiles.put("zone:az1", {"version": 0, "tie_margin": 0.1}, OPERATOR)

    rehearsed = desk.rehearsal.run(RehearsalOrder({"tie_margin": 0.2}))

    assert [again.after.profile["name"] for again in rehearsed.decided] == ["zone:az1", "default"]
    assert (rehearsed.profile.name, rehearsed.profile.tie_margin) == ("default", 0.2)


def test_a_zones_order_shows_the_zones_profile_as_it_would_decide():
    desk = a_desk("az1")
    desk.profiles.put("default", {"version": 0, "tie_margin": 0.3}, OPERATOR)

    rehearsed = desk.rehearsal.run(RehearsalOrder({"bind_watermark": 0.6}, az_name="az1"))

    profile = rehearsed.profile
    assert (profile.name, profile.version, profile.tie_margin) == ("zone:az1", 1, 0.3)
    assert profile.parameters["bind_watermark"] == 0.6
