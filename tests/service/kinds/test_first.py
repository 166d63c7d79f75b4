"""First: the oldest pod that can say, and a 404 only when all that were asked said so."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.silences import Silences
from chalicelib.service.kinds.first import First, first_that, has_it
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


BAD = reply({"badRequest": {"code": 400}}, 400)


@pytest.mark.parametrize("refusal", [BAD, REFUSED])
def test_a_refusal_stands_only_where_no_pod_knows_better_and_then_the_oldest_ones(refusal):
    assert first(ScriptedPods(pod_a=refusal, pod_b=HERE)).that_has(TENANT, REQUEST) == PodAnswer(
        PODS[1], HERE
    )
    for others in (None, BAD, REFUSED):
        answer = first(ScriptedPods(pod_a=refusal, pod_b=others)).that_has(TENANT, REQUEST)
        assert answer == PodAnswer(PODS[0], refusal)
    answer = first(ScriptedPods(pod_a=None, pod_b=refusal)).that_answers(TENANT, REQUEST)
    assert answer == PodAnswer(PODS[1], refusal)


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


def refused_connection(_):
    raise PodUnreachable("pod-a", "refused", sent=False)


def looked_for(request, pods=PODS, **says):
    """What comes of a request that goes from pod to pod, and which pods got which request."""
    client = ScriptedPods(**says)
    return first_that(has_it, pods, client, request, 5.0), client.asked


CHANGE = PodRequest("DELETE", "/os-volumes/v", token="a-token", read_timeout_seconds=60.0)


def test_a_question_goes_on_after_a_silence_and_a_404_and_may_take_each_pod_so_long():
    question = replace(REQUEST, read_timeout_seconds=5.0)
    pods = [*PODS, a_pod("pod-c")]

    for absence in (None, NOT_HERE, proxy_page(502), reply({"a": {}}, 500)):
        assert looked_for(REQUEST, pods, pod_a=absence, pod_b=NOT_HERE, pod_c=HERE) == (
            PodAnswer(pods[2], HERE),
            [(pod.pod_id, question) for pod in pods],
        )


@pytest.mark.parametrize("passed_on", [NOT_HERE, refused_connection, proxy_page(404)])
def test_a_change_goes_on_only_after_a_404_or_where_nothing_was_sent(passed_on):
    done = reply(b"", 202, **{"x-openstack-request-id": "req-9"})

    assert looked_for(CHANGE, pod_a=passed_on, pod_b=done) == (
        PodAnswer(PODS[1], done),
        [("pod-a", CHANGE), ("pod-b", CHANGE)],
    )


@pytest.mark.parametrize("said", [REFUSED, reply({"a": {}}, 500), reply({"a": {}}, 401)])
def test_whatever_else_the_service_says_of_a_change_is_its_outcome(said):
    assert looked_for(CHANGE, pod_a=said) == (PodAnswer(PODS[0], said), [("pod-a", CHANGE)])


@pytest.mark.parametrize("silence", [None, proxy_page(502), proxy_page(403)])
def test_a_change_that_may_have_arrived_goes_nowhere_else(silence):
    with pytest.raises(OutcomeUnknown) as unknown:
        looked_for(CHANGE, pod_a=silence, pod_b=HERE)

    assert isinstance(unknown.value.__cause__, PodUnreachable)


def test_what_all_deny_is_denied_by_the_last_and_what_a_silent_pod_may_have_by_none():
    assert looked_for(REQUEST, pod_a=NOT_HERE, pod_b=NOT_HERE)[0] == PodAnswer(PODS[1], NOT_HERE)
    for says in ({"pod_a": None, "pod_b": NOT_HERE}, {"pod_a": NOT_HERE, "pod_b": None}):
        with pytest.raises(Unavailable):
            looked_for(REQUEST, **says)
    for request in (REQUEST, CHANGE):
        with pytest.raises(Unavailable):
            looked_for(request, pods=())
