"""Microversion: read in one place, compared by its numbers."""

import pytest

from chalicelib.model.microversion import Microversion, MicroversionRange, spoken_by, spoken_by_all
from tests.builders import a_pod


def spoken(low, high):
    return MicroversionRange.parse(low, high)


def a_speaker(low, high, **fields):
    return a_pod(min_microversion=low, max_microversion=high, **fields)


def test_it_compares_by_its_numbers_and_is_written_as_it_is_read():
    assert Microversion.parse("2.100") > Microversion.parse("2.96") > Microversion.parse("2.9")
    assert str(Microversion.parse("2.100")) == "2.100"
    assert Microversion.parse("3.0") > Microversion.parse("2.999")


@pytest.mark.parametrize(
    "text",
    ["", "2", "2.", ".1", "2.01", "02.1", "2.1 ", "2.1.1", "-2.1", "latest", "2.1\u0663", "2." + "9" * 5000],
)
def test_anything_else_is_none(text):
    with pytest.raises(ValueError, match="no microversion"):
        Microversion.parse(text)


def test_a_range_speaks_what_is_in_it_both_ends_included():
    assert all(spoken("2.1", "2.96").speaks(Microversion.parse(text)) for text in ("2.1", "2.60", "2.96"))
    assert not any(spoken("2.10", "2.96").speaks(Microversion.parse(text)) for text in ("2.9", "2.97"))


@pytest.mark.parametrize(
    ("other", "covered"),
    [
        (("2.5", "2.96"), True),
        (("2.10", "2.60"), True),
        (("2.4", "2.96"), False),
        (("2.5", "2.100"), False),
    ],
)
def test_a_range_covers_what_lies_in_it_whole(other, covered):
    assert spoken("2.5", "2.96").covers(spoken(*other)) is covered


def test_all_pods_speak_from_the_highest_low_to_the_lowest_high():
    pods = [a_speaker("2.1", "2.100"), a_speaker("2.9", "2.96"), a_speaker("", "")]
    assert str(spoken_by_all(pods)) == "2.9 to 2.96"


def test_what_is_unknown_narrows_nothing():
    assert spoken_by(a_pod()) is None
    assert spoken_by_all([a_pod()]) is None


@pytest.mark.parametrize("stored", [("2.01", "2.96"), ("", "2.96"), ("2.1", "latest"), ("2.96", "2.1")])
def test_a_stored_range_that_cant_be_read_is_unknown_and_breaks_no_request_to_other_pods(stored):
    assert spoken_by(a_speaker(*stored)) is None
    assert str(spoken_by_all([a_speaker(*stored), a_speaker("2.1", "2.90")])) == "2.1 to 2.90"


def test_a_range_that_is_the_wrong_way_round_is_none():
    with pytest.raises(ValueError, match=r"2\.96 to 2\.1 is no range"):
        spoken("2.96", "2.1")
    assert spoken("2.96", "2.96").speaks(Microversion.parse("2.96"))


def test_what_an_unproven_pod_speaks_counts_for_nothing():
    assert (
        str(spoken_by_all([a_speaker("2.1", "2.96"), a_speaker("2.1", "2.6", proven=False)])) == "2.1 to 2.96"
    )
