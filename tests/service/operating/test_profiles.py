from dataclasses import replace

import pytest

from chalicelib.adapters.memory.profile_store import MemoryProfileStore
from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField, NotFound
from chalicelib.scheduler.profile_version import ProfileVersion
from chalicelib.service.creating.profile_cache import ProfileCache
from tests.builders import NOW, SetClock, a_pod
from tests.service.desk import OPERATOR, Desk

AZ1 = "zone:az1"


def a_desk():
    return Desk(a_pod("a"), a_pod("far", "az2"))


def put(desk, name="default", **document):
    return desk.profiles.put(name, document, OPERATOR).profile


def test_spread_is_in_force_until_somebody_writes():
    shown = Desk().profiles.get("default")

    assert (shown.profile.version, shown.built_in, shown.profile.name) == (0, False, "default")
    assert shown.profile.tie_margin == 0.05


def test_the_default_comes_before_the_zones_and_those_before_the_built_in_ones():
    desk = a_desk()
    for name in ("zone:az2", AZ1):
        put(desk, name, version=0, tie_margin=0.1)
    desk.profiles.end("zone:az2", OPERATOR)

    assert [(s.profile.name, s.built_in) for s in desk.profiles.list()] == [
        ("default", False),
        (AZ1, False),
        ("spread", True),
        ("first_fit", True),
        ("pack", True),
        ("follow_best", True),
    ]


def test_a_written_profile_is_in_force_at_the_next_version():
    desk = Desk()

    put(desk, version=0, bind_watermark=0.7)
    put(desk, version=1, based_on="pack")

    profile = desk.profile_store.get()
    assert (profile.version, profile.parameters["bind_watermark"], profile.weighers["idle_capacity"]) == (
        2,
        0.9,
        -1.0,
    )


def test_a_profile_that_somebody_else_wrote_since_is_not_overwritten():
    desk = Desk()
    put(desk, version=0, bind_watermark=0.7)

    with pytest.raises(GenerationConflict):
        put(desk, version=0, bind_watermark=0.6)

    assert desk.profile_store.get().parameters["bind_watermark"] == 0.7


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "version"),
        ({"version": 0, "name": "other"}, "name"),
        ({"version": 0, "colour": "red"}, "colour"),
        ({"version": 0, "filters": ["no_such_filter"]}, "filters.0"),
        ({"version": 0, "weighers": {"idle_capacity": "much"}}, "weighers.idle_capacity"),
        ({"version": 0, "bind_watermark": 0.95}, "bind_watermark"),
        ({"version": False}, "version"),
    ],
)
@pytest.mark.parametrize("name", ["default", AZ1])
def test_a_profile_that_makes_no_sense_is_refused_when_it_is_written(name, document, field):
    desk = a_desk()

    with pytest.raises(InvalidField) as refused:
        desk.profiles.put(name, document, OPERATOR)

    assert refused.value.field == field
    assert desk.profile_store.list() == []


def test_a_built_in_profile_is_only_read():
    for change in (
        lambda profiles: profiles.put("spread", {"version": 0}, OPERATOR),
        lambda profiles: profiles.restore("spread", 1, OPERATOR),
        lambda profiles: profiles.end("spread", OPERATOR),
    ):
        with pytest.raises(Conflict, match="built in"):
            change(Desk().profiles)


@pytest.mark.parametrize("name", ["mine", "zone:", "az1"])
def test_there_are_no_other_profiles(name):
    profiles = a_desk().profiles
    for use in (
        lambda: profiles.get(name),
        lambda: profiles.put(name, {"version": 0}, OPERATOR),
        lambda: profiles.history(name),
        lambda: profiles.restore(name, 1, OPERATOR),
        lambda: profiles.end(name, OPERATOR),
    ):
        with pytest.raises(NotFound):
            use()


def test_a_zones_profile_is_kept_as_written_and_decides_over_the_default_of_the_day():
    desk = a_desk()
    put(desk, AZ1, version=0, bind_watermark=0.6)
    put(desk, version=0, tie_margin=0.3)

    shown = desk.profiles.get(AZ1)

    assert shown.written.document == {"bind_watermark": 0.6}
    assert (shown.profile.name, shown.profile.parameters["bind_watermark"], shown.profile.tie_margin) == (
        AZ1,
        0.6,
        0.3,
    )
    assert desk.profile_store.get("az1") == shown.profile


def test_a_zone_without_pods_is_taken_for_a_typing_error():
    desk = a_desk()
    with pytest.raises(InvalidField) as refused:
        put(desk, "zone:az9", version=0)

    assert refused.value.field == "name"


def test_a_default_that_a_zones_profile_does_not_fit_is_refused_and_names_both():
    desk = a_desk()
    put(desk, AZ1, version=0, bind_watermark=0.8)

    with pytest.raises(Conflict, match="zone:az1") as refused:
        put(desk, version=0, bind_watermark=0.5, keep_watermark=0.7)

    assert refused.value.field == "bind_watermark"
    desk.profiles.end(AZ1, OPERATOR)
    assert put(desk, version=0, bind_watermark=0.5, keep_watermark=0.7).version == 1


