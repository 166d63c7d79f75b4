from datetime import timedelta

import pytest

from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.weighers.creation_time import CreationTimeWeigher
from tests.builders import NOW, a_pod, a_spec


@pytest.mark.parametrize(("days", "weight"), [(0, 0.0), (365, 0.5), (1095, 0.75), (-5, 0.0)])
def test_a_year_gives_half_and_more_never_one(days, weight):
    pod = a_pod(created_at=NOW - timedelta(days=days))

    assert CreationTimeWeigher().weigh(pod, a_spec()) == weight


def test_time_counts_from_the_first_moment():
    pod = a_pod(created_at=NOW - timedelta(seconds=0.5))
    spec = a_spec()

    assert CreationTimeWeigher().weigh(pod, spec) > 0.0
    assert CreationTimeWeigher().weigh_places(snapshot_of([pod]), [0], spec) > [0.0]
