"""First: the oldest pod that can say, and a 404 only when all that were asked said so."""

import pytest

from chalicelib.model.errors import Unavailable
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.silences import Silences
from chalicelib.service.kinds.first import First
from tests.builders import NOW, SetClock, a_pod
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply, roster_of

PODS = [a_pod("pod-a"), a_pod("pod-b")]
HERE = reply({"flavor": {"id": "f"}})
NOT_HERE = reply({"itemNotFound": {"code": 404}}, 404)
MARKED_PAGE = reply(b"404 Not Found", 404, **{"x-openstack-request-id": "req-9"})
REFUSED = reply({"forbidden": {"code": 403}}, 403)
REQUEST = PodRequest("GET", "/flavors/f", read_timeout_seconds=60.0)


def first(client, pods=PODS):
    return First(roster_of(*pods), Silences(client, lambda: NOW), 5.0)


def test_the_oldest_pod_that_has_it_answers_and_no_other_is_asked():
    client = ScriptedPods(pod_a=HERE, pod_b=HERE)

    assert first(client).that_has(TENANT, REQUEST).pod.pod_id == "pod-a"
    ((_, request),) = client.asked
    assert request.read_timeout_seconds == 5.0


def test_a_404_passes_the_question_on():
    assert first(ScriptedPods(pod_a=NOT_HERE, pod_b=HERE)).that_has(TENANT, REQUEST).pod.pod_id == "pod-b"


def test_when_all_say_404_so_do_we():
    assert first(ScriptedPods(pod_a=NOT_HERE, pod_b=NOT_HERE)).that_has(TENANT, REQUEST).reply.status == 404


@pytest.mark.parametrize(("other", "status"), [(HERE, 200), (NOT_HERE, 404), (REFUSED, 403)])
def test_what_one_pod_refuses_is_refused_only_if_the_others_dont_know_better(other, status):
    for pods in ({"pod_a": REFUSED, "pod_b": other}, {"pod_a": other, "pod_b": REFUSED}):
        assert first(ScriptedPods(**pods)).that_has(TENANT, REQUEST).reply.status == status


@pytest.mark.parametrize(
    "silence",
    [
        None,
        proxy_page(200),
        proxy_page(404),
        proxy_page(503),
        MARKED_PAGE,
        reply({"a": {}}, 500),
        reply({"a": {}}, 401),
        reply({"a": {}}, 429),
        reply({"flavor": {}}, 302),
        reply(b'{"flavor": NaN}'),
    ],
)
def test_a_404_of_one_is_none_while_another_says_nothing(silence):
    with pytest.raises(Unavailable):
        first(ScriptedPods(pod_a=silence, pod_b=NOT_HERE)).that_has(TENANT, REQUEST)


def test_any_answer_will_do_where_all_pods_are_alike():
    assert first(ScriptedPods(pod_a=None, pod_b=NOT_HERE)).that_answers(TENANT, REQUEST).reply is NOT_HERE


def test_without_a_pod_nobody_can_say():
    with pytest.raises(Unavailable):
        first(ScriptedPods(), pods=()).that_answers(TENANT, REQUEST)


def test_a_pod_that_was_silent_is_asked_last_for_a_while():
    clock = SetClock()
    client = ScriptedPods(pod_a=None, pod_b=HERE)
    asking = First(roster_of(*PODS), Silences(client, clock), 5.0)

    for _ in range(3):
        assert asking.that_has(TENANT, REQUEST).pod.pod_id == "pod-b"
    assert [pod_id for pod_id, _ in client.asked] == ["pod-a", "pod-b", "pod-b", "pod-b"]

    clock.passes(31)
    client.by_pod["pod-a"] = HERE
    assert asking.that_has(TENANT, REQUEST).pod.pod_id == "pod-a"