def test_the_history_says_what_when_and_who():
    desk = a_desk()
    put(desk, AZ1, version=0, tie_margin=0.1)
    desk.clock.passes(seconds=60)
    desk.profiles.end(AZ1, replace(OPERATOR, request_id="req-2"))

    first, second = desk.profiles.history(AZ1)

    assert (first.version, first.at, first.user_id, first.request_id) == (1, NOW, "op-1", "req-1")
    assert (second.version, second.ended, second.request_id) == (2, True, "req-2")
    assert (second.at - first.at).total_seconds() == 60
    assert desk.profiles.version(AZ1, 1) == first
    with pytest.raises(NotFound):
        desk.profiles.version(AZ1, 3)
    with pytest.raises(NotFound):
        desk.profiles.history("zone:az2")
    assert desk.profiles.history("default") == []


def test_an_older_version_comes_back_as_the_next_one():
    desk = a_desk()
    put(desk, version=0, tie_margin=0.1)
    put(desk, version=1, tie_margin=0.2)

    restored = desk.profiles.restore("default", 1, OPERATOR)

    assert (restored.profile.version, restored.profile.tie_margin) == (3, 0.1)
    assert desk.profile_store.get() == restored.profile
    assert [v.restored_from for v in desk.profiles.history("default")] == [None, None, 1]


def test_an_ended_zone_profile_comes_back_by_its_version():
    desk = a_desk()
    put(desk, AZ1, version=0, tie_margin=0.1)
    desk.profiles.end(AZ1, OPERATOR)
    with pytest.raises(NotFound):
        desk.profiles.get(AZ1)

    assert desk.profiles.restore(AZ1, 1, OPERATOR).profile.tie_margin == 0.1
    assert desk.profiles.get(AZ1).profile.version == 3


@pytest.mark.parametrize("version", [2, 9])
def test_a_version_that_never_was_or_that_ended_the_profile_is_not_restored(version):
    desk = a_desk()
    put(desk, AZ1, version=0, tie_margin=0.1)
    desk.profiles.end(AZ1, OPERATOR)

    with pytest.raises(InvalidField) as refused:
        desk.profiles.restore(AZ1, version, OPERATOR)
    assert refused.value.field == "version"


def test_a_version_that_makes_no_sense_any_more_is_not_restored():
    desk = a_desk()
    desk.profile_store.put(ProfileVersion("default", 1, {"filters": ["abolished"]}))
    desk.profile_store.put(ProfileVersion("default", 2, {}))

    with pytest.raises(InvalidField) as refused:
        desk.profiles.restore("default", 1, OPERATOR)
    assert refused.value.field == "filters.0"


def test_a_restore_is_fenced_by_the_version_it_found():
    desk = Desk(a_pod("a"), profiles=RivalWrites())
    desk.profile_store.put(ProfileVersion("default", 1, {"tie_margin": 0.1}))

    with pytest.raises(GenerationConflict):
        desk.profiles.restore("default", 1, OPERATOR)
    assert desk.profile_store.get().tie_margin == 0.9


class RivalWrites(MemoryProfileStore):
    """A store in which another operator writes every version after the first just before we do."""

    def put(self, written):
        if written.version > 1:
            super().put(replace(written, document={"tie_margin": 0.9}))
        return super().put(written)


@pytest.mark.parametrize("name", ["default", "zone:az2"])
def test_what_was_never_written_or_always_decides_is_not_ended(name):
    with pytest.raises(Conflict if name == "default" else NotFound):
        a_desk().profiles.end(name, OPERATOR)


def test_profiles_in_force_are_read_once_in_a_while_and_after_a_change_at_once():
    clock, store = SetClock(), MemoryProfileStore()
    cache = ProfileCache(store, clock, cache_seconds=5)
    assert cache.get("az1").version == cache.get().version == 0

    store.put(ProfileVersion("default", 1, {}))
    clock.passes(seconds=4.9)
    assert cache.get("az1").version == cache.get().version == 0
    clock.passes(seconds=0.1)
    assert cache.get("az1").version == cache.get().version == 1

    store.put(ProfileVersion("zone:az1", 1, {"tie_margin": 0.5}))
    cache.forget()
    assert (cache.get("az1").tie_margin, cache.get("az2").tie_margin) == (0.5, 0.05)


def test_who_writes_a_profile_is_shown_what_was_written_and_an_end_has_no_document():
    desk = a_desk()
    shown = desk.profiles.put(AZ1, {"version": 0, "tie_margin": 0.1}, OPERATOR)
    desk.profiles.end(AZ1, OPERATOR)

    written, end = desk.profiles.history(AZ1)
    assert shown.written == written
    assert (written.user_id, written.version, written.document) == ("op-1", 1, {"tie_margin": 0.1})
    assert (end.version, end.ended, end.document) == (2, True, {})
