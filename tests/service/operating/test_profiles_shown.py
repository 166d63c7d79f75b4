"""What is shown of profiles: how each decides, its version as written, and who wrote it."""

from datetime import timedelta

import pytest

from chalicelib.model.errors import Conflict, InvalidField, NotFound
from chalicelib.scheduler.profile import PRESETS
from chalicelib.scheduler.profile_version import ProfileVersion, default_in_force, in_force
from chalicelib.service.operating.profiles import ShownProfile
from tests.builders import NOW, a_pod
from tests.service.desk import OPERATOR, Desk
from tests.service.operating.test_profiles import AZ1, a_desk

BUILT_IN = [ShownProfile(preset, built_in=True) for preset in PRESETS.values()]


def written_desk():
    """Both the default and a zone's profile are written, a minute apart."""
    desk = a_desk()
    desk.profiles.put("default", {"version": 0, "tie_margin": 0.3}, OPERATOR)
    desk.clock.passes(60)
    desk.profiles.put(AZ1, {"version": 0, "name": AZ1, "bind_watermark": 0.6}, OPERATOR)
    return desk


def shown(desk, name):
    """What must be shown of a profile that was written."""
    default, newest = desk.profile_store.newest("default"), desk.profile_store.newest(name)
    if name == "default":
        return ShownProfile(default_in_force(default), built_in=False, written=default)
    return ShownProfile(in_force(default, newest), built_in=False, written=newest)


def test_a_list_shows_each_as_it_decides_with_what_was_written():
    desk = written_desk()

    assert desk.profiles.list() == [shown(desk, "default"), shown(desk, AZ1), *BUILT_IN]
    default, zone = desk.profiles.list()[:2]
    assert (default.profile.tie_margin, zone.profile.tie_margin) == (0.3, 0.3)
    assert zone.profile.parameters["bind_watermark"] == 0.6


def test_while_nothing_is_written_the_default_has_no_version():
    desk = a_desk()

    assert desk.profiles.list() == [ShownProfile(default_in_force(None), written=None), *BUILT_IN]
    assert desk.profiles.get("default") == desk.profiles.list()[0]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_built_in_profile_is_shown_as_such(preset):
    assert a_desk().profiles.get(preset) == ShownProfile(PRESETS[preset], built_in=True)


@pytest.mark.parametrize("name", ["default", AZ1])
def test_one_is_shown_as_it_decides_with_what_was_written(name):
    desk = written_desk()

    assert desk.profiles.get(name) == shown(desk, name)


def test_what_is_kept_has_neither_name_nor_version_in_its_document():
    desk = written_desk()
    later = NOW + timedelta(minutes=1)

    assert desk.profiles.history(AZ1) == [
        ProfileVersion(AZ1, 1, {"bind_watermark": 0.6}, later, "op-1", "req-1")
    ]
    (default,) = desk.profiles.history("default")
    whole = {**default_in_force(None).document(), "tie_margin": 0.3}
    expected = {key: value for key, value in whole.items() if key not in ("name", "version")}
    assert default == ProfileVersion("default", 1, expected, NOW, "op-1", "req-1")


@pytest.mark.parametrize("name", ["default", AZ1])
def test_a_writer_is_shown_what_decides_from_now_on(name):
    desk = written_desk()

    put = desk.profiles.put(name, {"version": 1, "tie_margin": 0.2}, OPERATOR)
    assert put == shown(desk, name)
    restored = desk.profiles.restore(name, 1, OPERATOR)
    assert restored == shown(desk, name)

    assert (put.profile.tie_margin, restored.profile.tie_margin) == (0.2, 0.3)
    assert (restored.written.version, restored.written.restored_from) == (3, 1)


def test_this_process_decides_by_what_is_written_at_once():
    desk, told = a_desk(), []
    profiles = type(desk.profiles)(
        desk.profile_store, desk.pod_store, desk.clock, lambda: told.append("changed")
    )

    profiles.put(AZ1, {"version": 0}, OPERATOR)
    profiles.end(AZ1, OPERATOR)

    assert told == ["changed", "changed"]


ABSENT = {
    "get": lambda profiles, name: profiles.get(name),
    "history": lambda profiles, name: profiles.history(name),
    "end": lambda profiles, name: profiles.end(name, OPERATOR),
    "version": lambda profiles, name: profiles.version(name, 1),
}


@pytest.mark.parametrize("use", ABSENT)
@pytest.mark.parametrize("name", ["zone:az2", "mine"])
def test_a_profile_that_was_never_written_is_not_found_by_its_name(use, name):
    with pytest.raises(NotFound) as missing:
        ABSENT[use](written_desk().profiles, name)

    assert str(missing.value) == f"Profile {name} could not be found."


