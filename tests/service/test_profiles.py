import pytest

from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField, NotFound
from tests.service.desk import Desk


def test_spread_is_in_force_until_somebody_writes():
    shown = Desk().profiles.get("default")

    assert (shown.profile.version, shown.built_in, shown.profile.name) == (0, False, "default")
    assert shown.profile.tie_margin == 0.05


def test_the_profile_in_force_comes_before_the_built_in_ones():
    shown = Desk().profiles.list()

    assert [(s.profile.name, s.built_in) for s in shown] == [
        ("default", False),
        ("spread", True),
        ("first_fit", True),
        ("pack", True),
    ]


def test_a_written_profile_is_in_force_at_the_next_version():
    desk = Desk()

    desk.profiles.put("default", {"version": 0, "bind_watermark": 0.7})
    desk.profiles.put("default", {"version": 1, "based_on": "pack"})

    profile = desk.profile_store.get()
    assert (profile.version, profile.bind_watermark, profile.weighers["idle_capacity"]) == (2, 0.9, -1.0)


def test_a_profile_that_somebody_else_wrote_since_is_not_overwritten():
    desk = Desk()
    desk.profiles.put("default", {"version": 0, "bind_watermark": 0.7})

    with pytest.raises(GenerationConflict):
        desk.profiles.put("default", {"version": 0, "bind_watermark": 0.6})

    assert desk.profile_store.get().bind_watermark == 0.7


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "version"),
        ({"version": 0, "name": "other"}, "name"),
        ({"version": 0, "colour": "red"}, "colour"),
        ({"version": 0, "filters": ["no_such_filter"]}, "filters.0"),
        ({"version": 0, "weighers": {"idle_capacity": "much"}}, "weighers.idle_capacity"),
        ({"version": 0, "bind_watermark": 0.95}, "bind_watermark"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused_when_it_is_written(document, field):
    desk = Desk()

    with pytest.raises(InvalidField) as refused:
        desk.profiles.put("default", document)

    assert refused.value.field == field
    assert desk.profile_store.list() == []


def test_a_built_in_profile_is_only_read():
    with pytest.raises(Conflict, match="built in"):
        Desk().profiles.put("spread", {"version": 0})


def test_there_are_no_other_profiles():
    with pytest.raises(NotFound):
        Desk().profiles.get("mine")
    with pytest.raises(NotFound):
        Desk().profiles.put("mine", {"version": 0, "name": "mine"})
