"""A zone's profile over the default's."""

import pytest

from chalicelib.model.errors import InvalidField
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import PACK, SPREAD
from chalicelib.scheduler.profile_version import ProfileVersion, in_force, lay_over, name_for, zone_of
from tests.builders import a_filled_pod, a_spec


def test_a_zones_profile_has_the_zone_in_its_name():
    assert zone_of(name_for("az1")) == "az1"
    assert zone_of(name_for("room 2")) == "room 2"
    assert [zone_of(name) for name in ("default", "zone:", "az1")] == [None, None, None]


def test_what_a_zone_does_not_say_is_the_defaults():
    laid = lay_over(PACK, "zone:az1", 3, {"bind_watermark": 0.5, "weighers": {"static_weight": 4}})

    weighers = {**PACK.weighers, "static_weight": 4.0}
    assert laid == PACK.having(name="zone:az1", version=3, bind_watermark=0.5, weighers=weighers)


def test_a_zones_filters_replace_the_defaults_as_a_whole():
    filters = ("capacity", "proven")

    assert lay_over(SPREAD, "zone:az1", 1, {"filters": list(filters)}).filters == filters


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"based_on": "pack"}, "based_on"),
        ({"colour": "red"}, "colour"),
        ({"bind_watermark": 0.96}, "bind_watermark"),
        ({"filters": ["gone"]}, "filters.0"),
        ({"weighers": {"gone": 1}}, "weighers.gone"),
    ],
)
def test_a_zones_document_that_makes_no_sense_over_its_base_is_refused(document, field):
    with pytest.raises(InvalidField) as refused:
        lay_over(SPREAD, "zone:az1", 1, document)

    assert refused.value.field == field


def test_a_zones_profile_that_no_longer_fits_leaves_the_decision_to_the_default():
    default = ProfileVersion("default", 2, {"bind_watermark": 0.5, "keep_watermark": 0.6})
    zone = ProfileVersion("zone:az1", 1, {"bind_watermark": 0.7})

    assert in_force(default, zone) == in_force(default, None)


def test_a_pods_own_headroom_and_watermark_win_over_every_profile():
    strict = lay_over(SPREAD, "zone:az1", 1, {"bind_watermark": 0.1, "keep_watermark": 0.2})
    half = a_filled_pod("pod-half", 50)
    own = a_filled_pod("pod-own", 50, bind_watermark=0.6)
    held_back = a_filled_pod("pod-held", 50, bind_watermark=0.6, headroom=0.4)

    decision = decide(snapshot_of([half, own, held_back]), a_spec(), strict, "decision-1")

    assert [weighed.pod.pod_id for weighed in decision.weighed] == ["pod-own"]
    assert decision.rejected_counts == {"capacity": 2}
