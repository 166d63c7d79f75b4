"""A pod's report must fit into one DynamoDB item."""

import random

import pytest

from chalicelib.adapters.dynamodb.capacity_store import DynamoCapacityStore
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import CapacityReport, HostCapacity
from chalicelib.model.errors import UntrustedReport
from tests.builders import a_capacity, a_flavor

NOISE = random.Random(1)


def noise():
    return f"{NOISE.getrandbits(800):x}"


@pytest.mark.parametrize("what", ["flavors", "hosts"])
def test_a_report_that_fits_into_no_item_is_refused_and_nothing_is_written(database, what):
    store = DynamoCapacityStore(database)
    flavors = {name: a_flavor(name) for name in (noise() for _ in range(4500))}
    hosts = tuple(HostCapacity(noise(), Totals(8, 8, 8), Amounts()) for _ in range(4500))
    report = CapacityReport(a_capacity(), flavors)
    if what == "hosts":
        report = CapacityReport(a_capacity(hosts=hosts))

    with pytest.raises(UntrustedReport, match=what):
        store.save("pod-a", report)
    assert store.get("pod-a")[0] is None