def test_an_ended_profile_is_not_found_but_in_its_history():
    desk = written_desk()
    desk.profiles.end(AZ1, OPERATOR)

    for use in ("get", "end"):
        with pytest.raises(NotFound) as missing:
            ABSENT[use](desk.profiles, AZ1)
        assert str(missing.value) == f"Profile {AZ1} could not be found."
    assert desk.profiles.history(AZ1)[-1] == ProfileVersion(
        AZ1, 2, {}, desk.clock.now, "op-1", "req-1", ended=True
    )


def test_a_version_that_never_was_is_not_found_by_its_number():
    with pytest.raises(NotFound) as missing:
        written_desk().profiles.version(AZ1, 7)

    assert str(missing.value) == "Profile zone:az1, version 7, could not be found."


def refusal(act):
    with pytest.raises((Conflict, InvalidField)) as refused:
        act()
    return refused.value.field, str(refused.value)


def test_a_refused_write_says_what_is_wrong_and_names_the_field():
    desk = written_desk()
    profiles = desk.profiles

    assert refusal(lambda: profiles.put("default", {"version": 0}, OPERATOR)) == (
        "version",
        "the profile is at version 1, not 0: read it again",
    )
    assert refusal(lambda: profiles.put("pack", {"version": 0}, OPERATOR)) == (
        "name",
        "pack is built in: write default, based_on pack",
    )
    assert refusal(lambda: profiles.end("default", OPERATOR)) == (
        "name",
        "default always decides somewhere: write or restore it",
    )
    assert refusal(lambda: profiles.put("zone:az9", {"version": 0}, OPERATOR)) == (
        "name",
        "no pod is in the zone az9",
    )
    assert refusal(lambda: profiles.restore(AZ1, 7, OPERATOR)) == (
        "version",
        "zone:az1 has no version 7; the newest is 1",
    )
    profiles.end(AZ1, OPERATOR)
    assert refusal(lambda: profiles.restore(AZ1, 2, OPERATOR)) == (
        "version",
        "version 2 ended zone:az1: delete it to end it again",
    )


def test_all_that_is_wrong_with_a_document_is_told_at_once():
    with pytest.raises(InvalidField) as refused:
        a_desk().profiles.put(AZ1, {"name": "other", "colour": "red"}, OPERATOR)

    assert [(wrong.field, wrong.message) for wrong in refused.value.wrong][:2] == [
        ("version", "is required: the version that was read"),
        ("name", "must be zone:az1, as in the path"),
    ]
    assert [wrong.field for wrong in refused.value.wrong] == ["version", "name", "colour"]


def test_a_default_that_does_not_fit_under_a_zones_profile_names_it_and_why():
    desk = Desk(a_pod("a"), a_pod("far", "az2"))
    desk.profiles.put("default", {"version": 0}, OPERATOR)
    desk.profiles.put(AZ1, {"version": 0, "bind_watermark": 0.8}, OPERATOR)
    desk.profiles.put("zone:az2", {"version": 0, "bind_watermark": 0.9}, OPERATOR)
    desk.profiles.end(AZ1, OPERATOR)

    field, message = refusal(
        lambda: desk.profiles.put(
            "default", {"version": 1, "bind_watermark": 0.5, "keep_watermark": 0.7}, OPERATOR
        )
    )

    assert field == "bind_watermark"
    assert message.startswith("zone:az2 would no longer fit over it: bind_watermark ")


def test_a_zones_document_must_fit_over_the_default_of_the_day():
    desk = a_desk()
    desk.profiles.put("default", {"version": 0, "bind_watermark": 0.5, "keep_watermark": 0.7}, OPERATOR)

    field, _ = refusal(lambda: desk.profiles.put(AZ1, {"version": 0, "bind_watermark": 0.8}, OPERATOR))
    assert field == "bind_watermark"
    assert desk.profiles.put(AZ1, {"version": 0, "bind_watermark": 0.6}, OPERATOR).written.version == 1


def test_a_default_that_makes_no_sense_any_more_can_be_written_anew():
    desk = a_desk()
    desk.profile_store.put(ProfileVersion("default", 1, {"filters": ["abolished"]}))

    assert desk.profiles.put("default", {"version": 1}, OPERATOR).written.version == 2


@pytest.mark.parametrize("name", ["default", AZ1])
def test_a_proposal_is_the_version_that_writing_it_would_make_and_writes_nothing(name):
    desk = written_desk()

    proposed = desk.profiles.proposed(name, {"name": name, "tie_margin": 0.1})

    assert (proposed.name, proposed.version, proposed.document["tie_margin"]) == (name, 2, 0.1)
    assert "name" not in proposed.document
    assert desk.profiles.proposed("zone:az2", {}) == ProfileVersion("zone:az2", 1, {})
    assert len(desk.profiles.history(name)) == 1


def test_a_proposal_is_refused_with_all_that_is_wrong():
    with pytest.raises(InvalidField) as refused:
        written_desk().profiles.proposed(AZ1, {"name": "other", "colour": "red"})

    first, second = refused.value.wrong
    assert (first.field, first.message, second.field) == ("name", f"must be {AZ1}, or left out", "colour")
