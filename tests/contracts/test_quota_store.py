"""What every quota store does."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import GenerationConflict
from chalicelib.model.quota import Holder, QuotaSet

PROJECT, USER, CLASS = Holder("p1"), Holder("p1", "u1"), Holder(class_name="default")


@pytest.mark.parametrize("holder", [PROJECT, USER, CLASS])
def test_limits_are_kept_by_holder_and_none_are_of_generation_0(stores, holder):
    assert stores.quotas.get(holder) == QuotaSet(holder)

    stores.quotas.put(QuotaSet(holder).written({"cores": 8}))

    assert stores.quotas.get(holder) == QuotaSet(holder, {"cores": 8}, 1)
    assert stores.quotas.list() == [QuotaSet(holder, {"cores": 8}, 1)]


def test_a_project_has_limits_of_its_own_and_of_its_users_but_not_of_a_class_of_its_name(stores):
    for holder in (PROJECT, USER, Holder("p2"), Holder(class_name="p1")):
        stores.quotas.put(QuotaSet(holder).written({"ram": 1}))

    assert {quota.holder for quota in stores.quotas.of_project("p1")} == {PROJECT, USER}


@pytest.mark.parametrize("generation", [1, 3])
def test_whoever_wrote_first_wins(stores, generation):
    stores.quotas.put(QuotaSet(PROJECT, {"cores": 8}, 1))

    with pytest.raises(GenerationConflict):
        stores.quotas.put(QuotaSet(PROJECT, {"cores": 9}, generation))

    assert stores.quotas.get(PROJECT).limits == {"cores": 8}


def test_it_is_noted_which_pods_have_the_limits_unless_others_were_written_since(stores):
    first = QuotaSet(PROJECT, {"cores": 8}, 1)
    stores.quotas.put(first)
    stores.quotas.note(replace(first, set_in={"pod-a": 1}))
    kept = stores.quotas.get(PROJECT)
    assert (kept.missing_in("pod-a"), kept.missing_in("pod-b")) == (False, True)

    stores.quotas.put(kept.written({}))
    stores.quotas.note(replace(first, set_in={"pod-a": 1, "pod-b": 1}))

    kept = stores.quotas.get(PROJECT)
    assert (kept.limits, kept.set_in) == ({}, {"pod-a": 1})
    assert kept.missing_in("pod-a")
