"""Aggregates' hosts: each is in the part of its own pod, which gets one with its first host."""

import pytest

from chalicelib.model.capacity import CapacityReport
from chalicelib.model.errors import Conflict, NotFound, OutcomeUnknown, PodUnreachable
from chalicelib.service.asking.answer import PodRefused
from tests.builders import a_capacity, a_pod
from tests.service.operating.aggregating import PATH, Aggregating, asked, fault, reply


@pytest.fixture
def world():
    """Aggregates of PodA and PodB: one of az1, with a host of each, and one of no zone, which PodC lacks."""
    world = Aggregating()
    for number, (pod_id, nova) in enumerate(world.novas.items(), 1):
        nova.hosts = (f"h{number}",)
        if pod_id != "pod-c":
            nova.has(1, "east", "nova", hosts=[f"old{number}"])
            nova.has(2, "all", metadata={"tier": "1"})
    return world


def test_a_host_is_added_in_its_own_pod_alone(world):
    found = world.find(10001)

    changed = world.host(found, "add_host", "h2@PodB")

    assert changed.row["hosts"] == ["old1@PodA", "old2@PodB", "h2@PodB"]
    assert [member.pod.pod_id for member in changed.members] == ["pod-a", "pod-b"]
    assert world.client.asked == [
        ("pod-b", asked("POST", f"{PATH}/1/action", {"add_host": {"host": "h2"}})),
    ]


def test_a_host_without_its_pods_name_is_looked_for(world):
    found = world.find(10001)

    changed = world.host(found, "remove_host", "old1")

    assert world.heard() == [
        ("pod-a", asked("POST", f"{PATH}/1/action", {"remove_host": {"host": "old1"}})),
    ]
    assert changed.row["hosts"] == ["old2@PodB"]


def test_silent_zones_stay_told_after_a_host_was_added(world):
    world.silence("pod-c")
    found = world.find(10001)

    assert world.host(found, "add_host", "h1@PodA").partial == ("az2",)


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_pods_refusal_of_a_host_is_passed_on(world, status):
    found = world.find(10001)
    world.client.by_pod["pod-a"] = fault(status)

    with pytest.raises(PodRefused) as refused:
        world.host(found, "add_host", "h1@PodA")

    assert (refused.value.answer.pod.pod_id, refused.value.answer.reply) == ("pod-a", fault(status))


def test_a_host_of_a_pod_that_there_is_not_is_not_found(world):
    with pytest.raises(NotFound) as missing:
        world.host(world.find(10001), "add_host", "h1@PodX")

    assert (missing.value.kind, missing.value.resource_id) == ("Compute host", "h1@PodX")
    assert world.client.asked == []


def test_a_host_whose_pod_gives_no_answer_may_have_been_added(world):
    found = world.find(10001)
    world.silence("pod-a")

    with pytest.raises(OutcomeUnknown, match="look at the aggregate first"):
        world.host(found, "add_host", "h1@PodA")


def test_an_answer_without_the_aggregate_is_none(world):
    found = world.find(10001)
    world.client.by_pod["pod-a"] = reply({"aggregates": []})

    with pytest.raises(PodUnreachable):
        world.host(found, "add_host", "h1@PodA")


def test_a_host_of_another_zone_is_a_conflict_and_nothing_is_asked(world):
    found = world.find(10001)

    with pytest.raises(Conflict) as refused:
        world.host(found, "add_host", "h3@PodC")

    assert str(refused.value) == "Host h3@PodC is in zone az2, and aggregate east in az1."
    assert world.client.asked == []


def test_a_pod_without_a_part_gets_one_like_the_others_with_its_first_host(world):
    found = world.find(20001)

    changed = world.host(found, "add_host", "h3@PodC")

    assert [(member.pod.pod_id, member.row["hosts"]) for member in changed.members] == [
        ("pod-a", []),
        ("pod-b", []),
        ("pod-c", ["h3@PodC"]),
    ]
    assert world.client.asked == [
        ("pod-c", asked("POST", PATH, {"aggregate": {"name": "all", "availability_zone": None}})),
        ("pod-c", asked("POST", f"{PATH}/1/action", {"set_metadata": {"metadata": {"tier": "1"}}})),
        ("pod-c", asked("POST", f"{PATH}/1/action", {"add_host": {"host": "h3"}})),
    ]


def test_a_new_part_has_the_pods_own_name_of_the_zone_and_no_metadata_where_there_is_none(world):
    world.novas["pod-b"].rows.pop(1)
    found = world.find(10001)

    changed = world.host(found, "add_host", "h2@PodB")

    assert changed.row["hosts"] == ["old1@PodA", "h2@PodB"]
    assert [request for _, request in world.client.asked] == [
        asked("POST", PATH, {"aggregate": {"name": "east", "availability_zone": "nova"}}),
        asked("POST", f"{PATH}/3/action", {"add_host": {"host": "h2"}}),
    ]


@pytest.mark.parametrize("refused", ["aggregate", "set_metadata"])
def test_a_refusal_of_the_new_part_is_passed_on_before_the_host_is_tried(world, refused):
    found, nova = world.find(20001), world.novas["pod-c"]
    world.client.by_pod["pod-c"] = lambda request: (
        fault(400) if refused.encode() in request.body else nova(request)
    )

    with pytest.raises(PodRefused) as said:
        world.host(found, "add_host", "h3@PodC")

    assert said.value.answer.reply == fault(400)
    assert b"add_host" not in world.client.asked[-1][1].body


@pytest.mark.parametrize("refused", ["aggregate", "set_metadata"])
def test_what_is_unknown_of_a_new_part_names_what_to_look_at(world, refused):
    found, nova = world.find(20001), world.novas["pod-c"]

    def says(request):
        if refused.encode() in request.body:
            raise PodUnreachable("pod-c", "timed out", sent=True)
        return nova(request)

    world.client.by_pod["pod-c"] = says

    with pytest.raises(OutcomeUnknown, match="look at the aggregate first"):
        world.host(found, "add_host", "h3@PodC")


def test_the_parts_stay_in_the_order_of_their_pods_ages(world):
    world.novas["pod-a"].rows.pop(2)
    found = world.find(20002)

    changed = world.host(found, "add_host", "h1@PodA")

    assert [member.pod.pod_id for member in changed.members] == ["pod-a", "pod-b"]


def test_a_part_is_known_by_its_pods_id_while_the_pod_reports(world):
    found = world.find(10001)
    world.outside.capacities.save("pod-a", CapacityReport(a_capacity()))

    assert world.host(found, "add_host", "h1@PodA").row["hosts"] == ["old1@PodA", "h1@PodA", "old2@PodB"]
    world.aggregates.refuse_elsewhere(found, "az1")


@pytest.mark.parametrize("zone", ["az1", "rack-7", None])
def test_a_zone_that_all_its_pods_stand_in_or_none_at_all_may_become_its_own(world, zone):
    world.aggregates.refuse_elsewhere(world.find(10001), zone)


def test_a_zone_that_some_of_its_pods_do_not_stand_in_is_refused_and_theirs_are_named(world):
    world.novas["pod-c"].has(7, "all")
    found = world.find(20001)

    with pytest.raises(Conflict) as refused:
        world.aggregates.refuse_elsewhere(found, "az1")
    assert str(refused.value) == (
        "Aggregate all is in pods of az2, so its zone can't become az1. Make another one there."
    )
    world.outside.pods.create(a_pod("pod-d", "az3"))
    with pytest.raises(Conflict, match="is in pods of az1, az2, so its zone can't become az3"):
        world.aggregates.refuse_elsewhere(found, "az3")
