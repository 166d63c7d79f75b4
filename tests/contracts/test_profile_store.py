"""What every profile store does."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import GenerationConflict
from chalicelib.scheduler.profile import FIRST_FIT, PACK, SPREAD, Profile

OURS = replace(PACK, name="default", version=1, bind_watermark=0.5, filters=("bottom_pod", "capacity"))


def test_where_nothing_was_written_spread_is_in_force(stores):
    assert stores.profiles.get() == replace(SPREAD, name="default")
    assert stores.profiles.get("first_fit") == FIRST_FIT
    assert stores.profiles.list() == []


def test_a_profile_is_in_force_as_it_was_written(stores):
    assert stores.profiles.put(OURS) == OURS
    assert stores.profiles.get() == OURS


def test_the_newest_version_is_in_force(stores):
    for version in range(1, 12):
        stores.profiles.put(replace(OURS, version=version, tie_margin=version / 100))

    assert (stores.profiles.get().version, stores.profiles.get().tie_margin) == (11, 0.11)


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_version_that_doesnt_follow_the_stored_one_is_refused(stores, version):
    stores.profiles.put(OURS)

    with pytest.raises(GenerationConflict):
        stores.profiles.put(replace(OURS, version=version, tie_margin=1.0))
    assert stores.profiles.get() == OURS


def test_each_profile_counts_its_own_versions(stores):
    stores.profiles.put(OURS)
    stores.profiles.put(replace(OURS, version=2))
    stores.profiles.put(Profile(name="batch", version=1))

    assert [(p.name, p.version) for p in stores.profiles.list()] == [("batch", 1), ("default", 2)]
