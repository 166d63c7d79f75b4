"""Aggregates: the pods' own of one name and zone are one to operators."""

import pytest

from chalicelib.model.errors import NotFound, Unavailable
from tests.builders import a_pod
from tests.service.desk import OPERATOR
from tests.service.operating.aggregating import SSD, Aggregating, asked, row


@pytest.fixture
def three():
    """An aggregate with a part in each pod, and one of PodC's own zone."""
    return Aggregating.with_parts()


def test_a_list_has_each_aggregate_once_with_all_hosts_and_the_oldest_pods_metadata(three):
    assert three.aggregates.list(OPERATOR, asked("POST", "/x", {"a": 1})) == (
        [SSD, row(20003, "west", "az2", availability_zone="az2")],
        (),
    )
    question = asked(read_timeout_seconds=three.services.aggregates.all_pods.read_seconds)
    assert sorted(three.client.asked, key=str) == [(name, question) for name in three.novas]


def test_a_list_names_the_zones_of_pods_that_are_silent_each_once(three):
    three.silence("pod-a", "pod-b")
    rows = [row(20003, "west", "az2", availability_zone="az2"), row(60003)]

    assert three.aggregates.list(OPERATOR, asked()) == (rows, ("az1",))


def test_zones_of_silent_pods_are_sorted():
    world = Aggregating()
    world.outside.pods.create(a_pod("pod-0", "az9"))
    world.client.by_pod["pod-0"] = None
    world.silence("pod-c", "pod-b")

    assert world.aggregates.list(OPERATOR, asked()) == ([], ("az1", "az2", "az9"))


@pytest.mark.parametrize("aggregate_id", [10001, 40002, 60003])
def test_the_id_of_any_pods_part_finds_the_whole(three, aggregate_id):
    found = three.aggregates.find(OPERATOR, aggregate_id, asked())

    assert (found.row, found.silent, found.partial) == (SSD, (), ())
    assert [member.pod.pod_id for member in found.members] == ["pod-a", "pod-b", "pod-c"]


def test_a_part_is_found_while_another_pod_is_silent_whose_zone_is_told(three):
    three.silence("pod-c")

    found = three.aggregates.find(OPERATOR, 40002, asked())

    assert (found.row, found.partial) == (SSD, ("az2",))


@pytest.mark.parametrize("aggregate_id", [10009, 20001, 90003, 10004, 7])
def test_an_id_that_no_pod_gave_is_not_found(three, aggregate_id):
    three.silence("pod-b")

    with pytest.raises(NotFound) as missing:
        three.aggregates.find(OPERATOR, aggregate_id, asked())

    assert str(missing.value) == f"Aggregate {aggregate_id} could not be found."


def test_an_aggregate_whose_own_pod_is_silent_may_be_there(three):
    three.silence("pod-b")

    with pytest.raises(Unavailable, match="The pod that has this aggregate doesn't answer now"):
        three.aggregates.find(OPERATOR, 40002, asked())
