"""Usage: what pods tell of it counts only if it can be true."""

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.quota import Holder
from tests.builders import NOW, PROJECT, a_pod
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, reply

SERVER = "11111111-1111-4111-8111-111111111111"


def limits(used):
    names = ("totalCoresUsed", "totalInstancesUsed", "totalRAMUsed")
    return {"limits": {"absolute": dict.fromkeys(names, used)}}


def usage_of(used, rows=()):
    """What is used where one pod tells this, and the other one server."""

    def odd(request):
        return reply({"servers": rows} if request.path.startswith("/servers") else limits(used))

    def good(request):
        return reply({"servers": []} if request.path.startswith("/servers") else limits(1))

    world = World(a_pod("a"), a_pod("b"), client=ScriptedPods(a=odd, b=good))
    for pod_id in ("a", "b"):
        world.outside.projects.add(PROJECT, pod_id)
    return world.services.servers.quota.reader.of(TENANT, Holder(PROJECT), NOW)


@pytest.mark.parametrize("used", [-1, True, 1.5, "1", None, [], float("inf"), float("nan"), 10**40])
def test_a_pod_that_tells_what_cannot_be_is_silent(used):
    usage = usage_of(used)

    assert (usage.servers, usage.complete) == (Amounts(1, 1, 0, 1), False)


@pytest.mark.parametrize("odd_id", ["", "x", "x" * 5000])
def test_a_server_whose_id_can_be_none_is_nobodys(odd_id):
    usage = usage_of(2, [{"id": odd_id, "status": "ACTIVE"}, {"id": SERVER.upper(), "status": "ACTIVE"}])

    assert (usage.complete, usage.counted, usage.waiting) == (True, {SERVER}, frozenset())


def test_without_a_moment_only_what_is_used_is_asked_for_and_no_group_is_where_none_is_told():
    pods = ScriptedPods(a=reply(limits(2)))
    world = World(a_pod("a"), client=pods)
    world.outside.projects.add(PROJECT, "a")
    usage = world.services.servers.quota.reader.of(TENANT, Holder(PROJECT))

    ((_, request),) = pods.asked
    assert (request.path, request.service, request.token) == ("/limits", "compute", TENANT.token)
    assert (usage.servers, usage.server_groups) == (Amounts(2, 2, 0, 2), 0)
