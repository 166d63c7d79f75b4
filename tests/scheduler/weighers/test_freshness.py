from datetime import timedelta

import pytest

from chalicelib.scheduler.weighers.freshness import FreshnessWeigher
from tests.builders import NOW, a_capacity, a_pod, a_spec


def reported(seconds_ago):
    return a_pod(capacity=a_capacity(reported_at=NOW - timedelta(seconds=seconds_ago)))


@pytest.mark.parametrize(("seconds", "weight"), [(0, 0.0), (150, -0.5), (300, -1.0), (600, -2.0)])
def test_a_report_loses_weight_as_it_ages(seconds, weight):
    assert FreshnessWeigher(max_age_seconds=300).weigh(reported(seconds), a_spec()) == weight


def test_a_pod_that_never_reported_weighs_as_the_oldest():
    assert FreshnessWeigher().weigh(a_pod(), a_spec()) == -1.0
