"""Window: a span of maintenance, told in advance, in which a pod takes nothing new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.model.errors import InvalidField
from chalicelib.model.refusals import all_refusals

WEEK = timedelta(days=7)
YEARS = range(2000, 3000)
_MACHINES_OWN = ("localtime", "posixrules", "Factory")  # in a zone database, but nobody's zone


class Repeats(StrEnum):
    """Whether a window comes once, or each week at the same local time."""

    NEVER = "never"
    WEEKLY = "weekly"


class Span(NamedTuple):
    """One opening of a window, as aware UTC; it is open from ``start`` until before ``end``."""

    start: datetime
    end: datetime
    reason: str

    def holds(self, moment: datetime) -> bool:
        """Whether it is open at a moment (aware)."""
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Window:
    """When a pod is in maintenance, in the operator's own words.

    Either ``start`` and ``end`` carry an offset, or they are local times of ``timezone``, an IANA
    name. A local time that the clocks skip or repeat is taken early for the start and late for the
    end, so a window is never shorter than anybody could have meant. Raises InvalidField naming
    ``start``, ``end`` or ``timezone``.
    """

    start: datetime
    end: datetime
    timezone: str = ""
    repeats: Repeats = Repeats.NEVER
    reason: str = ""

    def __post_init__(self) -> None:
        """Refuse a window now on which a decision would fail later."""
        with all_refusals() as refusals:
            with refusals.noted():
                self._zone()
            for name in ("start", "end"):
                moment = getattr(self, name)
                if moment.year not in YEARS:
                    refusals.add(name, f"must be in the years {YEARS[0]} to {YEARS[-1]}")
                if moment.tzinfo is not None and self.timezone:
                    refusals.add(name, "has an offset though a timezone is named: give one of them")
                if moment.tzinfo is None and not self.timezone:
                    refusals.add(name, "must have an offset, such as +01:00 or Z, or name a timezone")
        span = self._span(0)
        if span.end <= span.start:
            raise InvalidField("end", "must be after start")
        if self.repeats is Repeats.WEEKLY and self.end <= self.start:
            # Where the clocks are set back in between, the first opening may still end after its start.
            raise InvalidField("end", "must be after start")
        if self.repeats is Repeats.WEEKLY and self.end - self.start >= WEEK:
            raise InvalidField("end", "must be less than a week after start, since the window is weekly")

    def next_span(self, moment: datetime) -> Span | None:
        """The opening that holds a moment (aware), or the first one after it; None when it is past."""
        first = 0
        if self.repeats is Repeats.WEEKLY:
            # An opening of the week before may still last; clocks shift by far less than a week.
            weeks = (moment - self._span(0).start) // WEEK
            first = max(0, weeks - 1)
        last = first + (3 if self.repeats is Repeats.WEEKLY else 0)
        spans = (self._span(week) for week in range(first, last + 1))
        return next((span for span in spans if span.end > moment), None)

    def document(self) -> dict[str, str]:
        """The window as JSON holds it, times as they were told."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "timezone": self.timezone,
            "repeats": self.repeats.value,
            "reason": self.reason,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Window:
        """The window that ``document`` wrote."""
        return cls(
            start=datetime.fromisoformat(document["start"]),
            end=datetime.fromisoformat(document["end"]),
            timezone=document["timezone"],
            repeats=Repeats(document["repeats"]),
            reason=document["reason"],
        )

    def _span(self, week: int) -> Span:
        """The opening that many weeks after the first, by the local clock."""
        start, end = (moment + week * WEEK for moment in (self.start, self.end))
        zone = self._zone()
        return Span(min(_instants(start, zone)), max(_instants(end, zone)), self.reason)

    def _zone(self) -> tzinfo | None:
        if not self.timezone:
            return None
        try:
            if self.timezone in _MACHINES_OWN or self.timezone.startswith(("posix/", "right/")):
                raise ValueError(self.timezone)
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"{self.timezone} is no time zone; IANA names are meant, such as Europe/Berlin"
            raise InvalidField("timezone", message) from error


def open_span(windows: Iterable[Window], moment: datetime) -> Span | None:
    """The opening that holds a moment, the one that lasts longest; None when no window is open."""
    spans = (window.next_span(moment) for window in windows)
    return max((span for span in spans if span and span.holds(moment)), key=lambda s: s.end, default=None)


def next_span(windows: Iterable[Window], moment: datetime) -> Span | None:
    """The opening that holds a moment, or else the first to come; None when all are past."""
    spans = (window.next_span(moment) for window in windows)
    return open_span(windows, moment) or min((span for span in spans if span), default=None)


def _instants(moment: datetime, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """What a time can mean: two instants where the clocks of its zone skip or repeat it."""
    if zone is None:
        return (moment.astimezone(UTC),) * 2
    first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second
