"""Aggregates are made in each pod of their zone, and changed in each pod that has them."""

import pytest

from chalicelib.model.errors import Conflict, OutcomeUnknown
from chalicelib.service.asking.answer import PodRefused
from tests.service.desk import OPERATOR
from tests.service.operating.aggregating import MARKED, PATH, SSD, Aggregating, asked, fault, reply, row


@pytest.fixture
def three():
    """An aggregate with a part in each pod."""
    return Aggregating.with_parts()


@pytest.mark.parametrize(
    ("zone", "inside"),
    [
        ("az1", {"pod-a": "nova", "pod-b": "nova"}),
        ("az2", {"pod-c": "inner"}),
        (None, {"pod-a": None, "pod-b": None, "pod-c": None}),
        ("rack-7", {"pod-a": "rack-7", "pod-b": "rack-7", "pod-c": "rack-7"}),
    ],
)
def test_one_is_made_in_each_pod_of_its_zone_which_each_pod_is_told_by_its_own_name(zone, inside):
    world = Aggregating()

    made = world.create(name="ssd", availability_zone=zone)

    assert made == {"id": 10003 if zone == "az2" else 10001, "name": "ssd", "availability_zone": zone}
    assert world.heard() == [
        (pod_id, asked("POST", PATH, {"aggregate": {"name": "ssd", "availability_zone": own}}))
        for pod_id, own in inside.items()
    ]
    assert len(world.client.asked) == len(inside), "where all made it, nobody is asked again"


def test_a_create_that_names_no_zone_says_so_to_each_pod():
    world = Aggregating()

    assert world.create(name="ssd") == {"id": 10001, "name": "ssd", "availability_zone": None}
    assert [len(nova.rows) for nova in world.novas.values()] == [1, 1, 1]


def test_a_repeat_heals_a_create_that_came_to_some_pods_only():
    world = Aggregating()
    world.novas["pod-a"].has(3, zone="nova")

    assert world.create(name="ssd", availability_zone="az1") == {
        "id": 10002,
        "name": "ssd",
        "availability_zone": "az1",
    }
    assert [len(nova.rows) for nova in world.novas.values()] == [1, 1, 0]


def test_a_pod_that_made_it_without_saying_so_in_time_is_seen_to_have_it():
    world = Aggregating()
    nova = world.novas["pod-b"]

    def slow_to_create(request):
        made = nova(request)
        return fault(503) if request.method == "POST" else made

    world.client.by_pod["pod-b"] = slow_to_create

    assert world.create(name="ssd", availability_zone="az1")["id"] == 10001


@pytest.mark.parametrize("others", [{"zone": "other"}, {"name": "SSD", "zone": "nova"}])
def test_a_name_that_a_pod_uses_otherwise_is_a_conflict_that_names_the_zones(others):
    world = Aggregating()
    world.novas["pod-c"].has(3, **others)
    world.client.by_pod["pod-c"] = lambda request: (
        fault(400) if request.method == "POST" else world.novas["pod-c"](request)
    )

    with pytest.raises(Conflict) as refused:
        world.create(name="ssd")

    assert str(refused.value) == "Not done everywhere: done in az1; refused in az2."


def test_a_create_that_a_silent_pod_may_lack_has_an_unknown_outcome():
    world = Aggregating()
    world.silence("pod-c")

    with pytest.raises(OutcomeUnknown) as unknown:
        world.create(name="ssd")

    assert str(unknown.value) == (
        "Not done everywhere: done in az1; perhaps done, since no answer came, in az2."
    )


def test_a_create_of_which_nothing_is_listed_afterwards_has_an_unknown_outcome():
    world = Aggregating()
    nova = world.novas["pod-a"]

    def falls_silent(request):
        world.silence("pod-a")
        return nova(request)

    world.client.by_pod["pod-a"] = falls_silent
    world.silence("pod-b")

    with pytest.raises(OutcomeUnknown, match="done in az1; perhaps done, since no answer came, in az1"):
        world.create(name="ssd", availability_zone="az1")


