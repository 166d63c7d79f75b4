"""All pods: what operators ask of every Nova is asked alike, told in our words, and missed by zone."""

from dataclasses import replace

import pytest

from chalicelib.adapters.memory.pod_number_store import MemoryPodNumberStore
from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import NoAnswer, OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.pod import PodState
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.asking.pod_numbers import PodNumbers
from chalicelib.service.kinds.all_pods import AllPods, Gathered, Told, Wanted
from tests.builders import SetClock, a_pod
from tests.service.desk import OPERATOR
from tests.service.kinds.scripted_pods import ScriptedPods, StrictFanOut, proxy_page, reply, roster_of

OLDEST, OTHER = a_pod("pod-a", "az1"), a_pod("pod-b", "az2")
PODS = (OLDEST, OTHER)
REQUEST = PodRequest("GET", "/os-services", token="a-token", read_timeout_seconds=60.0)
SERVICES = Wanted("services")
NOT_HERE = reply({"itemNotFound": {"code": 404}}, 404)
REFUSED = reply({"badRequest": {"code": 400}}, 400)
FORBIDDEN = reply({"forbidden": {"code": 403}}, 403)
HURRIED = replace(OPERATOR, deadline=Deadline.after(3.0, SetClock()))


def services(*hosts):
    return reply({"services": [{"id": 7, "host": host, "zone": "nova"} for host in hosts]})


def all_pods(pods=PODS, fan_out=None, **says):
    numbers = PodNumbers(MemoryPodNumberStore())
    return AllPods(roster_of(*pods), ScriptedPods(**says), fan_out or StrictFanOut(), numbers, 5.0, 7.0)


def test_every_proven_pod_of_a_zone_can_be_asked_even_a_disabled_one():
    disabled = a_pod("pod-c", state=PodState.DISABLED)
    strangers = a_pod("pod-d", proven=False), a_pod("top", az_name="")

    assert all_pods((*PODS, disabled, *strangers)).pods() == [*PODS, disabled]


@pytest.mark.parametrize("pods", [[], [a_pod("pod-d", proven=False)], [a_pod("top", az_name="")]])
def test_without_such_a_pod_nobody_could_answer(pods):
    with pytest.raises(Unavailable):
        all_pods(pods).pods()


def test_all_are_asked_the_same_and_told_in_our_words():
    asking = all_pods(pod_a=services("cmp1"), pod_b=services("cmp1"))

    gathered = asking.gather(OPERATOR, REQUEST, SERVICES)

    mine = {"services": [{"id": 70001, "host": "cmp1@PodA", "zone": "az1"}]}
    others = {"services": [{"id": 70002, "host": "cmp1@PodB", "zone": "az2"}]}
    assert gathered == Gathered((Told(OLDEST, mine), Told(OTHER, others)))
    assert gathered.rows("services") == [*mine["services"], *others["services"]]
    assert (gathered.rows("hosts"), gathered.partial) == ([], ())
    question = replace(REQUEST, read_timeout_seconds=5.0)
    assert asking.client.asked == [("pod-a", question), ("pod-b", question)]


def test_pods_that_are_named_are_asked_alone():
    asking = all_pods(pod_a=services("cmp1"), pod_b=services("cmp2"))

    assert [told.pod for told in asking.gather(OPERATOR, REQUEST, SERVICES, [OTHER]).told] == [OTHER]
    assert asking.gather(OPERATOR, REQUEST, SERVICES, []) == Gathered(())


@pytest.mark.parametrize(("caller", "wait"), [(OPERATOR, 5.0), (HURRIED, 3.0)])
def test_nobody_waits_longer_than_a_read_may_take_or_than_the_request_has(caller, wait):
    asking = all_pods(pod_a=services(), pod_b=services())

    asking.gather(caller, REQUEST, SERVICES)

    assert asking.fan_out.waits == [wait]


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        proxy_page(200),
        reply({"a": {}}, 500),
        reply({"hosts": []}),
        reply({"services": 1}),
        reply(b'{"services": NaN}'),
        reply(b'{"services": NaN}', 202),
        reply({"services": []}, 202),
        reply(b"", 204, **{"x-openstack-request-id": "req-9"}),
    ],
)
def test_a_pod_that_tells_nothing_is_missed_by_its_zone(nothing):
    gathered = all_pods(pod_a=nothing, pod_b=services("cmp1")).gather(OPERATOR, REQUEST, SERVICES)

    assert ([told.pod for told in gathered.told], gathered.silent, gathered.partial) == (
        [OTHER],
        (OLDEST,),
        ("az1",),
    )


def test_zones_of_silent_pods_are_named_once_in_order():
    silent = Gathered((), (a_pod("a", "az2"), a_pod("b", "az1"), a_pod("c", "az2")))

    assert silent.partial == ("az1", "az2")


