"""Usage: what pods tell of it counts only if it can be true, and is asked as the caller."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.deadline import Deadline
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.quota import Holder
from chalicelib.service.asking.usage import Usage
from tests.builders import NOW, PROJECT, SetClock, a_caller, a_pod
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, StrictFanOut, proxy_page, reply

SERVER = "1111111a-1111-4111-8111-111111111111"
WAITING = "2222222a-2222-4222-8222-222222222222"
HURRIED = a_caller(deadline=Deadline.after(3.0, SetClock()))
USER = Holder(PROJECT, "user/1")


def limits(used, **others):
    names = ("totalCoresUsed", "totalInstancesUsed", "totalRAMUsed")
    return {"limits": {"absolute": {**dict.fromkeys(names, used), **others}}}


def shows(used, rows=()):
    """A pod that tells what is used, and which servers changed."""
    return lambda request: reply({"servers": list(rows)} if request.path.startswith("/servers") else used)


def reader(*pods, **says):
    """A reader that gives its pods, in all of which the project was placed, 5 seconds."""
    world = World(*(pods or (a_pod("a"), a_pod("b"))))
    for pod_id in says:
        world.outside.projects.add(PROJECT, pod_id)
    fresh = world.services.servers.quota.reader
    return replace(fresh, client=ScriptedPods(**says), fan_out=StrictFanOut(), deadline_seconds=5.0)


def usage_of(used, rows=()):
    """What is used where one pod tells this, and the other one server."""
    return reader(a=shows(limits(used), rows), b=shows(limits(1))).of(TENANT, Holder(PROJECT), NOW)


def asked(caller, holder, told=None, new_since=None):
    """The requests that one pod gets."""
    found = reader(a_pod("a"), a=shows(told or limits(2)))
    found.of(caller, holder, new_since)
    return [request for _, request in found.client.asked]


def a_question(path, caller=HURRIED):
    return PodRequest(
        "GET",
        path,
        token="a-token",
        identity=caller.identity,
        request_id="req-1",
        read_timeout_seconds=5.0,
        deadline=caller.deadline,
    )


@pytest.mark.parametrize("used", [-1, True, 1.5, "1", None, [], float("inf"), float("nan"), 10**40])
def test_a_pod_that_tells_what_cannot_be_is_silent(used):
    usage = usage_of(used)

    assert (usage.servers, usage.complete) == (Amounts(1, 1, 0, 1), False)


@pytest.mark.parametrize(
    "odd",
    [reply([]), reply({}), reply({"limits": None}), reply({"limits": {"absolute": []}}), proxy_page(200)],
)
def test_a_pod_that_tells_something_else_or_refuses_is_silent(odd):
    refused = reply({"forbidden": {"code": 403}}, 403)

    for says in (odd, refused, None):
        assert reader(a=says, b=shows(limits(1))).of(TENANT, Holder(PROJECT)) == Usage(
            Amounts(1, 1, 0, 1), complete=False
        )


@pytest.mark.parametrize(
    "odd",
    [reply({"a": {}}, 403), reply({}), reply({"servers": [1]}), reply({"servers": []}, 202), proxy_page(200)],
)
def test_a_pod_that_does_not_tell_which_servers_are_new_is_silent(odd):
    def says(request):
        return odd if request.path.startswith("/servers") else reply(limits(5))

    found = reader(a=says, b=shows(limits(1)))

    assert found.of(TENANT, Holder(PROJECT), NOW) == Usage(Amounts(1, 1, 0, 1), complete=False)


@pytest.mark.parametrize("odd_id", ["", "x", "x" * 5000])
def test_a_server_whose_id_can_be_none_is_nobodys(odd_id):
    usage = usage_of(2, [{"id": odd_id, "status": "ACTIVE"}, {"id": SERVER.upper(), "status": "ACTIVE"}])

    assert (usage.complete, usage.counted, usage.waiting) == (True, {SERVER}, frozenset())


def test_a_new_server_is_counted_once_nova_has_looked_for_a_host():
    building = {"status": "BUILD", "OS-EXT-STS:task_state": "spawning"}
    waits = {"status": "BUILD", "OS-EXT-STS:task_state": "scheduling"}
    moved = {"status": "ERROR", "OS-EXT-STS:task_state": "scheduling"}
    ids = [f"{number}" * 8 + SERVER[8:] for number in range(4)]
    by_pod = {
        "a": shows(limits(2), [{"id": ids[0], **building}, {"id": WAITING.upper(), **waits}]),
        "b": shows(limits(3), [{"id": ids[1], **moved}, {"id": ids[2], **waits}]),
    }

    usage = reader(**by_pod).of(TENANT, Holder(PROJECT), NOW)

    counted, waiting = frozenset(ids[:2]), frozenset({WAITING, ids[2]})
    assert usage == Usage(Amounts(5, 5, 0, 5), counted=counted, waiting=waiting)


def test_what_all_pods_tell_is_added_up_groups_too():
    by_pod = {"a": shows(limits(2, totalServerGroupsUsed=3)), "b": shows(limits(1, totalServerGroupsUsed=4))}

    assert reader(**by_pod).of(TENANT, Holder(PROJECT)) == Usage(Amounts(3, 3, 0, 3), server_groups=7)


def test_where_the_project_was_never_placed_nobody_is_asked():
    found = reader()

    assert (found.of(TENANT, Holder(PROJECT)), found.client.asked) == (Usage(Amounts()), [])


def test_a_silent_pod_counts_by_the_locations_that_we_have_of_the_project_there():
    found = reader(a_pod("a", proven=False), a_pod("b"), a=None, b=shows(limits(1)))
    for number, (project_id, pod_id) in enumerate(
        [(PROJECT, "a"), (PROJECT, "a"), ("other", "a"), (PROJECT, "b")]
    ):
        found.locations.remember(Location(f"vm-{number}", project_id, pod_id, NOW))

    assert found.of(TENANT, Holder(PROJECT)) == Usage(Amounts(1, 1, 0, 3), complete=False)


def test_a_pod_that_is_not_proven_and_has_nothing_of_ours_is_not_asked():
    found = reader(a_pod("a", proven=False), a_pod("b"), a=None, b=shows(limits(1)))

    assert found.of(TENANT, Holder(PROJECT)) == Usage(Amounts(1, 1, 0, 1))


@pytest.mark.parametrize(("caller", "wait"), [(TENANT, 5.0), (HURRIED, 3.0)])
def test_nobody_waits_longer_than_a_pod_may_take_or_than_the_request_has(caller, wait):
    found = reader(a=shows(limits(1)))

    found.of(caller, Holder(PROJECT))

    assert found.fan_out.waits == [wait]


def test_without_a_moment_only_what_is_used_is_asked_for_and_no_group_is_where_none_is_told():
    assert asked(HURRIED, Holder(PROJECT)) == [a_question("/limits")]


def test_what_is_new_is_asked_for_first_by_a_moment_in_utc():
    elsewhere = NOW.astimezone(timezone(timedelta(hours=2)))

    assert asked(HURRIED, Holder(PROJECT), new_since=elsewhere) == [
        a_question("/servers/detail?changes-since=2025-06-01T12%3A00%3A00Z"),
        a_question("/limits"),
    ]


def test_another_projects_limits_are_asked_for_by_its_id():
    admin = a_caller("ad/min", role="admin")

    assert asked(admin, Holder(PROJECT)) == [a_question(f"/limits?tenant_id={PROJECT}", admin)]


def test_a_users_usage_is_what_its_quota_has_in_use():
    used = {"cores": 5, "instances": 2, "ram": 1024, "server_groups": 3, "key_pairs": 9}
    told = {"quota_set": {"id": PROJECT, **{name: {"in_use": count} for name, count in used.items()}}}
    found = reader(a_pod("a"), a=shows(told))

    assert found.of(HURRIED, USER) == Usage(Amounts(vcpus=5, ram_mb=1024, instances=2), server_groups=3)
    ((_, request),) = found.client.asked
    assert request == a_question(f"/os-quota-sets/{PROJECT}/detail?user_id=user%2F1")


def test_a_project_id_is_written_into_the_path_as_one_segment():
    world = reader(a_pod("a"))
    world.projects.add("p/1", "a")
    pods = ScriptedPods(a=reply({"quota_set": {}}))

    replace(world, client=pods).of(TENANT, Holder("p/1", "u"))

    assert [request.path for _, request in pods.asked] == ["/os-quota-sets/p%2F1/detail?user_id=u"]


@pytest.mark.parametrize("missing", ["cores", "instances", "ram", "server_groups"])
def test_a_quota_that_lacks_something_tells_nothing(missing):
    names = {"cores", "instances", "ram", "server_groups"} - {missing}
    told = {"quota_set": {"id": PROJECT, **{name: {"in_use": 1} for name in names}}}

    assert reader(a_pod("a"), a=shows(told)).of(TENANT, USER) == Usage(Amounts(), complete=False)