@pytest.mark.parametrize("status", [400, 409])
def test_a_create_that_all_refuse_gets_the_oldest_pods_answer_and_looks_for_nothing(status):
    world = Aggregating()
    for number, pod_id in enumerate(world.novas):
        world.client.by_pod[pod_id] = fault(status, f"no {number}")

    with pytest.raises(PodRefused) as refused:
        world.create(name="ssd")

    answer = refused.value.answer
    assert (answer.pod.pod_id, answer.reply) == ("pod-a", fault(status, "no 0"))
    assert len(world.client.asked) == 3


def test_a_create_of_which_no_pod_shows_anything_has_an_unknown_outcome():
    world = Aggregating()
    for pod_id in world.novas:
        world.client.by_pod[pod_id] = reply(b"", 204, **MARKED)

    with pytest.raises(OutcomeUnknown, match="look at the aggregates first"):
        world.create(name="ssd")


def test_a_write_goes_to_each_part_by_its_own_id_and_the_whole_is_shown(three):
    found = three.find(60003)
    order = {"set_metadata": {"metadata": {"tier": "9"}}}

    changed = three.write(found, body=order)

    assert (changed.row, changed.silent) == (row(10001, hosts=SSD["hosts"], tier="9", only="b"), ())
    assert three.heard() == [
        (pod_id, asked("POST", f"{PATH}/{own_id}/action", order))
        for pod_id, own_id in (("pod-a", 1), ("pod-b", 4), ("pod-c", 6))
    ]


def test_each_pod_gets_a_body_of_its_own(three):
    found = three.find(10001)

    three.aggregates.write(
        OPERATOR, found, asked("PUT"), "", lambda pod: {"aggregate": {"name": f"ssd of {pod.pod_id}"}}
    )

    assert three.heard() == [
        (pod_id, asked("PUT", f"{PATH}/{own_id}", {"aggregate": {"name": f"ssd of {pod_id}"}}))
        for pod_id, own_id in (("pod-a", 1), ("pod-b", 4), ("pod-c", 6))
    ]


@pytest.mark.parametrize(("method", "below"), [("DELETE", ""), ("POST", "/images")])
def test_answers_that_show_nothing_leave_it_as_it_was_found(three, method, below):
    found = three.find(10001)

    assert three.write(found, method, below).row == SSD
    assert [request for _, request in three.heard()] == [
        asked(method, f"{PATH}/{own_id}{below}") for own_id in (1, 4, 6)
    ]


def test_a_part_that_answers_blank_or_with_another_success_shows_nothing(three):
    found = three.find(10001)
    three.client.by_pod["pod-a"] = reply(b" ", **MARKED)
    three.client.by_pod["pod-b"] = reply({"aggregate": "later"}, 202)

    changed = three.write(found, body={"set_metadata": {"metadata": {}}})

    assert [member.pod.pod_id for member in changed.members] == ["pod-c"]


def test_a_write_that_all_refuse_gets_the_oldest_pods_answer(three):
    found = three.find(10001)
    for number, pod_id in enumerate(three.novas):
        three.client.by_pod[pod_id] = fault(400, f"no {number}")

    with pytest.raises(PodRefused) as refused:
        three.write(found, body={})

    assert refused.value.answer.reply == fault(400, "no 0")


def test_a_write_that_some_refuse_is_a_conflict_and_one_without_an_answer_unknown(three):
    found = three.find(10001)
    three.client.by_pod["pod-a"] = three.client.by_pod["pod-b"] = fault(403)
    with pytest.raises(Conflict) as refused:
        three.write(found, "DELETE", "")
    assert str(refused.value) == "Not done everywhere: done in az2; refused in az1."

    three.silence("pod-c")
    with pytest.raises(OutcomeUnknown) as unknown:
        three.write(found, "DELETE", "")
    assert str(unknown.value) == (
        "Not done everywhere: refused in az1; perhaps done, since no answer came, in az2."
    )


def test_a_write_says_which_zones_it_left_out_since_their_pods_were_silent_before(three):
    three.silence("pod-c")
    found = three.find(10001)

    with pytest.raises(Conflict) as refused:
        three.write(found, body={"set_metadata": {"metadata": {"tier": "9"}}})

    assert str(refused.value) == (
        "Not done everywhere: done in az1; not asked, since no answer came before, in az2."
    )
    assert three.novas["pod-b"].rows[4]["metadata"]["tier"] == "9"
