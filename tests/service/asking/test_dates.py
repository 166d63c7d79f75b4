"""When resources were made, as lists with details showed it."""

from chalicelib.model.resource import SERVERS
from chalicelib.service.asking import dates
from chalicelib.service.asking.dates import Dates
from tests.builders import a_pod

POD, OTHER = a_pod("pod-a"), a_pod("pod-b")


def row(number, **fields):
    return {"id": f"vm-{number}", "created": f"2025-06-0{number}T12:00:00Z", **fields}


def test_a_row_without_details_gets_the_date_that_its_pods_details_showed():
    known = Dates()
    known.note(POD, SERVERS, [row(1)])

    assert known.dated(POD, SERVERS, {"id": "vm-1"}) == row(1)
    assert known.dated(POD, SERVERS, {"id": "vm-2"}) is None
    assert known.dated(OTHER, SERVERS, {"id": "vm-1"}) is None, "nothing of that pod was ever seen"
    assert (known.knows(POD), known.knows(OTHER)) == (True, False)


def test_at_the_bound_all_dates_are_forgotten_and_one_that_is_seen_again_counts_once(monkeypatch):
    monkeypatch.setattr(dates, "MOST_KNOWN", 3)
    known = Dates()
    for number in (1, 1, 2):
        known.note(POD, SERVERS, [row(number)])
    assert known.dated(POD, SERVERS, {"id": "vm-1"}) is not None
    known.note(OTHER, SERVERS, [row(3), row(4)])

    assert known.dated(POD, SERVERS, {"id": "vm-1"}) is None
    assert known.dated(OTHER, SERVERS, {"id": "vm-4"}) == row(4)


def test_as_many_as_the_bound_are_known_at_once_also_after_all_were_forgotten(monkeypatch):
    monkeypatch.setattr(dates, "MOST_KNOWN", 2)
    known = Dates()
    for number in range(1, 5):
        known.note(POD, SERVERS, [row(number)])

    told = [known.dated(POD, SERVERS, {"id": f"vm-{number}"}) for number in range(1, 5)]
    assert told == [None, None, row(3), row(4)]