def test_what_some_pods_have_not_the_others_tell():
    gathered = all_pods(pod_a=NOT_HERE, pod_b=services()).gather(OPERATOR, REQUEST, SERVICES)

    assert gathered == Gathered((Told(OTHER, {"services": []}),))


def test_what_none_has_is_denied_by_the_oldest():
    with pytest.raises(PodRefused) as refused:
        all_pods(pod_a=NOT_HERE, pod_b=NOT_HERE).gather(OPERATOR, REQUEST, SERVICES)

    assert refused.value.answer == PodAnswer(OLDEST, NOT_HERE)


def test_what_a_silent_pod_may_have_is_denied_by_no_other():
    with pytest.raises(Unavailable):
        all_pods(pod_a=NOT_HERE, pod_b=None).gather(OPERATOR, REQUEST, SERVICES)


@pytest.mark.parametrize(
    ("says", "refusing"),
    [
        ({"pod_a": REFUSED, "pod_b": FORBIDDEN}, PodAnswer(OLDEST, REFUSED)),
        ({"pod_a": REFUSED, "pod_b": NOT_HERE}, PodAnswer(OLDEST, REFUSED)),
        ({"pod_a": NOT_HERE, "pod_b": REFUSED}, PodAnswer(OTHER, REFUSED)),
        ({"pod_a": None, "pod_b": REFUSED}, PodAnswer(OTHER, REFUSED)),
    ],
)
def test_a_query_that_nobody_takes_is_refused_in_a_pods_own_words(says, refusing):
    with pytest.raises(PodRefused) as refused:
        all_pods(**says).gather(OPERATOR, REQUEST, SERVICES)

    assert refused.value.answer == refusing


def test_a_pod_that_refuses_what_another_tells_is_missed_as_a_silent_one_is():
    gathered = all_pods(pod_a=FORBIDDEN, pod_b=services()).gather(OPERATOR, REQUEST, SERVICES)

    assert (gathered.told, gathered.silent) == ((Told(OTHER, {"services": []}),), (OLDEST,))


def test_each_pod_gets_its_own_write_and_its_answer_counts_be_it_a_refusal():
    asking = all_pods(pod_a=services(), pod_b=REFUSED)

    answers = asking.ask(HURRIED, PODS, lambda pod: PodRequest("PUT", f"/{pod.pod_id}", body=b"{}"))

    assert (answers.given, answers.missing) == (((OLDEST, services()), (OTHER, REFUSED)), ())
    assert asking.client.asked == [
        ("pod-a", PodRequest("PUT", "/pod-a", body=b"{}")),
        ("pod-b", PodRequest("PUT", "/pod-b", body=b"{}")),
    ]
    asking.ask(OPERATOR, [], lambda pod: REQUEST)
    assert asking.fan_out.waits == [3.0, 7.0]


@pytest.mark.parametrize("nothing", [None, proxy_page(400), reply({"a": {}}, 500), reply(b'{"a": NaN}')])
def test_a_pod_whose_reply_to_a_write_is_no_answer_is_missing(nothing):
    answers = all_pods(pod_a=nothing, pod_b=REFUSED).ask(OPERATOR, PODS, lambda pod: REQUEST)

    assert (answers.given, answers.missing) == (((OTHER, REFUSED),), (OLDEST,))


def test_a_request_to_one_pod_gets_that_pods_reply():
    asking = all_pods(pod_b=REFUSED)

    assert asking.send(OTHER, REQUEST, "host") == PodAnswer(OTHER, REFUSED)
    assert asking.client.asked == [("pod-b", REQUEST)]


def test_a_change_whose_reply_is_lost_is_to_be_looked_for_by_its_noun():
    asking = all_pods(pod_a=None)

    with pytest.raises(OutcomeUnknown, match="look at the host first"):
        asking.send(OLDEST, replace(REQUEST, method="PUT"), "host")
    with pytest.raises(PodUnreachable):
        asking.send(OLDEST, REQUEST, "host")


def test_a_pods_document_is_told_with_its_number_and_only_if_it_tells_what_is_wanted():
    asking = all_pods()
    asking.numbers.of(PODS)

    told = asking.words(PodAnswer(OTHER, services("cmp1")), SERVICES)

    assert told == {"services": [{"id": 70002, "host": "cmp1@PodB", "zone": "az2"}]}
    assert asking.words(PodAnswer(OTHER, reply({"service": {"id": 3}}))) == {"service": {"id": 30002}}
    for odd in (reply({"services": 1}), reply([]), reply(b"{")):
        with pytest.raises(NoAnswer):
            asking.words(PodAnswer(OTHER, odd), SERVICES)
    with pytest.raises(NoAnswer):
        asking.words(PodAnswer(OTHER, reply([])))
