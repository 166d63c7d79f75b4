"""What a client is told when no pod takes its request: a status, and counts that name no pod."""

from dataclasses import replace

import pytest

from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.creating.no_pod import no_pod
from tests.builders import PROJECT, a_filled_pod, a_flavor, a_pod, a_spec

FULL, CLOSED = a_filled_pod("pod-full", 99), a_pod("pod-closed", allowed_project_ids=frozenset({"another"}))


def told(*pods, **spec):
    snapshot = snapshot_of(pods)
    error = no_pod(decide(snapshot, a_spec(**spec), SPREAD, "d"), snapshot, SPREAD)
    assert error.decision_id == "d", "by which an operator reads why"
    return error.status, str(error)


def test_pods_that_are_elsewhere_are_not_counted():
    status, message = told(FULL, a_pod("top", az_name=""), a_pod("far", az_name="az2"))

    assert (status, message.rpartition(". ")[2]) == (409, "Pods rejected: 1 by capacity.")


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, 503), ({"state": PodState.DISABLED}, 409), ({"denied_project_ids": frozenset({PROJECT})}, 403)],
)
def test_it_is_worth_waiting_for_a_pod_that_only_does_not_answer(fields, status):
    troubled = replace(a_pod("pod-a"), **fields)

    assert told(troubled, open_circuits=frozenset({"pod-a"}))[0] == status


def test_a_project_that_no_pod_of_the_zone_is_open_to_may_not_use_it():
    assert told(CLOSED)[0] == 403
    assert told(CLOSED, FULL)[0] == 409


def test_a_zone_without_pods_is_the_clients_mistake():
    assert told(a_pod(az_name="az2"))[0] == 400


NORTH, NORTH_TOO, SOUTH = a_pod("pod-n"), a_pod("pod-m"), a_pod("pod-s", az_name="az2")


@pytest.mark.parametrize(
    ("az_name", "pinned", "words"),
    [
        (
            "az1",
            {"port 1": "pod-s"},
            "The port 1 is in availability zone az2, and availability zone az1 was asked",
        ),
        (
            None,
            {"port 1": "pod-n", "volume 2": "pod-s"},
            "port 1 is in availability zone az1, and the volume 2 in",
        ),
        (
            "az1",
            {"port 1": "pod-n", "volume 2": "pod-m"},
            "port 1 and the volume 2 are in different parts of avail",
        ),
    ],
)
def test_what_is_apart_is_told_by_zone_and_never_as_no_room(az_name, pinned, words):
    pins = {named: frozenset({pod_id}) for named, pod_id in pinned.items()}
    status, message = told(NORTH, NORTH_TOO, SOUTH, az_name=az_name, pinned_pod_ids=pins)

    assert status == 400
    assert words in message
    assert "name what is together" in message
    assert not [pod for pod in (NORTH, NORTH_TOO, SOUTH) if pod.pod_name in message]


def test_of_three_things_the_two_that_are_apart_are_told_though_the_first_two_are_together():
    pins = {"port 1": {"pod-n"}, "volume 2": {"pod-n"}, "volume 3": {"pod-s"}}

    assert told(NORTH, SOUTH, az_name=None, pinned_pod_ids=pins) == (
        400,
        "The port 1 is in availability zone az1, and the volume 3 in availability zone az2. "
        "A server can only use what is where it runs: name what is together.",
    )


def test_what_is_in_several_zones_is_told_by_all_of_them_in_order():
    pins = {"image 1": {"pod-s", "pod-t"}}
    third = a_pod("pod-t", az_name="az0")

    message = told(SOUTH, third, NORTH, pinned_pod_ids=pins)[1]

    assert message.startswith(
        "The image 1 is in availability zones az0 and az2, and availability zone az1 was asked for."
    )


def test_a_create_that_no_filter_counts_against_any_pod_is_told_no_counts():
    assert told(a_pod("far", "az2", denied_project_ids=frozenset({PROJECT})), az_name=None) == (
        403,
        "The project may not use any availability zone.",
    )
    pins = {"port 1": frozenset({"pod-s"})}
    assert told(replace(SOUTH, state=PodState.CORDONED), az_name="az2", pinned_pod_ids=pins)[1] == (
        "No room in availability zone az2 for this request now. Pods rejected: 1 by pod_state."
    )


def test_without_any_pod_there_is_nothing_to_count():
    assert told(az_name=None) == (409, "No room in any availability zone for this request now.")


def test_three_things_that_are_together_only_by_twos_are_apart_too():
    pins = {"a": {"pod-n", "pod-m"}, "b": {"pod-m", "pod-s"}, "c": {"pod-n", "pod-s"}}
    status, message = told(NORTH, NORTH_TOO, SOUTH, az_name=None, pinned_pod_ids=pins)

    assert (status, "not all in one place" in message) == (400, True)


def test_what_is_together_in_a_full_pod_finds_no_room():
    pins = {"port 1": frozenset({FULL.pod_id})}

    assert told(FULL, NORTH, pinned_pod_ids=pins)[0] == 409


OTHER_SIZE = {"m1.small": a_flavor(vcpus=9)}


def test_a_flavor_of_another_size_in_the_zone_is_told():
    other = a_pod("other", catalogue=OTHER_SIZE)

    status, message = told(other, a_pod("far", "az2", catalogue={"m1.small": a_flavor()}))

    assert (status, message) == (
        409,
        "Flavor m1.small has another size in availability zone az1 than it is shown with, "
        "so it can't be used there.",
    )


@pytest.mark.parametrize(
    "beside",
    [
        a_filled_pod("same", 99, catalogue={"m1.small": a_flavor()}),
        a_filled_pod("unread", 99),
    ],
)
def test_where_a_pod_of_the_zone_may_have_its_size_room_is_what_is_missing(beside):
    status, message = told(a_pod("other", catalogue=OTHER_SIZE), beside)

    assert (status, message) == (
        409,
        "No room in availability zone az1 for this request now. Pods rejected: 1 by flavor, 1 by capacity.",
    )


def test_what_a_pod_that_does_not_serve_the_project_has_says_nothing_of_the_flavors_size():
    ours = a_filled_pod("full", 99, catalogue={"m1.small": a_flavor()})
    theirs = a_pod("theirs", catalogue=OTHER_SIZE, allowed_project_ids=frozenset({"another"}))
    other = a_pod("other", catalogue=OTHER_SIZE)
    unread = a_pod("unread", allowed_project_ids=frozenset({"another"}))

    assert told(ours, theirs)[1].startswith("No room in availability zone az1")
    assert told(other, unread)[1].startswith("Flavor m1.small has another size")
    assert told(other, replace(unread, allowed_project_ids=frozenset({PROJECT})), count=10**6)[1].startswith(
        "No room"
    )
