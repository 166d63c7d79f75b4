from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.model.errors import InvalidField
from chalicelib.model.window import Repeats, Span, Window, next_span, open_span

BERLIN = "Europe/Berlin"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(start, end, timezone=BERLIN, **fields):
    return Window(datetime.fromisoformat(start), datetime.fromisoformat(end), timezone, **fields)


def span(start, end, reason=""):
    return Span(utc(start), utc(end), reason)


LONG_AGO = utc("2001-01-01T00:00")
NIGHT = local("2026-01-15T22:00", "2026-01-16T02:00", reason="new switches")


def test_a_local_time_is_that_of_its_zone_in_that_season():
    summer = local("2026-07-15T22:00", "2026-07-16T02:00")

    assert NIGHT.next_span(LONG_AGO) == span("2026-01-15T21:00", "2026-01-16T01:00", "new switches")
    assert summer.next_span(LONG_AGO) == span("2026-07-15T20:00", "2026-07-16T00:00")


def test_a_time_with_an_offset_needs_no_zone():
    window = Window(
        datetime.fromisoformat("2026-01-15T22:00+05:30"), datetime.fromisoformat("2026-01-15T23:00+05:30")
    )

    assert window.next_span(LONG_AGO) == span("2026-01-15T16:30", "2026-01-15T17:30")


def test_a_window_is_open_from_its_start_until_before_its_end():
    start, end = utc("2026-01-15T21:00"), utc("2026-01-16T01:00")
    tick = timedelta(microseconds=1)

    opened = [bool(open_span([NIGHT], at)) for at in (start - tick, start, end - tick, end)]
    assert opened == [False, True, True, False]


def test_a_window_that_is_past_comes_no_more():
    assert NIGHT.next_span(utc("2026-01-16T01:00")) is None


def test_times_that_the_clocks_skip_make_the_window_longer_and_never_empty():
    # On 2026-03-29 Berlin's clocks go from 02:00 to 03:00, at 01:00 UTC.
    inside = local("2026-03-29T02:15", "2026-03-29T02:45")
    across = local("2026-03-29T02:30", "2026-03-29T04:00")

    assert inside.next_span(LONG_AGO) == span("2026-03-29T00:15", "2026-03-29T01:45")
    assert across.next_span(LONG_AGO) == span("2026-03-29T00:30", "2026-03-29T02:00")


def test_times_that_the_clocks_repeat_span_both_hours():
    # On 2026-10-25 Berlin's clocks go from 03:00 back to 02:00, at 01:00 UTC.
    assert local("2026-10-25T02:00", "2026-10-25T02:30").next_span(LONG_AGO) == span(
        "2026-10-25T00:00", "2026-10-25T01:30"
    )


def test_a_weekly_window_keeps_its_local_time_when_the_clocks_change():
    weekly = local("2026-03-22T22:00", "2026-03-23T02:00", repeats=Repeats.WEEKLY)

    assert weekly.next_span(LONG_AGO) == span("2026-03-22T21:00", "2026-03-23T01:00")
    assert weekly.next_span(utc("2026-03-23T01:00")) == span("2026-03-29T20:00", "2026-03-30T00:00")
    assert weekly.next_span(utc("2036-03-20T12:00")) == span("2036-03-23T21:00", "2036-03-24T01:00")


@pytest.mark.parametrize("hours", range(0, 24 * 28, 5))
def test_a_weekly_window_is_open_just_when_the_local_clock_says_so(hours):
    from zoneinfo import ZoneInfo

    weekly = local("2026-03-10T20:00", "2026-03-14T08:00", repeats=Repeats.WEEKLY)
    moment = utc("2026-03-10T19:00") + timedelta(hours=hours)  # its very first second

    here = moment.astimezone(ZoneInfo(BERLIN))
    since_tuesday = (here.weekday() - 1) % 7 * 24 + here.hour
    assert bool(open_span([weekly], moment)) is (20 <= since_tuesday < 3 * 24 + 24 + 8)


def test_of_several_open_windows_the_longest_counts_and_else_the_next_to_come():
    day, week = local("2026-01-12T00:00", "2026-01-13T00:00"), local("2026-01-12T00:00", "2026-01-19T00:00")
    later = local("2026-02-01T00:00", "2026-02-02T00:00")

    assert next_span([day, week, later], utc("2026-01-12T12:00")).end == utc("2026-01-18T23:00")
    assert next_span([later, day, week], LONG_AGO).start == utc("2026-01-11T23:00")
    assert next_span([day, week, later], utc("2026-01-25T00:00")).start == utc("2026-01-31T23:00")
    assert next_span([day], utc("2027-01-01T00:00")) is None
    assert open_span([], LONG_AGO) is None


@pytest.mark.parametrize(
    ("start", "end", "timezone", "repeats", "field"),
    [
        ("2026-01-01T10:00", "2026-01-01T11:00", "", Repeats.NEVER, "start"),
        ("2026-01-01T10:00Z", "2026-01-01T11:00", "", Repeats.NEVER, "end"),
        ("2026-01-01T10:00", "2026-01-01T11:00Z", BERLIN, Repeats.NEVER, "end"),
        ("2026-01-01T10:00Z", "2026-01-01T10:00Z", "", Repeats.NEVER, "end"),
        ("2026-01-01T10:00Z", "2026-01-01T10:30+01:00", "", Repeats.NEVER, "end"),
        ("2026-01-01T10:00", "2026-01-01T11:00", "Europe/Atlantis", Repeats.NEVER, "timezone"),
        ("2026-01-01T10:00", "2026-01-01T11:00", "../../etc/passwd", Repeats.NEVER, "timezone"),
        ("2026-01-01T10:00", "2026-01-01T11:00", "Europe", Repeats.NEVER, "timezone"),
        ("2026-01-01T10:00", "2026-01-01T11:00", "localtime", Repeats.NEVER, "timezone"),
        ("2026-01-01T10:00", "2026-01-01T11:00", "right/UTC", Repeats.NEVER, "timezone"),
        ("2026-10-25T02:30", "2026-10-25T02:15", BERLIN, Repeats.WEEKLY, "end"),
        ("2026-01-01T10:00", "2026-01-08T10:00", BERLIN, Repeats.WEEKLY, "end"),
        ("1999-01-01T10:00Z", "2026-01-08T10:00Z", "", Repeats.NEVER, "start"),
        ("2026-01-01T10:00Z", "9999-12-31T23:00Z", "", Repeats.NEVER, "end"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_by_its_field(start, end, timezone, repeats, field):
    with pytest.raises(InvalidField) as refused:
        local(start, end, timezone, repeats=repeats)

    assert refused.value.field == field


@pytest.mark.parametrize("window", [NIGHT, local("2026-01-01T10:00Z", "2026-01-01T11:00+00:30", "")])
def test_a_window_survives_its_document(window):
    assert Window.from_document(window.document()) == window
