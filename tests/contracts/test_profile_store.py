"""What every profile store does."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import GenerationConflict
from chalicelib.scheduler.profile import PACK, SPREAD
from chalicelib.scheduler.profile_version import ProfileVersion
from tests.builders import NOW

OURS = PACK.having(name="default", version=1, bind_watermark=0.5, filters=("bottom_pod", "capacity"))


def written(version=1, name="default", **document):
    return ProfileVersion(name, version, document, at=NOW, user_id="u1", request_id="req-1")


def test_where_nothing_was_written_spread_is_in_force(stores):
    assert stores.profiles.get() == stores.profiles.get("az1") == replace(SPREAD, name="default")
    assert stores.profiles.newest("default") is None
    assert stores.profiles.list() == stores.profiles.history("default") == []


def test_a_profile_is_in_force_as_it_was_written(stores):
    stores.profiles.put(ProfileVersion("default", 1, OURS.document()))

    assert stores.profiles.get() == OURS


def test_a_version_keeps_who_wrote_it_when_and_why(stores):
    first = written(tie_margin=0.1)
    ended = replace(written(2), restored_from=1, ended=True)

    assert stores.profiles.put(first) == first
    assert stores.profiles.put(ended) == ended
    assert stores.profiles.history("default") == [first, ended]
    assert stores.profiles.newest("default") == ended


def test_the_newest_version_is_in_force(stores):
    for version in range(1, 12):
        stores.profiles.put(written(version, tie_margin=version / 100))

    assert (stores.profiles.get().version, stores.profiles.get().tie_margin) == (11, 0.11)
    assert [kept.version for kept in stores.profiles.history("default")] == list(range(1, 12))


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_version_that_doesnt_follow_the_stored_one_is_refused(stores, version):
    stores.profiles.put(written(tie_margin=0.2))

    with pytest.raises(GenerationConflict) as refused:
        stores.profiles.put(written(version, tie_margin=1.0))
    assert refused.value.field == "version"
    assert stores.profiles.get().tie_margin == 0.2


def test_each_profile_counts_its_own_versions(stores):
    stores.profiles.put(written(1))
    stores.profiles.put(written(2))
    stores.profiles.put(written(1, "zone:az1"))

    assert [(p.name, p.version) for p in stores.profiles.list()] == [("default", 2), ("zone:az1", 1)]


def test_a_zones_profile_decides_there_and_nowhere_else_until_it_ends(stores):
    stores.profiles.put(written(1, tie_margin=0.2, bind_watermark=0.8))
    stores.profiles.put(written(1, "zone:az1", bind_watermark=0.7))

    inside = stores.profiles.get("az1")
    assert (inside.name, inside.version) == ("zone:az1", 1)
    assert (inside.parameters["bind_watermark"], inside.tie_margin) == (0.7, 0.2)
    assert stores.profiles.get("az2").name == stores.profiles.get().name == "default"

    stores.profiles.put(replace(written(2, "zone:az1"), ended=True))
    assert stores.profiles.get("az1") == stores.profiles.get()
