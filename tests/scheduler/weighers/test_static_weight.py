from chalicelib.scheduler.weighers.static_weight import StaticWeightWeigher
from tests.builders import a_pod, a_spec


def test_the_operators_number_counts():
    assert StaticWeightWeigher().weigh(a_pod(weight=42.5), a_spec()) == 42.5
    assert StaticWeightWeigher().bounds == (0.0, 100.0)
