"""The pod that has one of an operator's things, told by the thing's number or by a host's name."""

from dataclasses import replace

import pytest

from chalicelib.adapters.memory.pod_number_store import MemoryPodNumberStore
from chalicelib.model.errors import InvalidField, NotFound, Unavailable
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.pod_numbers import PodNumbers
from chalicelib.service.kinds.all_pods import AllPods
from tests.builders import a_pod
from tests.service.desk import OPERATOR
from tests.service.kinds.scripted_pods import ScriptedPods, StrictFanOut, reply, roster_of

OLDEST, OTHER = a_pod("pod-a", "az1"), a_pod("pod-b", "az2")
REQUEST = PodRequest("PUT", "/os-services/disable", body=b"{}", token="a-token", request_id="req-1")
NONE, ONE = reply({"services": []}), reply({"services": [{"id": 1, "host": "cmp1"}]})
NOT_HERE = reply({"itemNotFound": {"code": 404}}, 404)
MISSING = NotFound("Aggregate", "30002")


def all_pods(**says):
    numbers = PodNumbers(MemoryPodNumberStore())
    return AllPods(roster_of(OLDEST, OTHER), ScriptedPods(**says), StrictFanOut(), numbers, 5.0, 7.0)


def by_host(text, **says):
    return all_pods(**says).by_host(OPERATOR, text, REQUEST)


@pytest.mark.parametrize(("numbered", "found"), [(30001, (OLDEST, 3)), (30002, (OTHER, 3)), (2, (OTHER, 0))])
def test_a_number_says_whose_thing_it_is_and_what_that_pod_calls_it(numbered, found):
    assert all_pods().by_number(numbered, MISSING) == found


@pytest.mark.parametrize("numbered", [3, 30000, 30003])
def test_a_number_of_no_pod_is_what_is_missing(numbered):
    with pytest.raises(NotFound) as missing:
        all_pods().by_number(numbered, MISSING)

    assert missing.value is MISSING


def test_a_host_with_its_pod_is_looked_for_nowhere():
    asking = all_pods()

    assert asking.by_host(OPERATOR, "cmp1@PodB", REQUEST) == (OTHER, "cmp1")
    assert asking.client.asked == []


def test_a_host_of_an_unknown_pod_is_not_found_under_its_whole_name():
    with pytest.raises(NotFound) as missing:
        by_host("cmp1@PodC")

    assert (missing.value.kind, missing.value.resource_id) == ("Compute host", "cmp1@PodC")


@pytest.mark.parametrize("absence", [NONE, NOT_HERE, None])
def test_a_host_without_a_pod_is_where_a_nova_knows_its_service(absence):
    asking = all_pods(pod_a=absence, pod_b=ONE)

    assert asking.by_host(OPERATOR, "cmp 1", REQUEST) == (OTHER, "cmp 1")
    path = "/os-services?host=cmp+1&binary=nova-compute"
    question = replace(REQUEST, method="GET", path=path, body=None, read_timeout_seconds=5.0)
    assert asking.client.asked == [("pod-a", question), ("pod-b", question)]


def test_a_host_that_no_pod_has_the_oldest_may_deny():
    assert by_host("cmp1", pod_a=NONE, pod_b=NONE) == (OLDEST, "cmp1")


def test_a_host_that_several_pods_have_must_be_named_with_one_of_them():
    with pytest.raises(InvalidField) as refused:
        by_host("cmp1", pod_a=ONE, pod_b=ONE)

    (wrong,) = refused.value.wrong
    assert wrong.field == "host"
    assert "a host cmp1." in wrong.message
    assert wrong.message.endswith("cmp1@PodA, cmp1@PodB.")


def test_a_host_that_only_a_silent_pod_may_have_cannot_be_looked_up():
    with pytest.raises(Unavailable, match="Host cmp1 "):
        by_host("cmp1", pod_a=NONE, pod_b=None)
